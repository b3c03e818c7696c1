//! Checks how a rule goes about its work: `after`, `ask`, `stagger` and `jitter`.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;

use super::firings;
use super::{Check, Defaults};
use crate::model::instance::{Action, RuleName};
use crate::schedule::hint::Hint;
use crate::schedule::pace::{AskCommand, AskSilence, Pace};
use crate::schedule::raw::Text;
use crate::schedule::rule::Rule;
use crate::text::did_you_mean::nearest;
use crate::time::duration::{parse_duration, written as spoken};

const ASK_TIMEOUT: Duration = Duration::from_secs(30);

/// The keys as they are written.
pub(super) struct Written {
    pub(super) after: Option<Text>,
    pub(super) ask: Option<Spanned<Vec<Text>>>,
    pub(super) ask_timeout: Option<Text>,
    pub(super) ask_silence: Option<Spanned<AskSilence>>,
    pub(super) stagger: Option<Text>,
    pub(super) jitter: Option<Text>,
}

/// The place of each `after`, by the name of its rule.
pub(super) type Afters = HashMap<RuleName, Range<usize>>;

impl Check<'_> {
    /// The pace of an entry; [`of_action`] leaves to each of its rules what concerns it.
    pub(super) fn pace(
        &mut self,
        written: Written,
        firings: &firings::Written,
        (patience, defaults): (Duration, &Defaults),
    ) -> Option<Pace> {
        let mut is_wrong = false;
        if let Some(after) = written.after.as_ref().filter(|_| firings.is_only(Action::Stop)) {
            let hint = "it belongs into a window, or a rule with `action = \"start\"`";
            self.error(after.span(), "a rule that stops waits for no start", hint);
            is_wrong = true;
        }
        if let Some(ask) = written.ask.as_ref().filter(|_| firings.is_only(Action::Start)) {
            let hint = "it belongs into a window, or a rule with `action = \"stop\"`";
            self.error(ask.span(), "only before a stop is a program asked", hint);
            is_wrong = true;
        }
        let mut length = |text: Option<Text>| match text {
            Some(text) => self.duration(&text, parse_duration),
            None => Some(Duration::ZERO),
        };
        let (stagger, jitter) = (length(written.stagger), length(written.jitter));
        let ask = self.ask((written.ask, patience), written.ask_timeout, written.ask_silence);
        let after = written.after.map(|after| self.awaited(&after));
        let after = match after {
            Some(after) => Some(after?),
            None => None,
        };
        let pace = Pace {
            after,
            jitter: jitter?,
            stagger: stagger?,
            ask: ask.ok()?,
            grace: defaults.grace,
        };
        (!is_wrong).then_some(pace)
    }

    fn awaited(&mut self, after: &Text) -> Option<RuleName> {
        match RuleName::new(after.get_ref().as_str()) {
            Ok(name) => Some(name),
            Err(error) => {
                self.error(after.span(), error.to_string(), "the name of another rule");
                None
            }
        }
    }

    /// The program that is asked, if any; an error has been reported.
    fn ask(
        &mut self,
        (ask, patience): (Option<Spanned<Vec<Text>>>, Duration),
        timeout: Option<Text>,
        silence: Option<Spanned<AskSilence>>,
    ) -> Result<Option<AskCommand>, ()> {
        let Some(ask) = ask else {
            let timeout = timeout.map(|it| ("ask_timeout", it.span()));
            let silence = silence.map(|it| ("ask_silence", it.span()));
            for (key, span) in timeout.iter().chain(&silence) {
                let message = format!("`{key}` stands where no program is asked");
                self.error(span.clone(), message, "add `ask = [\"PROGRAM\"]`, or remove it");
            }
            return if timeout.is_none() && silence.is_none() { Ok(None) } else { Err(()) };
        };
        let given = timeout.map(|text| (self.duration(&text, parse_duration), text.span()));
        let timeout = match given {
            None => ASK_TIMEOUT.min(patience / 2),
            Some((timeout, span)) => {
                let timeout = timeout.ok_or(())?;
                if timeout.is_zero() {
                    let hint = "a number and its unit: `s`, `m` or `h`";
                    self.error(span, "no program answers within no time", hint);
                } else if timeout >= patience {
                    let message =
                        format!("the rule's patience of {} would end first", spoken(patience));
                    self.error(span, message, "make `patience` longer, or `ask_timeout` shorter");
                }
                timeout
            }
        };
        let (program, arguments) = self.program(&ask, "ask").ok_or(())?;
        let (folder, silence) = (self.folder.clone(), silence.map(Spanned::into_inner));
        let silence = silence.unwrap_or_default();
        Ok(Some(AskCommand { program, arguments, folder, timeout, silence }))
    }

    /// Checks each `after` against the other rules.
    pub(super) fn afters(&mut self, rules: &[Rule], afters: &Afters) {
        let starts: HashMap<&RuleName, &Rule> = rules
            .iter()
            .filter(|rule| rule.action == Action::Start)
            .map(|rule| (&rule.name, rule))
            .collect();
        for rule in rules {
            let Some(after) = &rule.pace.after else { continue };
            let Some(span) = afters.get(&rule.name).cloned() else { continue };
            let Some(first) = starts.get(after) else {
                self.no_start_to_wait_for(rules, after, span);
                continue;
            };
            if comes_after_itself(rule, &starts) {
                let message = format!("`{}` waits for itself", rule.name);
                let hint = "take `after` out of one of the rules that wait for each other";
                self.error(span, message, hint);
            } else if !first.enabled && rule.enabled {
                let message = format!("`{after}` is disabled, and so starts nothing to wait for");
                let problem = self.source.warning(span, message, "enable it, or remove `after`");
                self.problems.push(problem);
            }
        }
    }

    fn no_start_to_wait_for(&mut self, rules: &[Rule], after: &RuleName, span: Range<usize>) {
        if rules.iter().any(|rule| rule.name == *after) {
            let message = format!("`{after}` starts nothing");
            self.error(span, message, "name a window, or a rule with `action = \"start\"`");
            return;
        }
        if self.losses.hide("rules") {
            return;
        }
        let names = rules.iter().filter(|rule| rule.action == Action::Start);
        let hint: Hint = match nearest(after.as_str(), names.map(|rule| rule.name.as_str())) {
            Some(near) => format!("did you mean `{near}`?").into(),
            None => "name a window, or a rule with `action = \"start\"`".into(),
        };
        self.error(span, format!("there is no rule `{after}`"), hint);
    }
}

/// What of an entry's pace concerns its rule of this action.
pub(super) fn of_action(pace: &Pace, action: Action) -> Pace {
    match action {
        Action::Stop => Pace { after: None, ..pace.clone() },
        Action::Start => Pace { ask: None, grace: Duration::ZERO, ..pace.clone() },
    }
}

fn comes_after_itself(rule: &Rule, starts: &HashMap<&RuleName, &Rule>) -> bool {
    let mut met = HashSet::new();
    let mut next = rule.pace.after.as_ref();
    while let Some(name) = next.filter(|name| met.insert(*name)) {
        if *name == rule.name {
            return true;
        }
        next = starts.get(name).and_then(|rule| rule.pace.after.as_ref());
    }
    false
}
