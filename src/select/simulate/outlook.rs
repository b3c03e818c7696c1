//! What the rules would make of a server.

use chrono::TimeDelta;

use crate::model::instance::Action;
use crate::schedule::cron::Occurrence;
use crate::schedule::expect::ExpectedState;
use crate::schedule::rule::Rule;
use crate::schedule::times::Skipped;

/// How long before an expectation's time firings are looked for: a year and a month, so that
/// what happens once a year is seen.
pub const LOOK_BACK: TimeDelta = TimeDelta::days(400);

/// The last firing of a rule before a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastFiring<'s> {
    pub rule: &'s Rule,
    pub occurrence: Occurrence,
}

/// What the rules would make of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlook<'s> {
    /// This firing was the last that acted on it.
    Left(LastFiring<'s>),
    /// A stop and a start at one instant were the last: which of them wins is not decided.
    Torn {
        stop: LastFiring<'s>,
        start: LastFiring<'s>,
    },
    Untouched,
}

/// Why a rule that selects an instance does not act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restraint<'s> {
    /// `[protect]` forbids it.
    Protected,
    /// Its `except` leaves it out.
    Excepted,
    Disabled,
    DryRun,
    /// It starts only what lightsout stopped, and no rule has stopped it before.
    NotOurs,
    /// It acts, but its last firing was skipped.
    Holiday(Skipped<'s>),
}

/// What is foreseen for an expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foresight<'s> {
    /// What the rules would make of the instance.
    pub outlook: Outlook<'s>,
    /// The rules that select it, fire in that time and do not act on it, in the file's order; of
    /// what holidays prevented only what would have come last.
    pub restrained: Vec<(&'s Rule, Restraint<'s>)>,
}

/// Adds a rule that does not act; both of a window are kept by the same, and told once.
pub(crate) fn restrain<'s>(
    all: &mut Vec<(&'s Rule, Restraint<'s>)>,
    rule: &'s Rule,
    restraint: Restraint<'s>,
) {
    if all.last().is_none_or(|(other, _)| other.name != rule.name) {
        all.push((rule, restraint));
    }
}

impl<'s> Outlook<'s> {
    /// Of the last firings, all at one instant.
    pub(super) fn of(last: &[LastFiring<'s>]) -> Self {
        let first = |action| last.iter().find(|last| last.rule.action == action).copied();
        match (first(Action::Stop), first(Action::Start)) {
            (Some(stop), Some(start)) => Self::Torn { stop, start },
            (Some(only), None) | (None, Some(only)) => Self::Left(only),
            (None, None) => Self::Untouched,
        }
    }

    /// The state it comes to; `None` where that is not decided.
    pub fn state(&self) -> Option<ExpectedState> {
        match self {
            Self::Left(last) => Some(match last.rule.action {
                Action::Stop => ExpectedState::Stopped,
                Action::Start => ExpectedState::Running,
            }),
            Self::Torn { .. } => None,
            Self::Untouched => Some(ExpectedState::Untouched),
        }
    }
}
