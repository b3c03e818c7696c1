//! Stretches of an axis that do not overlap, and how much of them lies in any part of it.

use chrono::{NaiveDateTime, TimeDelta};

use super::count::Stretch;

/// Stretches in order, none of which overlaps or touches another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Used {
    stretches: Vec<Stretch>,
    /// How much there is before each of them.
    before: Vec<TimeDelta>,
}

impl Used {
    /// Adds a stretch that begins no earlier than any before it.
    pub(crate) fn add(&mut self, (from, until): Stretch) {
        match self.stretches.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => {
                self.before.push(self.up_to(from));
                self.stretches.push((from, until));
            }
        }
    }

    /// How much there is between two points.
    pub(crate) fn within(&self, (from, until): Stretch) -> TimeDelta {
        self.up_to(until) - self.up_to(from)
    }

    /// How much there is before a point.
    fn up_to(&self, point: NaiveDateTime) -> TimeDelta {
        let begun = self.stretches.partition_point(|(from, _)| *from < point);
        let Some(last) = begun.checked_sub(1) else { return TimeDelta::zero() };
        let (from, until) = self.stretches[last];
        self.before[last] + (until.min(point) - from)
    }
}

impl FromIterator<Stretch> for Used {
    fn from_iter<I: IntoIterator<Item = Stretch>>(stretches: I) -> Self {
        let mut used = Self::default();
        stretches.into_iter().for_each(|stretch| used.add(stretch));
        used
    }
}
