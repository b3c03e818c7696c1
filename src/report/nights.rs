//! Nights: whether the servers that should be off were off.
//!
//! A server's night begins when a stop that means the server falls due, even a missed or guarded
//! one. The night ends when (1) the next start that means the server falls due, or (2) the same
//! rule falls due again. Stops whose nights end together make one night.
//!
//! The server ran through the night when (1) it was running at the end, (2) it was never off, and
//! (3) its state was unknown for an hour at most. No night comes from: a server left as it was by
//! choice, a dry run, a stop by hand. A night counts in the period in which it ends, if it is no
//! longer than [`LONGEST_NIGHT`].

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::counts::Nights;
use super::spent::Spent;
use crate::audit::report_facts::{Fired, HowRun, LONGEST_NIGHT};
use crate::model::instance::{AccountName, Action, InstanceNo};
use crate::model::period::Period;
use crate::state_history::{Interval, State};

/// The longest unknown time of a night that counts as run through. While a stop is tried, the state
/// is neither running nor stopped.
const DOUBT: TimeDelta = TimeDelta::hours(1);

/// An instance, by its account and its number.
pub(super) type Whose<'f> = (&'f AccountName, &'f InstanceNo);

/// A night of an instance: the time in which it should be off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Night {
    pub(super) from: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
}

/// The nights of each instance that ended in a period, in order. `firings` are in the order of
/// their due times.
pub(super) fn nights(firings: &[Fired], span: Period) -> HashMap<Whose<'_>, Vec<Night>> {
    let mut begun: HashMap<Whose<'_>, Vec<&Fired>> = HashMap::new();
    let mut nights: HashMap<Whose<'_>, BTreeMap<DateTime<Utc>, DateTime<Utc>>> = HashMap::new();
    for (fired, meant) in firings.iter().zip(meant(firings)) {
        for no in meant {
            let whose = (&fired.account, no);
            let open = begun.entry(whose).or_default();
            for stop in open.extract_if(.., |stop| fired.ends_the_night_of(stop)) {
                let (from, until) = (stop.due_at, fired.due_at);
                if span.contains(until) && from < until && until - from <= LONGEST_NIGHT {
                    let first = nights.entry(whose).or_default().entry(until).or_insert(from);
                    *first = from.min(*first);
                }
            }
            if fired.action == Action::Stop && fired.run != HowRun::ByHand {
                open.push(fired);
            }
        }
    }
    let of = |ends: BTreeMap<_, _>| {
        ends.into_iter().map(|(until, from)| Night { from, until }).collect()
    };
    nights.into_iter().map(|(whose, ends)| (whose, of(ends))).collect()
}

impl Fired {
    fn ends_the_night_of(&self, stop: &Self) -> bool {
        let is_again = self.run != HowRun::ByHand && !self.is_makeup && self.rule == stop.rule;
        self.action == Action::Start || is_again
    }
}

/// The instances that each firing meant. A missed or guarded firing meant the same ones as the
/// rule's last firing before it.
fn meant(firings: &[Fired]) -> Vec<Vec<&InstanceNo>> {
    let mut last: HashMap<(&str, Action), Vec<&InstanceNo>> = HashMap::new();
    let mut all = Vec::with_capacity(firings.len());
    for fired in firings {
        let rule = (fired.rule.as_str(), fired.action);
        let meant = match fired.own() {
            Some(meant) => meant,
            None => last.get(&rule).cloned().unwrap_or_default(),
        };
        if !fired.is_makeup && !fired.is_dry_run {
            last.insert(rule, meant.clone());
        }
        all.push(meant);
    }
    all
}

impl Fired {
    /// The instances that the firing is known to have meant; `None` when nobody looked.
    fn own(&self) -> Option<Vec<&InstanceNo>> {
        if self.is_dry_run {
            return Some(Vec::new());
        }
        if self.ended.is_empty() && !self.is_makeup && self.count().empty == 0 {
            return None;
        }
        let meant = self.ended.iter().filter(|ended| ended.is_meant());
        Some(meant.flat_map(|ended| &ended.instances).collect())
    }
}

impl Nights {
    /// Judges one night by its states.
    pub(super) fn judged(intervals: &[Interval], night: Night) -> Self {
        let mut spent = Spent::default();
        let mut last = None;
        for interval in intervals {
            let (from, until) = (interval.from.max(night.from), interval.until.min(night.until));
            if from < until {
                spent += Spent::in_state(interval.state, until - from, false);
                last = Some(interval.state);
            }
        }
        let mut nights = Self::default();
        *match last {
            _ if spent.off > TimeDelta::zero() => &mut nights.off,
            Some(State::Running) if spent.unknown <= DOUBT && spent.unknown < spent.running => {
                &mut nights.running
            }
            _ => &mut nights.unknown,
        } = 1;
        nights
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_ran_through_no_night_of_which_more_than_an_hour_is_unknown() {
        let at = |minute| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(minute);
        let night = Night { from: at(0), until: at(720) };
        let counted = |off, running, unknown| Nights { off, running, unknown };
        for (ends, expected) in [
            (&[(720, State::Running)][..], counted(0, 1, 0)),
            (&[(5, State::Running), (10, State::Unknown), (720, State::Running)], counted(0, 1, 0)),
            // Somebody may have stopped and started it while no daemon was there.
            (&[(690, State::Unknown), (720, State::Running)], counted(0, 0, 1)),
            (&[(690, State::Unknown), (700, State::Off), (720, State::Running)], counted(1, 0, 0)),
            (&[(690, State::Running), (720, State::Unknown)], counted(0, 0, 1)),
        ] {
            let mut from = at(-60);
            let interval = |&(end, state): &(i64, State)| {
                let until = at(end);
                Interval { from: std::mem::replace(&mut from, until), until, state, by: None }
            };
            let intervals: Vec<Interval> = ends.iter().map(interval).collect();
            assert_eq!(Nights::judged(&intervals, night), expected, "{ends:?}");
        }
    }
}
