//! Checks `[[rules]]`, entry by entry and against each other, with their overrides.
//!
//! `selector`, `firings`, `days` and `window` check the parts of an entry.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use toml::Spanned;

use super::overlap::{self, Overlap};
use super::overrides::Named;
use super::pace::{self, Afters};
use super::{Check, Defaults, clash, days, firings, window};
use crate::model::instance::{AccountName, Action, RuleName};
use crate::schedule::hint::Hint;
use crate::schedule::observe::OnManualStart;
use crate::schedule::overrides::OverrideEntry;
use crate::schedule::raw::{self, Text};
use crate::schedule::rule::{Rule, Start};
use crate::schedule::selector::Selector;
use crate::schedule::stop_budget::STOP_BUDGET;
use crate::text::did_you_mean::nearest;
use crate::time::duration::{DurationError, parse_duration};
use crate::time::zone::Zone;

const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// The default of `late` for a stop. A start has none: a late start costs money and helps nobody.
const LATE_STOP: Duration = Duration::from_secs(60 * 60);

impl Check<'_> {
    pub(super) fn rules(
        &mut self,
        rules: Vec<Spanned<raw::Rule>>,
        overrides: Vec<Spanned<raw::Override>>,
        defaults: &Defaults,
    ) -> (Vec<Rule>, Vec<OverrideEntry>) {
        self.every_rule_has_a_zone(&rules, defaults);
        let mut seen = HashMap::new();
        let mut whens = Vec::with_capacity(rules.len());
        let mut checked = Vec::with_capacity(rules.len());
        let mut afters = Afters::new();
        for rule in rules {
            let when = when(&rule);
            let after = rule.get_ref().after.as_ref().map(Text::span);
            for rule in self.rule(rule, defaults, &mut seen).into_iter().flatten() {
                afters.extend(after.clone().map(|after| (rule.name.clone(), after)));
                checked.push(rule);
                whens.push(when.clone());
            }
        }
        let named = Named { written: &seen, rules: &mut checked };
        let overrides = self.overrides(overrides, named);
        for (stop, start) in clash::find(&checked) {
            let (earlier, later) = (stop.min(start), stop.max(start));
            let message = format!(
                "rules `{}` and `{}` stop and start the same servers at one instant",
                checked[stop].name, checked[start].name,
            );
            let hint = format!(
                "the other is on line {}; move one of them",
                self.source.line_of(whens[earlier].start),
            );
            let problem = self.source.warning(whens[later].clone(), message, hint);
            self.problems.push(problem);
        }
        self.overlaps(&checked, &whens);
        self.afters(&checked, &afters);
        (checked, overrides)
    }

    /// Warns of windows that start servers that others keep off. `whens`: the place of each rule's
    /// times.
    fn overlaps(&mut self, rules: &[Rule], whens: &[Range<usize>]) {
        for Overlap { ending, lasting, at } in overlap::find(rules) {
            let at = rules[ending].timezone.show(at).format("%A %H:%M");
            let message = format!(
                "`{}` starts what `{}` is to keep off, such as on {at}",
                rules[ending].name, rules[lasting].name,
            );
            let hint = format!(
                "the other is on line {}; one window can have the `off` and `off_days` of both",
                self.source.line_of(whens[ending.min(lasting)].start),
            );
            let problem = self.source.warning(whens[ending.max(lasting)].clone(), message, hint);
            self.problems.push(problem);
        }
    }

    /// Reported once: without a zone in the file, each rule would have the problem.
    fn every_rule_has_a_zone(&mut self, rules: &[Spanned<raw::Rule>], defaults: &Defaults) {
        if defaults.names_zone || self.losses.hide("timezone") {
            return;
        }
        let has_none = |rule: &&Spanned<raw::Rule>| {
            rule.get_ref().timezone.is_none() && !self.losses.touch(&rule.span())
        };
        let Some(rule) = rules.iter().find(has_none) else { return };
        let hint = "write `timezone = \"CONTINENT/CITY\"` at the top, above the first table";
        self.error(rule.span(), "neither the file nor this rule names a time zone", hint);
    }

    /// The rule, or the two rules of a window, if all of it can be read. Otherwise its problems
    /// have been reported.
    fn rule(
        &mut self,
        rule: Spanned<raw::Rule>,
        defaults: &Defaults,
        seen: &mut HashMap<String, usize>,
    ) -> Option<Vec<Rule>> {
        let span = rule.span();
        let rule = rule.into_inner();
        let name = rule.name.and_then(|name| self.rule_name(&name, seen));
        let timezone = match &rule.timezone {
            Some(zone) => self.zone(zone),
            None => defaults.zone,
        };
        let written = firings::Written {
            action: rule.action,
            cron: rule.cron,
            timezone: rule.timezone,
            is_meant: rule.about.is_some(),
            days: days::Written { skip_on: rule.skip_on, only_on: rule.only_on, on: rule.on },
            window: window::Written { off: rule.off, off_days: rule.off_days },
        };
        let start = self.start(rule.start, &written);
        let pace = pace::Written {
            after: rule.after,
            ask: rule.ask,
            ask_timeout: rule.ask_timeout,
            ask_silence: rule.ask_silence,
            stagger: rule.stagger,
            jitter: rule.jitter,
        };
        let on_manual_start = self.on_manual_start(rule.on_manual_start, &written, defaults);
        let patience = rule.patience.map(|text| self.duration(&text, parse_duration));
        let pace = self.pace(pace, &written, (patience.flatten().unwrap_or(PATIENCE), defaults));
        let firings = self.firings(written, timezone.unwrap_or(Zone::UTC));
        let account = self.account_of(rule.account, defaults, span.clone());
        let select = rule.select.map(|select| self.select(select));
        let except =
            rule.except.map_or_else(Selector::default, |except| self.selector(except, "except"));
        let late = rule.late.map(|text| self.duration(&text, parse_duration));
        let is_disabled = rule.enabled == Some(false) || self.losses.touch(&span);
        let disabled = self.disabled(rule.disabled_since, rule.disabled_because, is_disabled);
        let (firings, start, on_manual_start) = (firings?, start?, on_manual_start?);
        let (name, account, select) = (name?, account?, select?);
        let (timezone, disabled, pace) = (timezone?, disabled?, pace?);
        let patience = patience.unwrap_or(Some(PATIENCE))?;
        let late = match late {
            Some(late) => Some(late?),
            None => None,
        };
        let about: Option<Arc<str>> = rule.about.map(Arc::from);
        let rule = |(action, times)| Rule {
            name: name.clone(),
            about: about.clone(),
            action,
            times,
            timezone,
            account: account.clone(),
            select: select.clone(),
            except: except.clone(),
            patience,
            late: late.unwrap_or(match action {
                Action::Stop => LATE_STOP,
                Action::Start => Duration::ZERO,
            }),
            max_instances: rule.max_instances.unwrap_or(defaults.max_instances),
            enabled: rule.enabled.unwrap_or(true),
            disabled: disabled.clone(),
            dry_run: rule.dry_run.unwrap_or(false),
            drift: rule.drift.unwrap_or_default(),
            on_manual_start: match action {
                Action::Stop => on_manual_start,
                Action::Start => OnManualStart::default(),
            },
            start: match action {
                Action::Stop => Start::default(),
                Action::Start => start,
            },
            pace: pace::of_action(&pace, action),
        };
        Some(firings.into_iter().map(rule).collect())
    }

    /// The instances that a rule starts. A rule that starts none must not have this key.
    fn start(
        &mut self,
        start: Option<Spanned<Start>>,
        written: &firings::Written,
    ) -> Option<Start> {
        let usual = if written.is_window() { Start::Ours } else { Start::All };
        let Some(start) = start else { return Some(usual) };
        if !written.is_only(Action::Stop) {
            return Some(start.into_inner());
        }
        let hint = "it belongs into a window, or a rule with `action = \"start\"`";
        self.error(start.span(), "a rule that stops does not say what to start", hint);
        None
    }

    fn rule_name(&mut self, name: &Text, seen: &mut HashMap<String, usize>) -> Option<RuleName> {
        if let Some(first) = seen.get(name.get_ref()) {
            let message = format!("two rules are called `{}`", name.get_ref());
            let hint = format!(
                "the first is on line {}; the log tells rules apart by their names",
                self.source.line_of(*first),
            );
            self.error(name.span(), message, hint);
            return None;
        }
        if name.get_ref() == STOP_BUDGET {
            let message = format!("`{STOP_BUDGET}` is what the log calls starts by `[budget]`");
            self.error(name.span(), message, "choose another name");
            return None;
        }
        seen.insert(name.get_ref().clone(), name.span().start);
        match RuleName::new(name.get_ref().as_str()) {
            Ok(name) => Some(name),
            Err(error) => {
                self.error(name.span(), error.to_string(), renamed(name.get_ref()));
                None
            }
        }
    }

    /// The named account, or the only one. `whose` is the part of the file that names it.
    pub(super) fn account_of(
        &mut self,
        account: Option<Text>,
        defaults: &Defaults,
        whose: Range<usize>,
    ) -> Option<AccountName> {
        let known = &defaults.accounts;
        let Some(account) = account else {
            return match known.as_slice() {
                [only] => AccountName::new(only.as_str()).ok(),
                [] => None,
                [first, ..] => {
                    let message =
                        format!("there are {} accounts, and none is named here", known.len());
                    self.error(whose, message, format!("add `account = \"{first}\"` or another"));
                    None
                }
            };
        };
        if known.binary_search(account.get_ref()).is_ok() {
            return AccountName::new(account.get_ref().as_str()).ok();
        }
        if known.is_empty() || self.losses.hide("accounts") {
            // A file without any account is reported once.
            return None;
        }
        if self.source.has_said_enough() {
            self.error(account.span(), "there is no such account", "");
            return None;
        }
        let hint = match nearest(account.get_ref(), known.iter().map(String::as_str)) {
            Some(near) => Hint::meant(near, self.source.rewriting(&account, near)),
            None => format!(
                "add `[accounts.{}]`, or name one of: {}",
                account.get_ref(),
                known.join(", ")
            )
            .into(),
        };
        self.error(account.span(), format!("there is no account `{}`", account.get_ref()), hint);
        None
    }

    pub(super) fn duration(
        &mut self,
        text: &Text,
        parse: fn(&str) -> Result<Duration, DurationError>,
    ) -> Option<Duration> {
        match parse(text.get_ref()) {
            Ok(duration) => Some(duration),
            Err(error) => {
                let hint = match &error.meant {
                    Some(meant) => Hint::fixing(&*error.hint, self.source.rewriting(text, meant)),
                    None => error.hint.as_str().into(),
                };
                self.error(text.span(), error.to_string(), hint);
                None
            }
        }
    }
}

/// The place in the file of a rule's times.
fn when(rule: &Spanned<raw::Rule>) -> Range<usize> {
    let raw::Rule { cron, off, off_days, .. } = rule.get_ref();
    let window = off.iter().chain(off_days).map(Spanned::span);
    cron.iter().map(Spanned::span).chain(window).next().unwrap_or_else(|| rule.span())
}

/// The name with only allowed characters, if anything remains.
fn renamed(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name: String = name.chars().map(|c| if allowed(c) { c } else { '-' }).collect();
    match name.trim_matches('-') {
        "" => "letters, digits, `-` and `_`".to_owned(),
        name => format!("letters, digits, `-` and `_`: `{name}`"),
    }
}
