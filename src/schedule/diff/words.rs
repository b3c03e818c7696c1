//! What became of a rule, and of what a file says for all of them, in words.

use std::collections::HashMap;
use std::fmt::Display;

use super::selector::{Keys, Part, described, difference};
use crate::schedule::changes::Change;
use crate::schedule::duration::written;
use crate::schedule::rule::{Account, Drift, Rule, Schedules, Start};
use crate::schedule::times::Times;

const SELECT: Part = Part { label: "`select`", keys: Keys::All, fate: "match" };
const EXCEPT: Part = Part { label: "`except`", keys: Keys::All, fate: "are left alone" };
const PROTECT: Part = Part { label: "`[protect]`", keys: Keys::Any, fate: "are protected" };

/// When rules fire in words, as far as they have been needed: large files say the same again
/// and again.
#[derive(Default)]
pub(super) struct Phrases<'a>(HashMap<&'a Times, Option<String>>);

/// A sentence for each thing that became of a rule.
pub(super) fn of_rule<'a>(change: &Change<'a>, phrases: &mut Phrases<'a>) -> Vec<String> {
    match change {
        Change::Added(rule) => vec![summary(rule, phrases)],
        Change::Altered(old, new) => altered(old, new, phrases),
        Change::Removed(rule) => vec![format!("is gone; it {}", done(rule, phrases))],
    }
}

/// A sentence for each thing that differs for all rules.
pub(super) fn of_file(old: &Schedules, new: &Schedules) -> Vec<String> {
    let mut words: Vec<String> =
        difference(PROTECT, &old.protect, &new.protect).into_iter().collect();
    for (name, account) in &new.accounts {
        match old.accounts.get(name) {
            None => words.push(format!("account `{name}` is new")),
            Some(before) => words.extend(account_words(before, account)),
        }
    }
    let gone = old.accounts.keys().filter(|name| !new.accounts.contains_key(*name));
    words.extend(gone.map(|name| format!("account `{name}` is gone")));
    if old.audit != new.audit {
        words.push("`[audit]` differs: a daemon that runs has to be restarted".to_owned());
    }
    if old.observe != new.observe {
        let every = |file: &Schedules| file.observe.map_or("off".to_owned(), written);
        words.push(format!("`[observe] every` is {}, was {}", every(new), every(old)));
    }
    if old.notify != new.notify {
        words.push("`[[notify]]` differs: others are told, or of other things".to_owned());
    }
    if old.heartbeat_url != new.heartbeat_url {
        words.push("`heartbeat_url` differs".to_owned());
    }
    words
}

fn account_words(old: &Account, new: &Account) -> Option<String> {
    let differs = [
        ("platform", old.platform != new.platform),
        ("gateway", old.gateway != new.gateway),
        ("resource_manager", old.resource_manager != new.resource_manager),
        ("regions", old.regions != new.regions),
        ("credentials", old.credentials != new.credentials),
    ];
    let keys: Vec<String> =
        differs.iter().filter(|(_, differs)| *differs).map(|(key, _)| format!("`{key}`")).collect();
    (!keys.is_empty()).then(|| format!("account `{}` differs in {}", new.name, keys.join(", ")))
}

fn altered<'a>(old: &'a Rule, new: &'a Rule, phrases: &mut Phrases<'a>) -> Vec<String> {
    let mut words = Vec::new();
    if old.name != new.name {
        words.push(format!("was called `{}`, which its past in the log still is", old.name));
    }
    if old.action != new.action {
        words.push(format!("{}s what it used to {}", new.action, old.action));
    }
    if old.times != new.times {
        words.push(phrases.compared(&old.times, &new.times));
    }
    words.extend(now("timezone", new.timezone, old.timezone));
    words.extend(now("account", &new.account, &old.account));
    words.extend(difference(SELECT, &old.select, &new.select));
    words.extend(difference(EXCEPT, &old.except, &new.except));
    words.extend(match (old.enabled, new.enabled) {
        (true, false) => Some("is disabled: it does not fire any more".to_owned()),
        (false, true) => Some("is enabled: it fires from now on".to_owned()),
        _ => None,
    });
    words.extend(match (old.dry_run, new.dry_run) {
        (true, false) => Some(format!("is no dry run any more: it {}s for real", new.action)),
        (false, true) => Some("is a dry run: it sends nothing any more".to_owned()),
        _ => None,
    });
    words.extend(now("max_instances", new.max_instances, old.max_instances));
    words.extend(now("patience", written(new.patience), written(old.patience)));
    words.extend(now("late", written(new.late), written(old.late)));
    words.extend(now("drift", drift(new), drift(old)));
    words.extend(now("on_manual_start", of_manual_start(new), of_manual_start(old)));
    words.extend(now("start", start(new), start(old)));
    words
}

/// A key that has another value now.
fn now(key: &str, new: impl Display, old: impl Display) -> Option<String> {
    let (new, old) = (new.to_string(), old.to_string());
    (old != new).then(|| format!("`{key}` is {new}, was {old}"))
}

fn drift(rule: &Rule) -> &'static str {
    match rule.drift {
        Drift::Refuse => "`refuse`",
        Drift::Allow => "`allow`",
    }
}

fn of_manual_start(rule: &Rule) -> String {
    format!("`{}`", rule.on_manual_start)
}

fn start(rule: &Rule) -> &'static str {
    match rule.start {
        Start::All => "`all`",
        Start::Ours => "`ours`",
    }
}

/// What a rule does.
fn summary<'a>(rule: &'a Rule, phrases: &mut Phrases<'a>) -> String {
    let except = match described(&rule.except) {
        except if except.is_empty() => String::new(),
        except => format!(" except {except}"),
    };
    let kept = match (rule.enabled, rule.dry_run) {
        (false, _) => "; disabled",
        (true, true) => "; a dry run",
        (true, false) => "",
    };
    let (action, select) = (rule.action, described(&rule.select));
    format!("{action}s {select}{except} at {}, {}{kept}", phrases.named(&rule.times), rule.timezone)
}

/// What a rule that is gone did.
fn done<'a>(rule: &'a Rule, phrases: &mut Phrases<'a>) -> String {
    format!(
        "{} {} at {}, {}",
        rule.action.done(),
        described(&rule.select),
        phrases.named(&rule.times),
        rule.timezone
    )
}

impl<'a> Phrases<'a> {
    /// Two that differ, be it in notation only.
    fn compared(&mut self, old: &'a Times, new: &'a Times) -> String {
        let was = self.described(old).map(ToOwned::to_owned);
        match self.described(new) {
            Some(is) if was.as_deref() == Some(is) => {
                format!("writes `{new}` for `{old}`, both: {is}")
            }
            _ => format!("fires at {}, was {}", self.named(new), self.named(old)),
        }
    }

    /// When a rule fires, with its words where there are any.
    fn named(&mut self, times: &'a Times) -> String {
        match self.described(times) {
            Some(words) => format!("`{times}` ({words})"),
            None => format!("`{times}`"),
        }
    }

    fn described(&mut self, times: &'a Times) -> Option<&str> {
        self.0.entry(times).or_insert_with(|| times.describe()).as_deref()
    }
}
