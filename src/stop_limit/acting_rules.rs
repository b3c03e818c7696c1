//! Which rules act on an instance, as far as its name, its number and past firings tell: the log
//! does not keep tags.

use chrono::{DateTime, Utc};

use crate::audit::LastHad;
use crate::hold::{self, HoldEntry, Whom};
use crate::model::known_instance::KnownInstance;
use crate::schedule::selector::Verdict;
use crate::schedule::{Rule, Schedules};
use crate::select::eligibility::Eligibility;

/// A rule that acts on an instance, and what holds it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting<'f> {
    pub rule: &'f Rule,
    /// The hold that is in force for the two of them.
    pub held: Option<Held>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Held {
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Whether what falls into it is not made up at its end.
    pub skip: bool,
}

/// The rules of a file that act on an instance, in the order of the file: those that name it,
/// and those that ask for tags and whose last firing had it. With each stands the hold of these,
/// all in force, that counts.
pub fn acting<'f>(
    file: &'f Schedules,
    instance: &KnownInstance,
    had: &LastHad,
    holds: &[HoldEntry],
) -> Vec<Acting<'f>> {
    let Some(bare) = instance.bare() else { return Vec::new() };
    let acts =
        |rule: &Rule| match Eligibility::of(rule, &file.protect, &bare, |_| Verdict::Unreadable) {
            Eligibility::Chosen => true,
            Eligibility::Unselected | Eligibility::Protected | Eligibility::Excepted => false,
            Eligibility::ProtectionUnread
            | Eligibility::ExceptionUnread
            | Eligibility::HoldUnread
            | Eligibility::SelectionUnread => {
                had.contains(&(rule.name.to_string(), rule.action, instance.no.clone()))
            }
        };
    let could = file
        .rules
        .iter()
        .map(AsRef::as_ref)
        .filter(|rule| rule.enabled && !rule.dry_run && rule.account == instance.account);
    let acting = |rule: &'f Rule| {
        let (account, no, name) = (&instance.account, &instance.no, instance.name.as_str());
        let held = hold::binding(holds, Whom { rule: &rule.name, account, no, name });
        let terms =
            |it: &HoldEntry| Held { since: it.held_at, until: it.hold.until, skip: it.hold.skip };
        Acting { rule, held: held.map(terms) }
    };
    could.filter(|rule| acts(rule)).map(acting).collect()
}
