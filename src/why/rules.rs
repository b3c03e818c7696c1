//! Picks the rules of a file that could have acted on an instance.
//!
//! The evidence is the instance's name, its number and past firings. The log does not keep tags.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::instance::Action;
use crate::model::known_instance::KnownInstance;
use crate::schedule::selector::{Description, Verdict};
use crate::schedule::{Rule, Schedules};

/// The evidence that a rule means an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// The rule has its name or number.
    Named,
    /// The rule asks for tags, and one of its firings matched the instance.
    Matched,
    /// The rule asks for tags, and none of its firings in the log matched the instance.
    Perhaps,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleThen {
    pub rule: String,
    pub action: Action,
    /// Its times as the file writes them, with the zone.
    pub times: String,
    pub meaning: Meaning,
    /// The obstacles that the file names, such as `enabled = false`.
    pub kept_by: Vec<String>,
    /// The edit of schedules.toml since which the rule means the instance, if that was recent.
    pub since: Option<DateTime<Utc>>,
}

impl RuleThen {
    pub fn is_meant(&self) -> bool {
        self.meaning != Meaning::Perhaps
    }
}

/// The rules of a file that could have acted on an instance, in the file's order. `matched` holds
/// the rules with a firing that matched the instance.
pub fn rules_in_use(
    file: &Schedules,
    known: &KnownInstance,
    matched: &[(String, Action)],
) -> Vec<RuleThen> {
    let it = Description::by_name(&known.no, &known.name);
    let protected = file.protect.any_of(&it);
    let in_use = |rule: &Rule| {
        let was_matched = || {
            matched
                .iter()
                .any(|(name, action)| name == rule.name.as_str() && *action == rule.action)
        };
        let meaning = match rule.select.all_of(&it) {
            Verdict::Yes => Meaning::Named,
            Verdict::No => return None,
            Verdict::Unreadable if was_matched() => Meaning::Matched,
            Verdict::Unreadable => Meaning::Perhaps,
        };
        let mut kept_by = Vec::new();
        if !rule.enabled {
            kept_by.push(rule.disabled.to_string());
        }
        if rule.dry_run {
            kept_by.push("a dry run".to_owned());
        }
        kept_by.extend(words("protected", protected));
        kept_by.extend(words("excepted", rule.except.all_of(&it)));
        Some(RuleThen {
            rule: rule.name.to_string(),
            action: rule.action,
            times: format!("{} {}", rule.times, rule.timezone),
            meaning,
            kept_by,
            since: None,
        })
    };
    let of_account = file.rules.iter().filter(|rule| rule.account == known.account);
    of_account.filter_map(|rule| in_use(rule)).collect()
}

fn words(what: &str, verdict: Verdict) -> Option<String> {
    match verdict {
        Verdict::Yes => Some(what.to_owned()),
        Verdict::Unreadable => Some(format!("perhaps {what}, by its tags")),
        Verdict::No => None,
    }
}
