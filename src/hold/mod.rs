//! Holds: orders to leave a rule or an instance as it is until a time.
//!
//! Owns the hold itself, the question whether a hold is about an instance, and the choice among
//! several holds. Pure.
//!
//! - `tag`: from the values of a tag to holds that begin and end.
//! - `tag_time`: times as people write them into a tag.
//! - `end_time`: the end of a hold that somebody asks for.
//! - `held_firings`: the firings that fall into a hold.
//!
//! The audit log keeps holds. The stopper and `plan` obey them. `select::by_name` finds the rules
//! that are about a held server.

pub mod end_time;
pub mod held_firings;
pub mod tag;
pub mod tag_time;

use std::borrow::Borrow;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::ids::HoldId;
use crate::model::instance::{AccountName, InstanceNo, RuleName};
use crate::model::reason::Reason;
use crate::model::subject::Subject;
use crate::text::normal_form::same;
use crate::time::zone::Zone;

/// One order: its subject, its end, and its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub subject: Subject,
    /// The instant at which the hold ends by itself. A firing due at this instant is no longer
    /// held.
    pub until: DateTime<Utc>,
    /// If true, actions that fall due during the hold are dropped at its end, not deferred.
    pub skip: bool,
    pub why: Option<String>,
    /// The author: `user@host`, of root behind sudo `user@host via sudo`; `tag KEY` for a tag; `NAME
    /// (page, ADDRESS)` or `page, from ADDRESS` for the page.
    pub who: String,
}

/// The way by which a hold was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, description = "", extend("x-open" = true))]
pub enum Via {
    /// `lightsout hold`.
    Command,
    /// A tag of the server.
    Tag,
    /// The page in the browser.
    Page,
}

/// A hold as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldEntry {
    pub id: HoldId,
    pub via: Via,
    pub held_at: DateTime<Utc>,
    pub hold: Hold,
    /// The time of the release and its author; `None` if nobody released the hold.
    pub released: Option<(DateTime<Utc>, String)>,
}

/// One instance in a firing of one rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleInstance<'a> {
    pub rule: &'a RuleName,
    /// The account of the rule and of the instance.
    pub account: &'a AccountName,
    pub no: &'a InstanceNo,
    pub name: &'a str,
}

impl Hold {
    /// Whether this hold, while in force, keeps the rule from acting on the instance.
    pub fn is_about(&self, whom: RuleInstance<'_>) -> bool {
        match &self.subject {
            Subject::Rule(name) => name == whom.rule.as_str(),
            _ => self.is_on(whom.account, whom.no, whom.name),
        }
    }

    /// Whether this is a hold on the instance itself, not on a rule.
    pub fn is_on(&self, account: &AccountName, no: &InstanceNo, name: &str) -> bool {
        match &self.subject {
            Subject::Rule(_) => false,
            Subject::Instance(subject) => {
                subject == no.as_str() || (same(subject, name) && !subject.is_empty())
            }
            Subject::Tagged { account: tagged, no: it, .. } => tagged == account && it == no,
        }
    }

    /// The reason for leaving an instance alone: the end, the author and the purpose. Times in
    /// `zone`.
    pub fn reason(&self, zone: Zone) -> Reason {
        let why = self.story().map(|why| format!(" ({why})")).unwrap_or_default();
        Reason::Held {
            with_its_rule: matches!(self.subject, Subject::Rule(_)),
            until: zone.show(self.until),
            by: format!("{}{why}", self.who),
        }
    }

    /// The purpose: the author's own words, or the value of the tag and whether that is a time.
    pub fn story(&self) -> Option<String> {
        match &self.subject {
            Subject::Tagged { value, .. } if self.has_no_time() => {
                Some(format!("`{value}` is no time"))
            }
            Subject::Tagged { value, .. } => Some(value.clone()),
            Subject::Rule(_) | Subject::Instance(_) => self.why.clone(),
        }
    }

    /// Whether the hold comes from a tag whose value is no time.
    pub fn has_no_time(&self) -> bool {
        matches!(&self.subject, Subject::Tagged { value, .. }
            if tag_time::parse(value, Zone::UTC).is_none())
    }
}

impl HoldEntry {
    /// Whether the hold is in force at `now`.
    pub fn is_in_force(&self, now: DateTime<Utc>) -> bool {
        self.released.is_none() && self.hold.until > now
    }
}

