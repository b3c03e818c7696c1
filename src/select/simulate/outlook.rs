//! The forecast for a server, as types. [`super::words`] puts it into words.

use chrono::TimeDelta;

use crate::model::instance::Action;
use crate::schedule::cron::Occurrence;
use crate::schedule::expect::ExpectedState;
use crate::schedule::rule::Rule;
use crate::schedule::times::Skipped;

/// The search goes back this far from an expectation's time: a year and a month, so that yearly
/// firings are found.
pub const LOOK_BACK: TimeDelta = TimeDelta::days(400);

/// The last firing of a rule before a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastFiring<'s> {
    pub rule: &'s Rule,
    pub occurrence: Occurrence,
}

/// The state to which the rules lead an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outlook<'s> {
    /// This firing was the last to act on it.
    Left(LastFiring<'s>),
    /// A stop and a start at one instant were the last: nothing decides which wins.
    Torn {
        stop: LastFiring<'s>,
        start: LastFiring<'s>,
    },
    Untouched,
}

/// The reason why a rule that selects an instance does not act on it.
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
    /// It acts, but its last firing was skipped, on a holiday or by an override.
    Skipped(Skipped<'s>),
}

/// The forecast for an expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foresight<'s> {
    pub outlook: Outlook<'s>,
    /// The rules that select it and fire in that time without acting on it, in the file's order. Of
    /// the firings that did not take place, only the latest.
    pub restrained: Vec<(&'s Rule, Restraint<'s>)>,
}

/// Adds a restrained rule. Both rules of a window are restrained by the same, and named once.
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

    /// The state; `None` when nothing decides it.
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
