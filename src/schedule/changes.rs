//! Finds the rules that differ between two texts of schedules.toml.
//!
//! `diff` puts the differences into words.

use std::collections::HashMap;

use super::rule::{RuleEntry, Schedules};
use crate::model::instance::RuleName;

/// The change of an entry of `[[rules]]`: one rule, or the two of a window.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    Added(&'a RuleEntry),
    /// The first entry became the second.
    Altered(&'a RuleEntry, &'a RuleEntry),
    Removed(&'a RuleEntry),
}

impl<'a> Change<'a> {
    pub fn before(self) -> Option<&'a RuleEntry> {
        match self {
            Self::Added(_) => None,
            Self::Altered(old, _) | Self::Removed(old) => Some(old),
        }
    }

    pub fn after(self) -> Option<&'a RuleEntry> {
        match self {
            Self::Added(new) | Self::Altered(_, new) => Some(new),
            Self::Removed(_) => None,
        }
    }

    pub fn entry(self) -> &'a RuleEntry {
        let (Self::Added(entry) | Self::Altered(_, entry) | Self::Removed(entry)) = self;
        entry
    }

    /// The name of the new entry, or of the removed one.
    pub fn name(self) -> &'a RuleName {
        &self.entry()[0].name
    }
}

/// The entries that differ: those of the new file in its order, then the removed ones.
pub fn changes<'a>(old: &'a Schedules, new: &'a Schedules) -> Vec<Change<'a>> {
    let by_name = |file: &'a Schedules| -> HashMap<&'a RuleName, &'a RuleEntry> {
        file.entries().map(|entry| (&entry[0].name, entry)).collect()
    };
    let (before, after) = (by_name(old), by_name(new));
    let of_new = new.entries().filter_map(|entry| match before.get(&entry[0].name) {
        None => Some(Change::Added(entry)),
        Some(old) if *old != entry => Some(Change::Altered(old, entry)),
        Some(_) => None,
    });
    let gone = old.entries().filter(|entry| !after.contains_key(&entry[0].name));
    of_new.chain(gone.map(Change::Removed)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn told(old: &Schedules, new: &Schedules) -> Vec<String> {
        let told = |change| match change {
            Change::Added(entry) => format!("added {}", entry[0].name),
            Change::Altered(_, entry) => format!("altered {}", entry[0].name),
            Change::Removed(entry) => format!("removed {}", entry[0].name),
        };
        changes(old, new).into_iter().map(told).collect()
    }

    fn file(rules: &[(&str, &str)]) -> Schedules {
        let head = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n".to_owned();
        let text = rules.iter().fold(head, |text, (name, select)| {
            format!(
                "{text}[[rules]]\nname = \"{name}\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
                 select = {{ names = [\"{select}\"] }}\n"
            )
        });
        Schedules::parse(Path::new("schedules.toml"), &text).unwrap().0
    }

    #[test]
    fn a_rule_is_added_altered_removed_or_not_mentioned() {
        let old = file(&[("same", "a"), ("wider", "a"), ("gone", "a")]);
        let new = file(&[("new", "a"), ("wider", "*"), ("same", "a")]);
        assert_eq!(told(&old, &new), ["added new", "altered wider", "removed gone"]);
    }

    #[test]
    fn what_became_of_a_window_is_told_once() {
        let when = "action = \"stop\"\ncron = \"0 20 * * *\"";
        let cron = file(&[("dev", "a"), ("other", "a")]);
        let with = |when_now: &str| {
            let text = cron.text.replacen(when, when_now, 1);
            Schedules::parse(Path::new("schedules.toml"), &text).unwrap().0
        };
        let (short, long) = (with("off = \"20:00-06:00\""), with("off = \"20:00-08:00\""));
        let nothing = file(&[("other", "a")]);
        for (old, new, expected) in [
            (&nothing, &short, "added dev"),
            (&short, &long, "altered dev"),
            (&cron, &short, "altered dev"),
            (&short, &cron, "altered dev"),
            (&short, &nothing, "removed dev"),
        ] {
            assert_eq!(told(old, new), [expected]);
        }
        assert!(changes(&short, &with("off = [\"20:00-24:00\", \"0:00-6:00\"]")).is_empty());
    }
}
