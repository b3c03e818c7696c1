//! What differs in meaning between two texts of schedules.toml: in words, and firing by firing.
//!
//! `changes` finds the rules that differ; here, `firings` compares when they fire, and `words`
//! and `selector` say what else became of them. Which instances that concerns, only the cloud
//! knows.

mod days;
mod firings;
mod selector;
mod words;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::changes::{Change, changes};
use super::rule::{Entry, Rule, Schedules};
use super::times::Times;
use crate::model::instance::{AccountName, Action, RuleName};
use crate::time::zone::Zone;

pub(super) use days::described as days_in_words;
pub use firings::FiringChange;
pub(super) use selector::described as selector_in_words;

#[derive(Debug)]
pub struct Difference<'a> {
    /// What differs for all rules, in words.
    pub file: Vec<String>,
    /// The rules that differ: those of the new file in its order, then those that are gone.
    pub rules: Vec<RuleDifference<'a>>,
}

#[derive(Debug)]
pub struct RuleDifference<'a> {
    /// What became of it. A rule that was only given another name counts as altered.
    pub change: Change<'a>,
    /// The same in words, a sentence each.
    pub words: Vec<String>,
    /// Its firings that differ, in order; what each of them does.
    pub firings: Vec<(Action, FiringChange)>,
    /// Where the comparison of its firings ended early, there being so many of them.
    pub compared_until: Option<DateTime<Utc>>,
}

impl Difference<'_> {
    /// Whether the two files mean the same.
    pub fn is_empty(&self) -> bool {
        self.file.is_empty() && self.rules.is_empty()
    }
}

/// Compares what two files mean, and what fires after `from` up to and including `until`.
///
/// Relative paths are compared as they were resolved, so both files should be read as if they
/// were in one folder. Expectations mean nothing to the daemon and are not compared.
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
    // A list in another order is written differently and means the same.
    let rules = rules.filter(|rule| !rule.words.is_empty()).collect();
    Difference { file: words::of_file(old, new), rules }
}

/// Entries that are the same but for their names and what they match are looked for by this.
type Likeness<'a> = (&'a AccountName, Action, &'a Times, Zone);

fn likeness(entry: &Entry) -> Likeness<'_> {
    let rule = &entry[0];
    (&rule.account, rule.action, &rule.times, rule.timezone)
}

/// Takes an added and a removed entry that differ in nothing but their names for one.
fn with_renamed(changes: Vec<Change<'_>>) -> Vec<Change<'_>> {
    let mut gone: HashMap<Likeness<'_>, Vec<&Entry>> = HashMap::new();
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
            // Those come last.
            Change::Removed(entry) if renamed.contains(&entry[0].name) => continue,
            Change::Removed(_) | Change::Altered(..) => change,
        };
        told.push(change);
    }
    told
}

fn are_renamed(old: &Entry, new: &Entry) -> bool {
    let is_renamed = |(old, new): (&Arc<Rule>, &Arc<Rule>)| {
        Rule { name: new.name.clone(), ..Rule::clone(old) } == **new
    };
    old.len() == new.len() && old.iter().zip(new).all(is_renamed)
}

#[cfg(test)]
mod tests;
