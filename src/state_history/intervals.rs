//! Turns observations into intervals.
//!
//! Between two observations that agree:
//!
//! 1. Equal boots prove that the state held.
//! 2. A stopped instance with a new boot ran in between, and its state there is unknown.
//! 3. Otherwise the state held if a daemon was there all the time: it would have seen a change.
//!
//! Between two observations that differ, the first fact that is known decides:
//!
//! 1. The boot time, when the instance was turned on.
//! 2. The effect of our request: the earlier state held until the effect was seen.
//! 3. Nothing else: unknown since the last observation of the earlier state.

use chrono::{DateTime, TimeDelta, Utc};

use super::{By, ExternalTurn, Interval, Observation, OwnRequest, Sightings, State, Watch};
use crate::model::instance::Action;

/// The longest time from our request to its seen effect for which the earlier state counts as
/// lasting. After a longer time, nobody followed the request, and the change came somewhere in
/// between.
const FOLLOWED: TimeDelta = TimeDelta::hours(1);
/// An observation may lag behind by this much, and show the state before an earlier request.
const LAG: TimeDelta = TimeDelta::minutes(1);

impl Sightings {
    /// The states between two times, without a gap. Neighbours differ.
    pub fn intervals(
        &self,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        watch: &Watch,
    ) -> Vec<Interval> {
        let mut row = Row { intervals: Vec::new(), end: DateTime::<Utc>::MIN_UTC };
        if let Some(first) = self.looks.first() {
            row.add(first.at, State::Unknown, None);
        }
        let mut by = None;
        for pair in self.looks.windows(2) {
            by = self.between(&pair[0], &pair[1], by, (&mut row, watch));
        }
        if let (Some(last), Some(looked_at)) = (self.looks.last(), self.looked_at) {
            let is_proven = last.booted_at.is_some() || watch.lasted(last.at, looked_at);
            row.add(looked_at, if is_proven { last.state } else { State::Unknown }, by);
        }
        row.add(DateTime::<Utc>::MAX_UTC, State::Unknown, None);
        row.cut(from, until, watch.pruned_before)
    }

    /// Adds the time between two observations. `by` is the author of the first one's state; returns
    /// the author of the second one's.
    fn between(
        &self,
        a: &Observation,
        b: &Observation,
        by: Option<By>,
        (row, watch): (&mut Row, &Watch),
    ) -> Option<By> {
        let is_watched = watch.lasted(a.at, b.at);
        match (a.state, b.state) {
            (State::Unknown, _) => row.add(b.at, State::Unknown, None),
            (before, State::Unknown) => {
                row.add(b.at, if is_watched { before } else { State::Unknown }, by);
                return None;
            }
            (before, after) if before == after => {
                let is_proven = match (a.booted_at, b.booted_at) {
                    (Some(a), Some(b)) if a == b => true,
                    (Some(_), Some(_)) if after == State::Off => false,
                    _ => is_watched,
                };
                if is_proven {
                    row.add(b.at, before, by.clone());
                    return by;
                }
                row.add(b.at, State::Unknown, None);
                return None;
            }
            (before, after) => {
                let turned = self.turned_at(b);
                let asked = self.asked_for(a, b);
                let is_sure = |until| a.booted_at.is_some() || watch.lasted(a.at, until);
                let (known, sure) = match (b.boot_after(a), turned, asked) {
                    // Up to then, an observation showed the old state and the old boot.
                    (_, Some(turned), _) if !is_watched && is_sure(turned.unseen_since) => {
                        (turned.unseen_since.clamp(a.at, b.at), b.at)
                    }
                    _ if !is_watched => (a.at, b.at),
                    (Some(booted_at), ..) if after == State::Running => (booted_at, booted_at),
                    (_, Some(turned), _) => (turned.unseen_since.clamp(a.at, b.at), b.at),
                    (_, None, Some(asked)) if b.at - asked.at <= FOLLOWED => (b.at, b.at),
                    (_, None, Some(asked)) => (asked.at, b.at),
                    (_, None, None) => (a.at, b.at),
                };
                let by_now = match (turned, asked) {
                    (Some(_), _) => Some(By::Others),
                    (None, Some(asked)) => Some(By::Us(asked.rule.clone())),
                    (None, None) => None,
                };
                row.add(known.max(a.at), before, by);
                row.add(sure.max(a.at), State::Unknown, None);
                row.add(b.at, after, by_now.clone());
                return by_now;
            }
        }
        None
    }

    /// The change by others that an observation found.
    fn turned_at(&self, look: &Observation) -> Option<&ExternalTurn> {
        let place = self.turned.partition_point(|turned| turned.seen_at < look.at);
        let turned = self.turned.get(place)?;
        let is_it = turned.seen_at == look.at && Some(turned.action) == look.state.led_to_by();
        is_it.then_some(turned)
    }

    /// The last request between two observations that explains the second.
    fn asked_for(&self, a: &Observation, b: &Observation) -> Option<&OwnRequest> {
        let wanted: Action = b.state.led_to_by()?;
        let end = self.asked.partition_point(|asked| asked.at <= b.at);
        let asked = self.asked[..end].iter().rev();
        let mut since = asked.take_while(|asked| asked.at >= a.at - LAG);
        since.find(|asked| asked.action == wanted)
    }
}

impl Observation {
    /// The boot, if that was after another observation.
    fn boot_after(&self, other: &Self) -> Option<DateTime<Utc>> {
        self.booted_at.filter(|booted_at| (other.at..=self.at).contains(booted_at))
    }
}

/// Intervals under construction.
struct Row {
    intervals: Vec<Interval>,
    end: DateTime<Utc>,
}

impl Row {
    /// Extends to a time.
    fn add(&mut self, until: DateTime<Utc>, state: State, by: Option<By>) {
        if until <= self.end {
            return;
        }
        let from = std::mem::replace(&mut self.end, until);
        let by = by.filter(|_| state != State::Unknown);
        match self.intervals.last_mut() {
            Some(last) if last.state == state && last.by == by => last.until = until,
            _ => self.intervals.push(Interval { from, until, state, by }),
        }
    }

    /// The part between two times. Nothing is known before `pruned_before`.
    fn cut(
        self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        pruned_before: Option<DateTime<Utc>>,
    ) -> Vec<Interval> {
        let mut row = Self { intervals: Vec::new(), end: from };
        if let Some(pruned_before) = pruned_before {
            row.add(pruned_before.min(until), State::Unknown, None);
        }
        for interval in self.intervals {
            row.add(interval.until.min(until), interval.state, interval.by);
        }
        row.intervals
    }
}

#[cfg(test)]
mod tests;
