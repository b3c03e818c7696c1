//! What differs between two texts of schedules.toml, rule by rule.

use std::collections::HashMap;

use super::rule::{Rule, Schedules};
use crate::instance::RuleName;

/// What became of a rule.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// It is new.
    Added(&'a Rule),
    /// It is as the second one now.
    Altered(&'a Rule, &'a Rule),
    /// It is gone.
    Removed(&'a Rule),
}

impl<'a> Change<'a> {
    /// The rule as it was, where there was one.
    #[must_use]
    pub fn before(self) -> Option<&'a Rule> {
        match self {
            Self::Added(_) => None,
            Self::Altered(old, _) | Self::Removed(old) => Some(old),
        }
    }

    /// The rule as it is, where there is one.
    #[must_use]
    pub fn after(self) -> Option<&'a Rule> {
        match self {
            Self::Added(new) | Self::Altered(_, new) => Some(new),
            Self::Removed(_) => None,
        }
    }

    /// The rule as it is, or was before it went.
    #[must_use]
    pub fn rule(self) -> &'a Rule {
        let (Self::Added(rule) | Self::Altered(_, rule) | Self::Removed(rule)) = self;
        rule
    }
}

/// The rules that differ: those of the new file in its order, then those that are gone.
#[must_use]
pub fn changes<'a>(old: &'a Schedules, new: &'a Schedules) -> Vec<Change<'a>> {
    let by_name = |file: &'a Schedules| -> HashMap<&'a RuleName, &'a Rule> {
        rules(file).map(|rule| (&rule.name, rule)).collect()
    };
    let (before, after) = (by_name(old), by_name(new));
    let of_new = rules(new).filter_map(|rule| match before.get(&rule.name) {
        None => Some(Change::Added(rule)),
        Some(old) if *old != rule => Some(Change::Altered(old, rule)),
        Some(_) => None,
    });
    let gone = rules(old).filter(|rule| !after.contains_key(&rule.name));
    of_new.chain(gone.map(Change::Removed)).collect()
}

fn rules(file: &Schedules) -> impl Iterator<Item = &Rule> {
    file.rules.iter().map(AsRef::as_ref)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

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
        let told: Vec<String> = changes(&old, &new)
            .into_iter()
            .map(|change| match change {
                Change::Added(rule) => format!("added {}", rule.name),
                Change::Altered(_, rule) => format!("altered {}", rule.name),
                Change::Removed(rule) => format!("removed {}", rule.name),
            })
            .collect();
        assert_eq!(told, ["added new", "altered wider", "removed gone"]);
    }
}
