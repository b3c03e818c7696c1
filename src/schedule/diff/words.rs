//! Puts the changes of a rule, and of the file's values for all rules, into words.

use std::collections::HashMap;
use std::sync::Arc;

use super::new_value::now;
use super::selector::{Keys, Part, described, difference};
use super::{days, overrides, pace};
use crate::model::instance::Action;
use crate::schedule::budget::Budget;
use crate::schedule::changes::Change;
use crate::schedule::rule::{Account, Drift, Rule, RuleEntry, Schedules, Start};
use crate::schedule::times::Times;
use crate::text::sanitize::harmless;
use crate::time::duration::written;

const SELECT: Part = Part { label: "`select`", keys: Keys::All, fate: "match" };
const EXCEPT: Part = Part { label: "`except`", keys: Keys::All, fate: "are left alone" };
const PROTECT: Part = Part { label: "`[protect]`", keys: Keys::Any, fate: "are protected" };

/// The times of rules in words, kept because large files repeat them.
#[derive(Default)]
pub(super) struct Phrases<'a>(HashMap<&'a Times, Option<String>>);

/// A sentence for each change of a rule.
pub(super) fn of_rule<'a>(change: &Change<'a>, phrases: &mut Phrases<'a>) -> Vec<String> {
    match change {
        Change::Added(entry) => vec![summary(entry, phrases)],
        Change::Altered(old, new) => altered(old, new, phrases),
        Change::Removed(entry) => vec![format!("is gone; it {}", done(entry, phrases))],
    }
}

/// A sentence for each difference that concerns all rules.
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
    let longest = |file: &Schedules| written(file.holds.longest);
    words.extend(now("max_hold", longest(new), longest(old)));
    words.extend(match (&old.holds.tag, &new.holds.tag) {
        (old, new) if old == new => None,
        (_, Some(key)) => Some(format!("tag `{key}` holds servers")),
        (old, None) => {
            let key = old.as_deref().unwrap_or_default();
            Some(format!("tag `{key}` holds no servers any more"))
        }
    });
    words.extend(days::of_calendars(&old.calendars, &new.calendars));
    if old.audit != new.audit {
        words.push("`[audit]` differs: a daemon that runs has to be restarted".to_owned());
    }
    if old.web != new.web {
        words.push("`[web]` differs: a daemon that runs has to be restarted".to_owned());
    }
    words.extend(budget_words(&old.budget, &new.budget));
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

fn budget_words(old: &Budget, new: &Budget) -> impl Iterator<Item = String> {
    let at_limit = |budget: &Budget| format!("\"{}\"", budget.at_limit.as_str());
    let count = |budget: &Budget| format!("\"{}\"", budget.count.as_str());
    let words = [
        now("[budget] in_a_row", new.in_a_row, old.in_a_row),
        now("[budget] in_12_months", new.in_12_months, old.in_12_months),
        now("[budget] count", count(new), count(old)),
        now("[budget] at_limit", at_limit(new), at_limit(old)),
    ];
    words.into_iter().flatten()
}

fn account_words(old: &Account, new: &Account) -> Option<String> {
    let differs = [
        ("platform", old.platform != new.platform),
        ("gateway", old.gateway != new.gateway),
        ("resource_manager", old.resource_manager != new.resource_manager),
        ("regions", old.regions != new.regions),
        ("credentials", old.credentials != new.credentials),
        ("proxy", old.proxy != new.proxy),
    ];
    let keys: Vec<String> =
        differs.iter().filter(|(_, differs)| *differs).map(|(key, _)| format!("`{key}`")).collect();
    (!keys.is_empty()).then(|| format!("account `{}` differs in {}", new.name, keys.join(", ")))
}

