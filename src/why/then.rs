//! The texts of schedules.toml in the order of their use, each with the rules that could have
//! acted.
//!
//! [`super::rules`] judges the rules.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::rules::{RuleThen, rules_in_use};
use crate::audit::ConfigVersion;
use crate::model::instance::Action;
use crate::model::known_instance::KnownInstance;
use crate::model::language::Language;
use crate::schedule::Schedules;

/// A text of schedules.toml and the time from which it was in use.
#[derive(Clone, Debug)]
pub struct Then {
    /// Its number, as firings name it.
    pub file: i64,
    pub path: String,
    /// The time at which it came into use.
    pub since: DateTime<Utc>,
    /// The parsed text; `None` when this version cannot parse it.
    pub schedules: Option<Schedules>,
    /// The rules in it that could have acted.
    pub rules: Vec<RuleThen>,
}

/// A rule that once meant an instance, and was edited so that it no longer did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub rule: String,
    pub action: Action,
    /// The time of that edit.
    pub at: DateTime<Utc>,
}

/// Parses the texts for an instance.
pub(super) fn texts(
    files: Vec<ConfigVersion>,
    instance: &KnownInstance,
    language: Language,
) -> Vec<Then> {
    let read = |ConfigVersion { file, path, text, since }| {
        let schedules = Schedules::recall(Path::new(&path), &text).ok().map(|(it, _)| it);
        let mut then = Then { file, path, since, schedules, rules: Vec::new() };
        then.judge(instance, &[], language);
        then
    };
    files.into_iter().map(read).collect()
}

impl Then {
    /// Picks the rules that could have acted. `matched` holds the rules whose firings matched.
    pub(super) fn judge(
        &mut self,
        instance: &KnownInstance,
        matched: &[(String, Action)],
        language: Language,
    ) {
        let file = self.schedules.as_ref();
        let rules = file.map(|file| rules_in_use(file, instance, matched, language));
        self.rules = rules.unwrap_or_default();
    }

    /// Whether a rule in it meant the instance, or may have.
    pub(super) fn may_mean(&self, rule: &str, action: Action) -> bool {
        self.schedules.is_none() || self.means(rule, action)
    }

    /// Whether a rule in it certainly meant the instance.
    pub(super) fn means(&self, rule: &str, action: Action) -> bool {
        let is_it = |it: &&RuleThen| it.rule == rule && it.action == action;
        self.rules.iter().find(is_it).is_some_and(RuleThen::is_meant)
    }
}

/// The edit since which a rule of the last text means the instance; `None`: it always did.
pub(super) fn meant_since(texts: &[Then], rule: &RuleThen) -> Option<DateTime<Utc>> {
    let without = texts.iter().rposition(|then| !then.may_mean(&rule.rule, rule.action))?;
    texts.get(without + 1).map(|then| then.since)
}

/// The rules that meant the instance in an earlier text, and not in the last.
pub(super) fn gone(texts: &[Then]) -> Vec<Gone> {
    let Some(last) = texts.last().filter(|then| then.schedules.is_some()) else {
        return Vec::new();
    };
    let mut gone: Vec<Gone> = Vec::new();
    for pair in texts.windows(2).rev() {
        let [before, after] = pair else { continue };
        for rule in before.rules.iter().filter(|rule| rule.is_meant()) {
            let is_there = last.means(&rule.rule, rule.action);
            let is_known = gone.iter().any(|it| it.rule == rule.rule && it.action == rule.action);
            if !is_there && !is_known {
                let (rule, action) = (rule.rule.clone(), rule.action);
                gone.push(Gone { rule, action, at: after.since });
            }
        }
    }
    gone
}
