//! Owns stretches of an axis without overlap, and the sum of them in any part of the axis.

use chrono::{NaiveDateTime, TimeDelta};

use super::count::Stretch;

/// Stretches in order. None overlaps or touches another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Used {
    stretches: Vec<Stretch>,
    /// For each stretch: the sum of all stretches before it.
    before: Vec<TimeDelta>,
}

impl Used {
    /// Adds a stretch that begins no earlier than the others.
    pub(crate) fn add(&mut self, (from, until): Stretch) {
        match self.stretches.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => {
                self.before.push(self.up_to(from));
                self.stretches.push((from, until));
            }
        }
    }

    /// The sum of the stretches between two points.
    pub(crate) fn within(&self, (from, until): Stretch) -> TimeDelta {
        self.up_to(until) - self.up_to(from)
    }

    /// The sum of the stretches before a point.
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