impl Borrow<Hold> for HoldEntry {
    fn borrow(&self) -> &Hold {
        &self.hold
    }
}

/// The hold that keeps a rule from acting on an instance. Of several, the one that ends last.
pub fn binding<'h, H: Borrow<Hold>>(holds: &'h [H], whom: RuleInstance<'_>) -> Option<&'h H> {
    let about = holds.iter().filter(|hold| (*hold).borrow().is_about(whom));
    about.max_by_key(|hold| {
        let hold: &Hold = (*hold).borrow();
        (hold.until, !hold.skip)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(subject: Subject, until: &str) -> Hold {
        let until = until.parse().unwrap();
        Hold { subject, until, skip: false, why: None, who: "kim@desk".to_owned() }
    }

    fn tagged(value: &str) -> Subject {
        Subject::Tagged {
            account: AccountName::new("main").unwrap(),
            no: InstanceNo::new("7").unwrap(),
            name: "dev-db".to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn a_hold_is_about_a_rule_or_about_what_has_that_name_or_number() {
        let (rule, account) = (RuleName::new("night").unwrap(), AccountName::new("main").unwrap());
        let no = InstanceNo::new("7").unwrap();
        let whom = RuleInstance { rule: &rule, account: &account, no: &no, name: "dev-db" };
        let instance = |name: &str| Subject::Instance(name.to_owned());
        for (subject, expected) in [
            (Subject::Rule("night".to_owned()), true),
            (Subject::Rule("dev-db".to_owned()), false),
            (instance("dev-db"), true),
            (instance("7"), true),
            (instance("night"), false),
            (instance("dev"), false),
            (instance(""), false),
            (tagged("x"), true),
        ] {
            let hold = hold(subject, "2026-11-23T17:00:00Z");
            assert_eq!(hold.is_about(whom), expected, "{hold:?}");
        }
        let other = AccountName::new("other").unwrap();
        let elsewhere = RuleInstance { account: &other, ..whom };
        assert!(!hold(tagged("x"), "2026-11-23T17:00:00Z").is_about(elsewhere));
    }

    #[test]
    fn of_several_holds_the_one_that_ends_last_counts() {
        let (rule, account) = (RuleName::new("night").unwrap(), AccountName::new("main").unwrap());
        let no = InstanceNo::new("7").unwrap();
        let whom = RuleInstance { rule: &rule, account: &account, no: &no, name: "dev-db" };
        let on = |name: &str, until| hold(Subject::Instance(name.to_owned()), until);
        let early = on("7", "2026-11-23T17:00:00Z");
        let late = on("dev-db", "2026-11-23T18:00:00Z");
        let other = on("dev-api", "2026-11-23T19:00:00Z");
        let holds = [early.clone(), late.clone(), other.clone()];
        assert_eq!(binding(&holds, whom), Some(&late));
        assert_eq!(binding(&[other], whom), None::<&Hold>);
        let skipping = Hold { skip: true, ..early.clone() };
        assert_eq!(binding(&[early.clone(), skipping], whom), Some(&early), "it is made up");
    }

    #[test]
    fn a_reason_says_until_when_by_whom_and_what_for() {
        let seoul: Zone = "Asia/Seoul".parse().unwrap();
        let until = "2026-11-23T17:00:00Z";
        let release = Hold {
            why: Some("release".to_owned()),
            ..hold(Subject::Instance("dev-db".to_owned()), until)
        };
        let by_tag = |value| Hold { who: "tag hold".to_owned(), ..hold(tagged(value), until) };
        for (hold, expected) in [
            (release, "held until 2026-11-24 02:00+09:00 by kim@desk (release)"),
            (
                hold(Subject::Rule("night".to_owned()), until),
                "held with its rule until 2026-11-24 02:00+09:00 by kim@desk",
            ),
            (
                by_tag("2026-11-24 02:00"),
                "held until 2026-11-24 02:00+09:00 by tag hold (2026-11-24 02:00)",
            ),
            (by_tag("soon"), "held until 2026-11-24 02:00+09:00 by tag hold (`soon` is no time)"),
        ] {
            assert_eq!(hold.reason(seoul).to_string(), expected);
        }
    }
}
