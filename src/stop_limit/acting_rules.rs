//! Picks the rules that act on an instance, each with its hold.
//!
//! The evidence is the instance's name, its number and past firings. The log does not keep tags.

use chrono::{DateTime, Utc};

use crate::audit::{LastHad, Tried};
use crate::hold::{self, HoldEntry, RuleInstance};
use crate::model::instance::Action;
use crate::model::known_instance::KnownInstance;
use crate::schedule::selector::Description;
use crate::schedule::{Rule, Schedules};
use crate::select::by_name::{may_mean, means};

/// The two actions of a window.
const ACTIONS: [Action; 2] = [Action::Stop, Action::Start];

/// A rule that acts on an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting<'f> {
    pub rule: &'f Rule,
    /// The hold in force for this rule and this instance.
    pub held: Option<Held>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Held {
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Actions that fall into the hold are dropped, not deferred.
    pub skip: bool,
}

/// The rules of a file that act on an instance, in the file's order: (1) rules that name it, (2)
/// rules that ask for tags and whose last firing had it. The two rules of a window mean the same
/// servers, so the last firing of either counts. Each stands with the hold that counts among
/// `holds`, all of which are in force.
pub fn acting<'f>(
    file: &'f Schedules,
    instance: &KnownInstance,
    had: &LastHad,
    holds: &[HoldEntry],
) -> Vec<Acting<'f>> {
    let it = Description::by_name(&instance.no, &instance.name);
    let acts = |rule: &&Rule| {
        let had_it = |action| had.contains(&(rule.name.to_string(), action, instance.no.clone()));
        could_act(rule, instance)
            && means(rule, &file.protect, &it, || ACTIONS.into_iter().any(had_it))
    };
    let acting = |rule: &'f Rule| {
        let (account, no, name) = (&instance.account, &instance.no, instance.name.as_str());
        let held = hold::binding(holds, RuleInstance { rule: &rule.name, account, no, name });
        let terms =
            |it: &HoldEntry| Held { since: it.held_at, until: it.hold.until, skip: it.hold.skip };
        Acting { rule, held: held.map(terms) }
    };
    file.rules.iter().map(AsRef::as_ref).filter(acts).map(acting).collect()
}

/// The rules that may act on an instance: its tags decide, and no firing has read them yet.
pub fn perhaps_acting<'f>(
    file: &'f Schedules,
    instance: &KnownInstance,
    tried: &Tried,
) -> Vec<&'f Rule> {
    let it = Description::by_name(&instance.no, &instance.name);
    let may_act = |rule: &&Rule| {
        let was_tried = |action| tried.contains(&(rule.name.to_string(), action));
        could_act(rule, instance)
            && may_mean(rule, &file.protect, &it)
            && !ACTIONS.into_iter().any(was_tried)
    };
    file.rules.iter().map(AsRef::as_ref).filter(may_act).collect()
}

fn could_act(rule: &Rule, instance: &KnownInstance) -> bool {
    rule.enabled && !rule.dry_run && rule.account == instance.account
}
