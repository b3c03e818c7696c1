//! Nights: whether what was to be off was off.
//!
//! A night of a server begins when a stop that meant it falls due, be it missed or held back as
//! a whole, and ends when a start that means it falls due next, or the same rule again. Stops
//! whose nights end together are one night. The server ran through it where it was running at
//! its end and never off; what was left alone by choice, and a dry run, make no night, nor does
//! a stop by hand. A night counts in the time in which it ends, and only if it is not longer
//! than [`LONGEST`].

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::Span;
use super::counts::Nights;
use super::facts::Fired;
use crate::instance::{AccountName, Action, InstanceNo};
use crate::states::{Spell, State};

/// How long a night is at most: the holidays around the lunar new year and two weekends.
pub const LONGEST: TimeDelta = TimeDelta::days(14);

/// An instance, by its account and its number.
pub(super) type Whose<'f> = (&'f AccountName, &'f InstanceNo);

/// A night of an instance: from when it was to be off until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Night {
    pub(super) from: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
}

/// The nights of each instance that ended in a time, in order; of firings in the order in which
/// they fell due.
pub(super) fn nights(firings: &[Fired], span: Span) -> HashMap<Whose<'_>, Vec<Night>> {
    let mut begun: HashMap<Whose<'_>, Vec<&Fired>> = HashMap::new();
    let mut nights: HashMap<Whose<'_>, BTreeMap<DateTime<Utc>, DateTime<Utc>>> = HashMap::new();
    for (fired, meant) in firings.iter().zip(meant(firings)) {
        for no in meant {
            let whose = (&fired.account, no);
            let open = begun.entry(whose).or_default();
            for stop in open.extract_if(.., |stop| fired.ends_the_night_of(stop)) {
                let (from, until) = (stop.due_at, fired.due_at);
                if span.contains(until) && from < until && until - from <= LONGEST {
                    let first = nights.entry(whose).or_default().entry(until).or_insert(from);
                    *first = from.min(*first);
                }
            }
            if fired.action == Action::Stop && !fired.is_by_hand() {
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
        let is_again = !self.is_by_hand() && !self.is_makeup && self.rule == stop.rule;
        self.action == Action::Start || is_again
    }
}

/// Which instances each of these meant. One that was missed or held back as a whole meant what
/// the rule's last firing before it did, or else the first one after it.
fn meant(firings: &[Fired]) -> Vec<Vec<&InstanceNo>> {
    let mut known: Vec<Option<Vec<&InstanceNo>>> = firings.iter().map(Fired::own).collect();
    carry_on(&mut firings.iter().zip(&mut known));
    carry_on(&mut firings.iter().zip(&mut known).rev());
    known.into_iter().map(Option::unwrap_or_default).collect()
}

/// Gives each firing of which nothing is known what the one of its rule before it meant.
fn carry_on<'f>(firings: &mut dyn Iterator<Item = (&'f Fired, &mut Option<Vec<&'f InstanceNo>>)>) {
    let mut last: HashMap<(&str, Action), Vec<&'f InstanceNo>> = HashMap::new();
    for (fired, known) in firings {
        let rule = (fired.rule.as_str(), fired.action);
        match known {
            Some(meant) if !fired.is_makeup && !fired.is_dry_run => {
                last.insert(rule, meant.clone());
            }
            Some(_) => {}
            None => *known = last.get(&rule).cloned(),
        }
    }
}

impl Fired {
    /// The instances that it is known to have meant; `None` where nobody asked which they are.
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
    /// One night, by the states of that time.
    pub(super) fn judged(spells: &[Spell], night: Night) -> Self {
        let in_it = |spell: &&Spell| spell.from < night.until && spell.until > night.from;
        let mut nights = Self::default();
        let mut in_it = spells.iter().filter(in_it);
        let last = in_it.clone().next_back().map(|spell| spell.state);
        *match last {
            _ if in_it.any(|spell| spell.state == State::Off) => &mut nights.off,
            Some(State::Running) => &mut nights.running,
            _ => &mut nights.unknown,
        } = 1;
        nights
    }
}