fn altered<'a>(
    before: &'a RuleEntry,
    after: &'a RuleEntry,
    phrases: &mut Phrases<'a>,
) -> Vec<String> {
    // The two rules of a window differ little.
    let (old, new) = (&before[0], &after[0]);
    let (did, does) = (actions(before, Action::as_str), actions(after, does));
    let mut words = Vec::new();
    if old.name != new.name {
        words.push(format!("was called `{}`, which its past in the log still is", old.name));
    }
    words.extend(now("about", about(new), about(old)));
    if did != actions(after, Action::as_str) {
        words.push(format!("{does} what it used to {did}"));
    }
    if old.times.pattern != new.times.pattern {
        words.push(phrases.compared(&old.times, &new.times));
    }
    words.extend(days::differences(&old.times.days, &new.times.days));
    words.extend(overrides::differences(&old.times.overrides, &new.times.overrides));
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
        (true, false) => Some(format!("is no dry run any more: it {does} for real")),
        (false, true) => Some("is a dry run: it sends nothing any more".to_owned()),
        _ => None,
    });
    words.extend(now("max_instances", new.max_instances, old.max_instances));
    words.extend(now("patience", written(new.patience), written(old.patience)));
    words.extend(now("drift", drift(new), drift(old)));
    words.extend(pace::differences(&old.pace, &new.pace));
    if let (Some(old), Some(new)) = (before.last(), after.last()) {
        words.extend(pace::awaited(&old.pace, &new.pace));
    }
    words.extend(now("on_manual_start", of_manual_start(new), of_manual_start(old)));
    // If a window comes or goes, these defaults change with it.
    if before.len() == after.len() {
        words.extend(now("late", late(after), late(before)));
        words.extend(now("start", start(after), start(before)));
    }
    words
}

fn about(rule: &Rule) -> String {
    rule.about.as_ref().map_or("not given".to_owned(), |about| format!("\"{}\"", harmless(about)))
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

/// The instances that an entry starts, if any.
fn start(entry: &RuleEntry) -> &'static str {
    match entry[entry.len() - 1].start {
        Start::All => "`all`",
        Start::Ours => "`ours`",
    }
}

/// The values of `late`. The two rules of a window have different ones by default.
fn late(entry: &RuleEntry) -> String {
    let of = |rule: &Arc<Rule>| written(rule.late);
    match entry {
        [stop, start] if stop.late != start.late => {
            format!("{} to stop, {} to start", of(stop), of(start))
        }
        _ => of(&entry[0]),
    }
}

/// The actions of an entry, such as `stops and starts`.
fn actions(entry: &RuleEntry, word: fn(Action) -> &'static str) -> String {
    entry.iter().map(|rule| word(rule.action)).collect::<Vec<_>>().join(" and ")
}

fn does(action: Action) -> &'static str {
    match action {
        Action::Stop => "stops",
        Action::Start => "starts",
    }
}

fn summary<'a>(entry: &'a RuleEntry, phrases: &mut Phrases<'a>) -> String {
    let rule = &entry[0];
    let except = match described(&rule.except) {
        except if except.is_empty() => String::new(),
        except => format!(" except {except}"),
    };
    let kept = match (rule.enabled, rule.dry_run) {
        (false, _) => "; disabled",
        (true, true) => "; a dry run",
        (true, false) => "",
    };
    let (does, select) = (actions(entry, does), described(&rule.select));
    let (when, days) = (phrases.when(&rule.times), days::described(&rule.times.days));
    let changed = overrides::described(&rule.times.overrides);
    format!("{does} {select}{except}{when}{days}{changed}, {}{kept}", rule.timezone)
}

/// The actions and times of a removed rule.
fn done<'a>(entry: &'a RuleEntry, phrases: &mut Phrases<'a>) -> String {
    let rule = &entry[0];
    let (did, select) = (actions(entry, Action::done), described(&rule.select));
    format!("{did} {select}{}, {}", phrases.when(&rule.times), rule.timezone)
}

impl<'a> Phrases<'a> {
    /// Two times that differ, perhaps only in notation.
    fn compared(&mut self, old: &'a Times, new: &'a Times) -> String {
        if let Some(words) = self.described(new).map(ToOwned::to_owned)
            && self.described(old) == Some(&words)
        {
            return format!("writes `{new}` for `{old}`, both: {words}");
        }
        let (was, is) = (self.named(old), self.named(new));
        match (old.window(), new.window()) {
            (_, None) => format!("fires at {is}, was {was}"),
            (None, Some(_)) => format!("is {is}, fired at {was}"),
            (Some(_), Some(_)) => format!("is {is}, was {was}"),
        }
    }

    /// The times of a rule, to follow its action in a sentence.
    fn when(&mut self, times: &'a Times) -> String {
        let at = if times.window().is_some() { ", " } else { " at " };
        format!("{at}{}", self.named(times))
    }

    /// The times of a rule: a window, or an expression with its words if it has any.
    fn named(&mut self, times: &'a Times) -> String {
        match self.described(times) {
            _ if times.window().is_some() => times.to_string(),
            Some(words) => format!("`{times}` ({words})"),
            None => format!("`{times}`"),
        }
    }

    fn described(&mut self, times: &'a Times) -> Option<&str> {
        self.0.entry(times).or_insert_with(|| times.describe()).as_deref()
    }
}
