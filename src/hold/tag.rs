//! Turns the values of the hold tag into changes of holds: holds that begin, and holds that end
//! because their tag is gone or has another value.
//!
//! `tag_time` reads the times in the values. The audit log writes the changes.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Hold, HoldEntry, tag_time};
use crate::model::found_tag::FoundTag;
use crate::model::ids::HoldId;
use crate::model::instance::AccountName;
use crate::model::subject::Subject;
use crate::schedule::{HoldTerms, Rule};
use crate::text::normal_form::same;
use crate::time::zone::Zone;

/// The rules by which the hold tag of one account is read.
#[derive(Clone, Copy, Debug)]
pub struct TagTerms<'a> {
    pub key: &'a str,
    pub account: &'a AccountName,
    /// The zone for times without an offset.
    pub zone: Zone,
    pub longest: Duration,
}

/// The changes to write after one reading of the tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Holds whose tag is gone or has another value. They may have ended already.
    pub ended: Vec<HoldId>,
    /// Holds for new values.
    pub begun: Vec<Hold>,
}

impl<'a> TagTerms<'a> {
    /// The terms for the instances of a rule; `None` when no tag holds.
    pub fn of(terms: &'a HoldTerms, rule: &'a Rule) -> Option<Self> {
        let (key, longest) = (terms.tag.as_deref()?, terms.longest);
        Some(Self { key, account: &rule.account, zone: rule.timezone, longest })
    }

    /// The author that the log names for these holds.
    pub fn who(&self) -> String {
        format!("tag {}", self.key)
    }

    /// The changes that follow from the tags `found` at `now`. `known` are all holds by tag that
    /// the log has for these instances.
    ///
    /// A value begins a hold only if no earlier hold of the instance has the same value. Holds that
    /// ended because their tag was taken off do not count here. Holds that ran out, or that a
    /// person released, do.
    pub fn changes(&self, known: &[HoldEntry], found: &[FoundTag], now: DateTime<Utc>) -> Changes {
        let mut changes = Changes::default();
        for tag in found {
            let is_its = |entry: &&HoldEntry| match &entry.hold.subject {
                Subject::Tagged { account, no, .. } => account == self.account && *no == tag.no,
                Subject::Rule(_) | Subject::Instance(_) => false,
            };
            let says = |entry: &HoldEntry| match &entry.hold.subject {
                Subject::Tagged { value, .. } => {
                    tag.value.as_ref().is_some_and(|it| same(it, value))
                }
                Subject::Rule(_) | Subject::Instance(_) => false,
            };
            let was_taken_off = |entry: &HoldEntry| {
                entry.released.as_ref().is_some_and(|(_, who)| *who == self.who())
            };
            let its: Vec<&HoldEntry> = known.iter().filter(is_its).collect();
            let stale = its.iter().filter(|entry| entry.released.is_none() && !says(entry));
            changes.ended.extend(stale.map(|entry| entry.id));
            if !its.iter().any(|entry| says(entry) && !was_taken_off(entry)) {
                changes.begun.extend(self.hold(tag, now));
            }
        }
        changes
    }

    /// The hold that a value begins; `None` if there is no tag, or if its time is past.
    fn hold(&self, tag: &FoundTag, now: DateTime<Utc>) -> Option<Hold> {
        let value = tag.value.clone()?;
        let longest = now + self.longest;
        let until = tag_time::parse(&value, self.zone).unwrap_or(longest).min(longest);
        let subject = Subject::Tagged {
            account: self.account.clone(),
            no: tag.no.clone(),
            name: tag.name.clone(),
            value,
        };
        (until > now).then(|| Hold { subject, until, skip: false, why: None, who: self.who() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hold::Via;
    use crate::model::instance::InstanceNo;

    const NOW: &str = "2026-11-23T11:00:00Z";

    /// The effect of a tag's value: the number of holds that end, and the end of the hold that
    /// begins. `known` has the value, the end and the releaser of each hold.
    fn of(value: Option<&str>, known: &[(&str, &str, Option<&str>)]) -> (usize, Option<String>) {
        let account = AccountName::new("main").unwrap();
        let no = InstanceNo::new("7").unwrap();
        let terms = TagTerms {
            key: "hold",
            account: &account,
            zone: "Asia/Seoul".parse().unwrap(),
            longest: Duration::from_secs(72 * 3600),
        };
        let found = |value: Option<&str>| FoundTag {
            no: no.clone(),
            name: "dev-db".to_owned(),
            value: value.map(ToOwned::to_owned),
        };
        let now = NOW.parse().unwrap();
        let entry = |(value, until, released): &(&str, &str, Option<&str>)| HoldEntry {
            id: HoldId::from(1),
            via: Via::Tag,
            held_at: now,
            hold: Hold {
                until: until.parse().unwrap(),
                ..terms.hold(&found(Some("2026-11-24")), now).map(|hold| with(hold, value)).unwrap()
            },
            released: released.map(|who| (now, who.to_owned())),
        };
        let known: Vec<HoldEntry> = known.iter().map(entry).collect();
        let changes = terms.changes(&known, &[found(value)], now);
        let begun = changes.begun.first();
        let until = begun.map(|hold| hold.until.format("%FT%TZ").to_string());
        (changes.ended.len(), until)
    }

    fn with(hold: Hold, said: &str) -> Hold {
        let Subject::Tagged { account, no, name, .. } = hold.subject else { unreachable!() };
        let subject = Subject::Tagged { account, no, name, value: said.to_owned() };
        Hold { subject, ..hold }
    }

    #[test]
    fn a_value_holds_until_its_time_or_as_long_as_a_hold_may_last() {
        for (value, until) in [
            (None, None),
            (Some("2026-11-24 02:00"), Some("2026-11-23T17:00:00Z")),
            (Some("2026-11-23 20:00"), None),
            (Some("2026-11-01"), None),
            (Some("2026-12-24"), Some("2026-11-26T11:00:00Z")),
            (Some("release week"), Some("2026-11-26T11:00:00Z")),
            (Some(""), Some("2026-11-26T11:00:00Z")),
        ] {
            assert_eq!(of(value, &[]), (0, until.map(ToOwned::to_owned)), "{value:?}");
        }
    }

    #[test]
    fn a_value_begins_once_and_a_tag_that_is_gone_holds_no_longer() {
        let (soon, over) = ("2026-11-23T17:00:00Z", "2026-11-22T17:00:00Z");
        let anew = Some("2026-11-26T11:00:00Z".to_owned());
        for (value, known, expected) in [
            (Some("x"), vec![("x", soon, None)], (0, None)),
            (Some("x"), vec![("x", over, None)], (0, None)),
            (Some("x"), vec![("x", soon, Some("kim@desk"))], (0, None)),
            (Some("x"), vec![("x", soon, Some("tag hold"))], (0, anew.clone())),
            (Some("y"), vec![("x", soon, None)], (1, anew.clone())),
            (Some("y"), vec![("x", over, None)], (1, anew.clone())),
            (Some("x"), vec![("x", over, Some("tag hold"))], (0, anew)),
            (None, vec![("x", soon, None)], (1, None)),
            (None, vec![("x", over, None), ("y", soon, Some("kim@desk"))], (1, None)),
        ] {
            assert_eq!(of(value, &known), expected, "{value:?} after {known:?}");
        }
    }
}
