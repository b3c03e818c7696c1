//! Picks the rules of a file that could have acted on an instance.
//!
//! The evidence is the instance's name, its number and past firings. The log does not keep tags.

use std::slice::from_ref;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::instance::Action;
use crate::model::known_instance::KnownInstance;
use crate::model::language::Language;
use crate::schedule::readback::hours_in_words;
use crate::schedule::selector::{Description, Verdict};
use crate::schedule::{Rule, Schedules};

/// The evidence that a rule means an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, description = "", extend("x-open" = true))]
pub enum Meaning {
    /// The rule has its name or number.
    Named,
    /// The rule asks for tags, and one of its firings matched the instance.
    Matched,
    /// The rule asks for tags, and none of its firings in the log matched the instance.
    Perhaps,
}

/// A rule that could have acted on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "rule_then")]
pub struct RuleThen {
    pub rule: String,
    pub action: Action,
    /// Its times as the file writes them, with the zone.
    pub times: String,
    /// How it is known that the rule means the server: by its name or number, by a firing that
    /// matched it, or not at all, since it asks for tags.
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
    language: Language,
) -> Vec<RuleThen> {
    let it = Description::by_name(&known.no, &known.name);
    let protected = file.protect.any_of(&it);
    let in_use = |rule: &Arc<Rule>| {
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
            kept_by.push(rule.disabled.in_language(language));
        }
        if rule.dry_run {
            kept_by.push(language.either(["a dry run", "모의 실행"]).to_owned());
        }
        let left_out = [
            (["protected", "보호 대상"], protected),
            (["excepted", "제외 대상(except)"], rule.except.all_of(&it)),
        ];
        kept_by.extend(left_out.iter().filter_map(|(what, by)| words(*what, *by, language)));
        Some(RuleThen {
            rule: rule.name.to_string(),
            action: rule.action,
            times: language.either([
                format!("{} {}", rule.times, rule.timezone),
                format!("{}, {}", hours_in_words(from_ref(rule), language), rule.timezone),
            ]),
            meaning,
            kept_by,
            since: None,
        })
    };
    let of_account = file.rules.iter().filter(|rule| rule.account == known.account);
    of_account.filter_map(in_use).collect()
}

fn words(what: [&str; 2], verdict: Verdict, language: Language) -> Option<String> {
    let [english, korean] = what;
    match verdict {
        Verdict::Yes => Some(language.either(what).to_owned()),
        Verdict::Unreadable => Some(language.either([
            format!("perhaps {english}, by its tags"),
            format!("태그에 따라 {korean}일 수 있음"),
        ])),
        Verdict::No => None,
    }
}
