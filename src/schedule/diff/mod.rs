//! Compares the meaning of two texts of schedules.toml: in words, and firing by firing.
//!
//! `changes` finds the rules that differ. Here, `firings` compares their times; `words`, `days` and
//! `selector` describe the other differences. The instances concerned are known only to the cloud.

mod days;
mod firings;
mod new_value;
mod overrides;
mod pace;
mod selector;
mod words;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::changes::{Change, changes};
use super::rule::{Rule, RuleEntry, Schedules};
use super::times::Times;
use crate::model::instance::{AccountName, Action, RuleName};
use crate::time::zone::Zone;

pub(super) use days::described as days_in_words;
pub use firings::FiringChange;
pub(super) use overrides::described as overrides_in_words;
pub(super) use selector::{
    described as selector_in_words, described_in_korean as selector_in_korean,
};

#[derive(Debug)]
pub struct Difference<'a> {
    /// The differences for all rules, in words.
    pub file: Vec<String>,
    /// The rules that differ: those of the new file in its order, then the removed ones.
    pub rules: Vec<RuleDifference<'a>>,
}

#[derive(Debug)]
pub struct RuleDifference<'a> {
    /// The change. A rule with only a new name counts as altered.
    pub change: Change<'a>,
    /// The same in words, a sentence each.
    pub words: Vec<String>,
    /// The firings that differ, in order, each with its action.
    pub firings: Vec<(Action, FiringChange)>,
    /// The instant at which the comparison ended early, if there were too many firings.
    pub compared_until: Option<DateTime<Utc>>,
}

impl Difference<'_> {
    /// Whether the two files mean the same.
    pub fn is_empty(&self) -> bool {
        self.file.is_empty() && self.rules.is_empty()
    }
}

/// Compares the meaning of two files, and their firings after `from` up to and including `until`.
///
/// Relative paths are compared after they were resolved, so both files should be read as if from
/// one folder. Expectations are not compared: the daemon does not use them.
pub fn diff<'a>(
    old: &'a Schedules,
    new: &'a Schedules,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Difference<'a> {
    let mut phrases = words::Phrases::default();
    let rules = with_renamed(changes(old, new)).into_iter().map(|change| {
        let (before, after) = (change.before(), change.after());
        let (firings, compared_until) = firings::compare(before, after, from, until);
        RuleDifference {
            change,
            words: words::of_rule(&change, &mut phrases),
            firings,
            compared_until,
        }
    });
    // A list in another order has the same meaning.
    let rules = rules.filter(|rule| !rule.words.is_empty()).collect();
    Difference { file: words::of_file(old, new), rules }
}

/// The parts by which a renamed entry is recognised: all but the name and the selectors.
type Likeness<'a> = (&'a AccountName, Action, &'a Times, Zone);

fn likeness(entry: &RuleEntry) -> Likeness<'_> {
    let rule = &entry[0];
    (&rule.account, rule.action, &rule.times, rule.timezone)
}

/// Joins an added and a removed entry that differ only in name.
fn with_renamed(changes: Vec<Change<'_>>) -> Vec<Change<'_>> {
    let mut gone: HashMap<Likeness<'_>, Vec<&RuleEntry>> = HashMap::new();
    for change in &changes {
        if let Change::Removed(entry) = change {
            gone.entry(likeness(entry)).or_default().push(entry);
        }
    }
    let mut renamed: HashSet<&RuleName> = HashSet::new();
    let mut told: Vec<Change<'_>> = Vec::with_capacity(changes.len());
    for change in changes {
        let change = match change {
            Change::Added(entry) => {
                let alike = gone.get_mut(&likeness(entry));
                let same = alike.and_then(|alike| {
                    let place = alike.iter().position(|old| are_renamed(old, entry))?;
                    Some(alike.swap_remove(place))
                });
                match same {
                    Some(old) => {
                        renamed.insert(&old[0].name);
                        Change::Altered(old, entry)
                    }
                    None => change,
                }
            }
            // The removed entries come last.
            Change::Removed(entry) if renamed.contains(&entry[0].name) => continue,
            Change::Removed(_) | Change::Altered(..) => change,
        };
        told.push(change);
    }
    told
}

fn are_renamed(old: &RuleEntry, new: &RuleEntry) -> bool {
    let is_renamed = |(old, new): (&Arc<Rule>, &Arc<Rule>)| {
        Rule { name: new.name.clone(), ..Rule::clone(old) } == **new
    };
    old.len() == new.len() && old.iter().zip(new).all(is_renamed)
}

#[cfg(test)]
mod tests;
