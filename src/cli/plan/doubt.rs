//! Prints the remarks on a plan: unreadable parts, unmatched entries, and guards.

use std::collections::BTreeSet;

use crate::cli::{Exit, output};
use crate::inventory::Reading;
use crate::model::instance::{AccountName, InstanceNo, RegionCode};
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::model::tags_in_use::TagsInUse;
use crate::schedule::selector::TagQuestion;
use crate::schedule::{Rule, Schedules};
use crate::select::eligibility::Selection;
use crate::select::unmatched::Matching;
use crate::text::did_you_mean::nearest;

/// The likely mistakes behind an unmatched entry.
const UNMATCHED: &str = "look for a typing mistake, a tag that was renamed, a server that was returned or \
                         lies in another account or region";

/// Prints the problems of a reading, once for all its rules.
pub(in super::super) fn about_reading(account: &AccountName, reading: &Reading) -> Exit {
    let mut exit = Exit::Ok;
    let unlisted = reading.unlisted.iter().map(|failed| (failed, "could not be listed"));
    let untagged = reading.untagged.iter().map(|failed| (failed, "its tags could not be read"));
    for ((region, error), what) in unlisted.chain(untagged) {
        let message = format!("account `{account}`, region {region}: {what}: {error}");
        output::error(&message, output::about_cloud(error));
        exit = Exit::CloudFailed;
    }
    for read in &reading.regions {
        for unread in &read.unread {
            let what = Reason::LeftOut(unread.error.to_string());
            warn_left_out(account, Some(&read.region), &what.to_string());
        }
    }
    if !reading.unlisted_tagged.is_empty() {
        let message = format!(
            "account `{account}`: tagged, but not in the server list: {}",
            joined(&reading.unlisted_tagged)
        );
        output::warn(&message, Some("such servers are left alone"));
    }
    exit
}

/// Warns of a list entry that cannot be read.
pub(in super::super) fn warn_left_out(
    account: &AccountName,
    region: Option<&RegionCode>,
    what: &str,
) {
    let region = region.map(|region| format!(", region {region}")).unwrap_or_default();
    let message = format!("account `{account}`{region}: {what}");
    output::warn(&message, Some("nothing is known of its state, so it is left alone"));
}

/// Prints the oddities of a rule's selection in a reading.
pub(super) fn about_selection(rule: &Rule, selection: &Selection<'_>, reading: &Reading) {
    let name = &rule.name;
    match selection.unjudged.len() {
        // The tags in use are told with it.
        0 if matched_nothing(selection, reading) => {}
        0 => {}
        unjudged => {
            let noun = if unjudged == 1 { "server" } else { "servers" };
            let message =
                format!("rule `{name}` may mean {unjudged} more {noun}: tags could not be read");
            output::warn(&message, Some("what could not be judged is left alone"));
        }
    }
    let mut matching = Matching::of_rule(rule);
    matching.take(reading);
    if reading.unlisted.is_empty() && !matches_nothing_at_all(rule, selection) {
        for entry in matching.unmatched() {
            let message = format!("rule `{name}` matches nothing: {entry}");
            output::warn(&message, Some(UNMATCHED));
        }
    }
}

/// Whether all servers are known, and the rule means none of them.
pub(super) fn matched_nothing(selection: &Selection<'_>, reading: &Reading) -> bool {
    selection.unjudged.is_empty() && selection.matches.is_empty() && reading.unlisted.is_empty()
}

/// Warns that a rule means no server, with the tags that there are instead.
pub(super) fn warn_of_nothing(rule: &Rule, tags: Option<&TagsInUse>) {
    let message = format!("rule `{}` matched no server", rule.name);
    let asked = rule.select.questions().next();
    let hint = asked.zip(tags).map(|(asked, tags)| instead(asked, tags));
    output::warn(&message, hint.as_deref());
}

/// The tags that servers carry instead of the one that is asked for.
fn instead(asked: &TagQuestion, tags: &TagsInUse) -> String {
    let (key, looked_at) = (&asked.key, tags.servers);
    if tags.keys.is_empty() {
        return format!("none of the {looked_at} servers that were looked at has a tag");
    }
    let meant = |near: Option<&str>| match near {
        Some(near) => format!("; did you mean `{near}`?"),
        None => String::new(),
    };
    if let Some(values) = tags.values(key) {
        let known = tags.keys[key].keys().map(String::as_str);
        let near = nearest(&asked.value.to_string(), known);
        let near = near.map(|near| format!("{key}={near}"));
        return format!(
            "no server has tag `{asked}`; the values of `{key}` in use: {values}{}",
            meant(near.as_deref())
        );
    }
    let near = nearest(key, tags.keys.keys().map(String::as_str));
    format!("no server has a tag `{key}`; the keys in use: {}{}", tags.keys(), meant(near))
}

/// Whether the only remark on a rule is that it matches nothing, which is printed already.
fn matches_nothing_at_all(rule: &Rule, selection: &Selection<'_>) -> bool {
    let mut clauses = rule.select.clauses();
    let is_all =
        clauses.next().is_some_and(|only| only.server().is_none()) && clauses.next().is_none();
    selection.matches.is_empty() && is_all && rule.except.is_empty()
}

/// The matches of `[protect]` in the accounts that are read. It concerns all accounts.
pub(super) struct Protection {
    matching: Matching,
    /// The number of accounts that are still to be read completely.
    missing: usize,
}

impl Protection {
    pub(super) fn of(schedules: &Schedules) -> Self {
        let missing = schedules.accounts.len();
        Self { matching: Matching::of_protection(&schedules.protect), missing }
    }

    pub(super) fn take(&mut self, reading: &Reading) {
        self.matching.take(reading);
        self.missing = self.missing.saturating_sub(usize::from(reading.unlisted.is_empty()));
    }

    /// Warns of its unmatched entries, when every account was read.
    pub(super) fn say(&self) {
        if self.missing == 0 {
            for entry in self.matching.unmatched() {
                warn_unmatched(&entry);
            }
        }
    }
}

pub(in super::super) fn warn_unmatched(entry: &str) {
    output::warn(&format!("matches nothing: {entry}"), Some(UNMATCHED));
}

pub(in super::super) fn warn_nothing_matched(rule: &Rule) {
    let message = format!("rule `{}` matched no server", rule.name);
    let hint = rule.select.questions().next().map(|tag| {
        format!("no server has tag `{tag}`; `lightsout plan {}` names the tags in use", rule.name)
    });
    output::warn(&message, hint.as_deref());
}

/// Warns that a guard would stop a whole firing.
pub(in super::super) fn warn_of_guard(rule: &Rule, outcome: Outcome, reason: &str) {
    let name = &rule.name;
    let (what, hint) = match outcome {
        Outcome::Drifted => (
            "has drifted",
            format!(
                "if that is meant, `{} --allow-drift` makes it the new measure; \
                 `drift = \"allow\"` on the rule always lets it through",
                crate::cli::fire_command::command(rule)
            ),
        ),
        _ => (
            "is about too many servers",
            "narrow `select`, or raise `max_instances` on the rule or in `[limits]`".to_owned(),
        ),
    };
    output::warn(&format!("rule `{name}` {what}, so nothing is sent: {reason}"), Some(&hint));
}

fn joined(numbers: &BTreeSet<InstanceNo>) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    numbers.join(", ")
}
