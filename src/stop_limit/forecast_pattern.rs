//! When rules turn an instance off and on from now on, as if each firing came off at its instant
//! and nobody else touched anything.
//!
//! Goes from turn to turn: while an instance runs only the next stop matters, and while it is off
//! only the next start.

use chrono::{DateTime, TimeDelta, Utc};

use super::acting_rules::{Acting, Held};
use crate::model::instance::Action;
use crate::schedule::times::Times;
use crate::schedule::{Rule, Start};
use crate::time::zone::Zone;

/// Rules that turn an instance more often than this are not followed: every hour of two years.
const MOST_TURNS: usize = 17_520;

/// The smallest step between two instants.
const INSTANT: TimeDelta = TimeDelta::milliseconds(1);

/// How an instance is to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Begin {
    Running,
    /// It is off, and lightsout stopped it.
    OffByUs,
    /// It is off, and lightsout did not stop it: what starts only its own leaves it off.
    OffByOthers,
}

/// A time throughout which an instance will be off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffTime {
    /// Its beginning; where it is off to begin with, that time.
    pub from: DateTime<Utc>,
    /// Its end, or the end of what is foreseen.
    pub until: DateTime<Utc>,
    /// The place of the rule that stops it; `None` where it is off to begin with.
    pub stopped_by: Option<usize>,
}

/// Why it cannot be foreseen when rules turn an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unforeseen {
    /// A stop and a start fall due at one instant, by their places: which one wins is not decided.
    Torn(usize, usize),
    /// They turn it more often than is followed.
    TooOften,
}

/// What of a rule decides when it turns an instance: the same for many.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Turner<'f> {
    times: &'f Times,
    zone: Zone,
    action: Action,
    start: Start,
    held: Option<Held>,
}

/// When a rule acts, and when it was due for that.
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

    /// When it acts next after `after`.
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

    /// What it makes up for when a hold ends: the last that fell due while it was held.
    fn owed(&self, held: Held) -> Option<DateTime<Utc>> {
        let occurrences = self.times.occurrences(self.zone, held.since);
        let held_back = occurrences.map(|it| it.at).take_while(|at| *at < held.until);
        held_back.last().filter(|_| !held.skip)
    }

    /// Whether it would turn an instance that is so.
    fn turns(&self, now: Begin) -> bool {
        match now {
            Begin::Running => self.action == Action::Stop,
            Begin::OffByUs => self.action == Action::Start,
            Begin::OffByOthers => self.action == Action::Start && self.start == Start::All,
        }
    }
}

/// When an instance will be off between two times, in order.
///
/// # Errors
/// When that is not decided.
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
        // What is owed from a hold may meet what was wanted since.
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

/// The first rule that turns an instance that is so, and when.
fn next(turners: &[Turner<'_>], now: Begin, after: DateTime<Utc>) -> Option<(usize, Due)> {
    let turning = turners.iter().enumerate().filter(|(_, turner)| turner.turns(now));
    let due = turning.filter_map(|(place, turner)| Some((place, turner.next_after(after)?)));
    due.min_by_key(|(place, due)| (due.at, std::cmp::Reverse(due.wanted_at), *place))
}

/// What acts the other way at the same instant, and was wanted last of all such.
fn opposed(turners: &[Turner<'_>], action: Action, due: Due) -> Option<(usize, Due)> {
    let others = turners.iter().enumerate().filter(|(_, turner)| turner.action != action);
    let at_once = others.filter_map(|(place, turner)| {
        let other = turner.next_after(due.at - INSTANT)?;
        (other.at == due.at).then_some((place, other))
    });
    at_once.max_by_key(|(_, due)| due.wanted_at)
}
