//! Judges which instances a rule means, in one reading of an account.
//!
//! Pure. Requests for these instances are `engine::stopper`'s business.

use crate::inventory::{Reading, RegionReading};
use crate::model::instance::{Action, Instance, PowerState};
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::schedule::selector::{Description, Selector, Verdict};
use crate::schedule::{Drift, Rule};

/// The least number of additional instances that counts as drift.
const LEAST_DRIFT: usize = 5;

/// The result for one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eligibility {
    Chosen,
    /// `[protect]` forbids it.
    Protected,
    /// `[protect]` asks about tags that could not be read.
    ProtectionUnread,
    /// `except` leaves it out.
    Excepted,
    /// `except` asks about tags that could not be read.
    ExceptionUnread,
    /// The hold tag could not be read.
    HoldUnread,
    /// `select` does not match it.
    Unselected,
    /// `select` asks about tags that could not be read.
    SelectionUnread,
}

impl Eligibility {
    /// Judges an instance, as far as it is known.
    pub fn of(rule: &Rule, protect: &Selector, it: &Description<'_>) -> Self {
        match rule.select.all_of(it) {
            Verdict::No => return Self::Unselected,
            Verdict::Unreadable => return Self::SelectionUnread,
            Verdict::Yes => {}
        }
        match (protect.any_of(it), rule.except.all_of(it)) {
            (Verdict::Yes, _) => Self::Protected,
            (Verdict::Unreadable, _) => Self::ProtectionUnread,
            (Verdict::No, Verdict::Yes) => Self::Excepted,
            (Verdict::No, Verdict::Unreadable) => Self::ExceptionUnread,
            (Verdict::No, Verdict::No) => Self::Chosen,
        }
    }

    /// Takes an unreadable hold tag into account.
    #[must_use]
    pub fn unless_hold_unread(self, is_unread: bool) -> Self {
        match self {
            Self::Chosen if is_unread => Self::HoldUnread,
            eligibility => eligibility,
        }
    }

    /// The reason to leave it as it is; `None` when it may be acted on.
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Chosen => None,
            Self::Protected => Some(Reason::Protected),
            Self::ProtectionUnread => Some(Reason::ProtectUnread),
            Self::Excepted => Some(Reason::Excepted),
            Self::ExceptionUnread => Some(Reason::ExceptUnread),
            Self::HoldUnread => Some(Reason::HoldUnread),
            Self::SelectionUnread => Some(Reason::SelectUnread),
            Self::Unselected => Some(Reason::NoLongerSelected),
        }
    }

    /// Whether readable tags may change the result.
    pub fn is_unread(self) -> bool {
        matches!(
            self,
            Self::ProtectionUnread
                | Self::ExceptionUnread
                | Self::SelectionUnread
                | Self::HoldUnread
        )
    }
}

/// An instance that `select` matches.
#[derive(Clone, Copy, Debug)]
pub struct Match<'a> {
    pub instance: &'a Instance,
    /// Whether it may be acted on.
    pub eligibility: Eligibility,
}

/// The result for one reading.
#[derive(Debug)]
pub struct Selection<'a> {
    /// Every instance that `select` matches.
    pub matches: Vec<Match<'a>>,
    /// Instances that `select` might match if their tags were readable. Never acted on.
    pub unjudged: Vec<&'a Instance>,
    /// Instances to judge as soon as their own tags are read.
    pub pending: Vec<Match<'a>>,
}

impl<'a> Selection<'a> {
    /// Judges every instance of a reading.
    pub fn of(rule: &Rule, protect: &Selector, reading: &'a Reading) -> Self {
        let (matches, unjudged, pending) = (Vec::new(), Vec::new(), Vec::new());
        let mut selection = Self { matches, unjudged, pending };
        for region in &reading.regions {
            for (index, instance) in region.instances.iter().enumerate() {
                match eligibility(rule, protect, (region, index)) {
                    Eligibility::Unselected => {}
                    unread if unread.is_unread() && region.pending.contains(&instance.no) => {
                        selection.pending.push(Match { instance, eligibility: unread });
                    }
                    Eligibility::SelectionUnread => selection.unjudged.push(instance),
                    eligibility => selection.matches.push(Match { instance, eligibility }),
                }
            }
        }
        selection
    }

    /// Keeps only the instances for which `is_meant` holds.
    pub fn narrow(&mut self, is_meant: impl Fn(&Instance) -> bool) {
        self.matches.retain(|found| is_meant(found.instance));
        self.unjudged.retain(|instance| is_meant(instance));
        self.pending.retain(|found| is_meant(found.instance));
    }

