//! Follows rules into the future: when they turn an instance off and on.
//!
//! Assumes that each firing succeeds at once and that nobody else acts. Goes from turn to turn: a
//! running instance waits for the next stop, a stopped one for the next start. The limits are
//! [`super::forecast`]'s business.

use chrono::{DateTime, TimeDelta, Utc};

use super::acting_rules::{Acting, Held};
use crate::model::instance::Action;
use crate::schedule::times::Times;
use crate::schedule::{Rule, Start};
use crate::time::zone::Zone;

/// Rules that turn an instance more often are not followed: every hour of two years.
const MOST_TURNS: usize = 17_520;

/// The smallest step between two instants.
const INSTANT: TimeDelta = TimeDelta::milliseconds(1);

/// The state of an instance at the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Begin {
    Running,
    /// Off; lightsout stopped it.
    OffByUs,
    /// Off; lightsout did not stop it. A rule that starts only its own servers leaves it off.
    OffByOthers,
}

/// A period in which an instance will be off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffTime {
    /// The beginning, or the beginning of the forecast when it is off already.
    pub from: DateTime<Utc>,
    /// The end, or the end of the forecast.
    pub until: DateTime<Utc>,
    /// The index of the stopping rule; `None` when it is off from the beginning.
    pub stopped_by: Option<usize>,
}

/// The reason why rules cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unforeseen {
    /// A stop and a start, by their indexes, fall due at one instant: nothing decides which wins.
    Torn(usize, usize),
    /// They turn the instance too often to be followed.
    TooOften,
}

/// The part of a rule that decides when it turns an instance. Many instances share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Turner<'f> {
    times: &'f Times,
    zone: Zone,
    action: Action,
    start: Start,
    held: Option<Held>,
}

/// The time of an action, and the time for which it was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: DateTime<Utc>,
    wanted_at: DateTime<Utc>,
}

impl<'f> Turner<'f> {
    pub(crate) fn of(acting: &Acting<'f>) -> Self {
        let rule: &'f Rule = acting.rule;
        Self {
            times: &rule.times,
            zone: rule.timezone,
            action: rule.action,
            start: rule.start,
            held: acting.held,
        }
    }

    /// The next action after `after`.
    fn next_after(&self, after: DateTime<Utc>) -> Option<Due> {
        if let Some(held) = self.held.filter(|held| after < held.until) {
            let owed = self.owed(held).map(|wanted_at| Due { at: held.until, wanted_at });
            return owed.or_else(|| self.due_after(held.until - INSTANT));
        }
        self.due_after(after)
    }

    fn due_after(&self, after: DateTime<Utc>) -> Option<Due> {
        let at = self.times.next_after(self.zone, after)?.at;
        Some(Due { at, wanted_at: at })
    }

    /// The action that a hold defers to its end: the last one that fell due during the hold.
    fn owed(&self, held: Held) -> Option<DateTime<Utc>> {
        let occurrences = self.times.occurrences(self.zone, held.since);
        let held_back = occurrences.map(|it| it.at).take_while(|at| *at < held.until);
        held_back.last().filter(|_| !held.skip)
    }

    /// Whether the rule would turn an instance in this state.
    fn turns(&self, now: Begin) -> bool {
        match now {
            Begin::Running => self.action == Action::Stop,
            Begin::OffByUs => self.action == Action::Start,
            Begin::OffByOthers => self.action == Action::Start && self.start == Start::All,
        }
    }
}

/// The times between two instants in which an instance will be off, in order.
///
/// # Errors
/// When they cannot be decided.
pub(crate) fn off_times(
    turners: &[Turner<'_>],
    begin: Begin,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<OffTime>, Unforeseen> {
    let mut off_times = Vec::new();
    let (mut now, mut at) = (begin, from);
    let mut off_since = (begin != Begin::Running).then_some((from, None));
    for _ in 0..MOST_TURNS {
        let Some((place, due)) = next(turners, now, at).filter(|(_, due)| due.at < until) else {
            off_times.extend(off_since.map(|(from, stopped_by)| OffTime {
                from,
                until,
                stopped_by,
            }));
            return Ok(off_times);
        };
        at = due.at;
        // A deferred action may meet an opposite one that was wanted since.
        let opposed = opposed(turners, turners[place].action, due);
        match opposed {
            Some((_, other)) if other.wanted_at > due.wanted_at => continue,
            Some((other, rival)) if rival.wanted_at == due.wanted_at => {
                return Err(Unforeseen::Torn(place.min(other), place.max(other)));
            }
            _ => {}
        }
        if let Some((from, stopped_by)) = off_since.take() {
            off_times.push(OffTime { from, until: at, stopped_by });
            now = Begin::Running;
        } else {
            off_since = Some((at, Some(place)));
            now = Begin::OffByUs;
        }
    }
    Err(Unforeseen::TooOften)
}

/// The first rule that turns an instance in this state, and the time.
fn next(turners: &[Turner<'_>], now: Begin, after: DateTime<Utc>) -> Option<(usize, Due)> {
    let turning = turners.iter().enumerate().filter(|(_, turner)| turner.turns(now));
    let due = turning.filter_map(|(place, turner)| Some((place, turner.next_after(after)?)));
    due.min_by_key(|(place, due)| (due.at, std::cmp::Reverse(due.wanted_at), *place))
}

/// The opposite action at the same instant. Of several, the one wanted last.
fn opposed(turners: &[Turner<'_>], action: Action, due: Due) -> Option<(usize, Due)> {
    let others = turners.iter().enumerate().filter(|(_, turner)| turner.action != action);
    let at_once = others.filter_map(|(place, turner)| {
        let other = turner.next_after(due.at - INSTANT)?;
        (other.at == due.at).then_some((place, other))
    });
    at_once.max_by_key(|(_, due)| due.wanted_at)
}
