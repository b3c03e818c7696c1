//! Owns the times of a day that a rule lists.

use chrono::NaiveTime;

/// The times of a day: each hour with each minute with each second, in order.
pub(super) struct Times(pub(super) [Vec<u32>; 3]);

impl Times {
    pub(super) fn count(&self) -> usize {
        self.0.iter().map(Vec::len).product()
    }

    pub(super) fn at(&self, place: usize) -> NaiveTime {
        let [hours, minutes, seconds] = &self.0;
        let (place, second) = (place / seconds.len(), place % seconds.len());
        let (hour, minute) = (place / minutes.len(), place % minutes.len());
        time(hours[hour], minutes[minute], seconds[second])
    }

    pub(super) fn before(&self, time: NaiveTime) -> usize {
        self.how_many(|at| at < time)
    }

    /// The number of times up to a time, that time included.
    pub(super) fn up_to(&self, time: NaiveTime) -> usize {
        self.how_many(|at| at <= time)
    }

    fn how_many(&self, is: impl Fn(NaiveTime) -> bool) -> usize {
        let (mut least, mut most) = (0, self.count());
        while least < most {
            let middle = usize::midpoint(least, most);
            if is(self.at(middle)) {
                least = middle + 1;
            } else {
                most = middle;
            }
        }
        least
    }
}

/// A time of the day. A leap second becomes second 59: no clock here shows it.
pub(super) fn time(hour: u32, minute: u32, second: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, second.min(59)).unwrap_or_default()
}