    /// Waits for the tags of every instance that may be acted on, even if only other rules need
    /// them.
    pub fn wait_for_all(&mut self, reading: &Reading) {
        let is_pending = |found: &mut Match<'a>| {
            let mut regions = reading.regions.iter();
            found.eligibility == Eligibility::Chosen
                && regions.any(|region| region.pending.contains(&found.instance.no))
        };
        self.pending.extend(self.matches.extract_if(.., is_pending));
    }

    /// The instances that may be acted on, in any state, held or not: `max_instances` counts these.
    pub fn chosen(&self) -> impl Iterator<Item = &'a Instance> {
        let chosen = |found: &&Match<'a>| {
            matches!(found.eligibility, Eligibility::Chosen | Eligibility::HoldUnread)
        };
        self.matches.iter().filter(chosen).map(|found| found.instance)
    }
}

/// Judges the instance at this index of a region.
pub fn eligibility(
    rule: &Rule,
    protect: &Selector,
    (region, index): (&RegionReading, usize),
) -> Eligibility {
    let eligibility = region.described(index, |it| Eligibility::of(rule, protect, it));
    eligibility.unless_hold_unread(region.is_hold_unread(&region.instances[index].no))
}

/// Whether the instance at this index of a region may be acted on, held or not.
pub fn may_act(rule: &Rule, protect: &Selector, (region, index): (&RegionReading, usize)) -> bool {
    match eligibility(rule, protect, (region, index)) {
        Eligibility::Chosen => true,
        Eligibility::HoldUnread => !region.pending.contains(&region.instances[index].no),
        _ => false,
    }
}

/// The reason why an instance cannot be asked for `action` now; `None` when it can, or is at the
/// goal already.
pub fn obstacle(instance: &Instance, action: Action) -> Option<Reason> {
    if instance.is_ready_for(action) || instance.is_at_goal_of(action) {
        return None;
    }
    let status = instance.status.code().to_owned();
    Some(match instance.status.power() {
        _ if !instance.operation.is_none() => {
            let operation = instance.operation.code();
            let operation = if operation.is_empty() { "not told" } else { operation };
            Reason::Busy { status, operation: Some(operation.to_owned()) }
        }
        PowerState::Failed => Reason::FailedState(status),
        PowerState::Other => Reason::UnknownState(status),
        _ => Reason::Busy { status, operation: None },
    })
}

/// The guard that stops a whole firing, with its reason: too many instances are `chosen`, or many
/// more `matched` than the `most` of the rule's recent firings.
pub fn guard(
    rule: &Rule,
    (chosen, matched): (usize, usize),
    most: Option<u64>,
) -> Option<(Outcome, String)> {
    let most = most.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
    let too_many = too_many(rule, chosen).map(|reason| (Outcome::TooMany, reason));
    let drifted = || Some((Outcome::Drifted, drifted(rule, matched, most?)?));
    too_many.or_else(drifted)
}

/// The reason why a firing with `chosen` instances sends nothing: they are too many.
fn too_many(rule: &Rule, chosen: usize) -> Option<String> {
    let most = rule.max_instances;
    let is_more = u32::try_from(chosen).map_or(true, |chosen| chosen > most);
    is_more.then(|| format!("{chosen} instances, max_instances = {most}"))
}

/// Whether a rule with this number of matches may have drifted, depending on its past.
pub fn can_drift(rule: &Rule, matched: usize) -> bool {
    rule.drift == Drift::Refuse && matched >= LEAST_DRIFT
}

/// The reason why a firing with `matched` instances sends nothing: its rule has drifted. Drift
/// means more than twice as many as `most`, its largest recent number, and at least five more.
fn drifted(rule: &Rule, matched: usize, most: usize) -> Option<String> {
    let is_more = matched > most.saturating_mul(2) && matched >= most.saturating_add(LEAST_DRIFT);
    (can_drift(rule, matched) && is_more)
        .then(|| format!("{matched} instances, {most} at most in its last firings"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Schedules;
    use std::path::Path;

    fn rule(more: &str) -> Rule {
        let text = format!(
            "timezone = 'UTC'\naccounts.main.platform = 'vpc'\n[[rules]]\nname = 'a'\n\
             action = 'stop'\ncron = '0 20 * * *'\nselect.names = ['*']\n{more}"
        );
        let (schedules, _) = Schedules::parse(Path::new("s.toml"), &text).unwrap();
        (*schedules.rules[0]).clone()
    }

    #[test]
    fn a_rule_has_drifted_to_more_than_twice_as_many_and_at_least_five_more() {
        let (refuse, allow) = (rule(""), rule("drift = 'allow'"));
        for (matched, most, has_drifted) in [
            (4, 0, false),
            (5, 0, true),
            (7, 3, false),
            (8, 3, true),
            (20, 10, false),
            (21, 10, true),
        ] {
            let said = format!("{matched} instances, {most} at most in its last firings");
            assert_eq!(drifted(&refuse, matched, most), has_drifted.then_some(said));
            assert_eq!(drifted(&allow, matched, most), None);
        }
    }

    #[test]
    fn max_instances_is_the_most_that_a_firing_may_be_about() {
        let rule = rule("max_instances = 2");
        assert_eq!(too_many(&rule, 2), None);
        assert_eq!(too_many(&rule, 3), Some("3 instances, max_instances = 2".to_owned()));
    }
}
