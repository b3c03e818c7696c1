//! Finds the times without a daemon: the gaps between the periods in which daemons lived.
//!
//! [`crate::audit`] reads those periods.

use chrono::{DateTime, TimeDelta, Utc};

use crate::time::uptime::Stretch;

/// A shorter gap is a restart, or a heartbeat that came late.
const LEAST: TimeDelta = TimeDelta::minutes(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    pub from: DateTime<Utc>,
    /// The end; `None`: no daemon has come since.
    pub until: Option<DateTime<Utc>>,
}

impl Absence {
    pub fn covers(&self, at: DateTime<Utc>) -> bool {
        self.from < at && self.until.is_none_or(|until| at < until)
    }
}

/// The gaps between these periods, and from the last of them to `now`, in order. When no daemon
/// ever lived, there are none.
pub fn absences(lived: &[Stretch], now: DateTime<Utc>) -> Vec<Absence> {
    let mut lived = lived.to_vec();
    lived.sort_by_key(|stretch| stretch.from);
    let mut absences = Vec::new();
    let mut end: Option<DateTime<Utc>> = None;
    for stretch in lived {
        if let Some(from) = end.filter(|end| stretch.from - *end >= LEAST) {
            absences.push(Absence { from, until: Some(stretch.from) });
        }
        end = end.max(Some(stretch.until));
    }
    let last = end.filter(|end| now - *end >= LEAST);
    absences.extend(last.map(|from| Absence { from, until: None }));
    absences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(60 * minute, 0).unwrap()
    }

    #[test]
    fn what_no_daemon_lived_through_is_an_absence_unless_it_was_short() {
        let gap = |from, until: Option<i64>| (from, until);
        for (lived, expected) in [
            (vec![], vec![]),
            (vec![(0, 100)], vec![]),
            (vec![(0, 90)], vec![gap(90, None)]),
            (vec![(0, 10), (12, 99)], vec![]),
            (vec![(50, 100), (0, 10)], vec![gap(10, Some(50))]),
            (vec![(0, 60), (10, 20), (70, 98)], vec![gap(60, Some(70))]),
        ] {
            let stretches: Vec<Stretch> = lived
                .iter()
                .map(|(from, until)| Stretch { from: at(*from), until: at(*until) })
                .collect();
            let expected: Vec<Absence> = expected
                .into_iter()
                .map(|(from, until)| Absence { from: at(from), until: until.map(at) })
                .collect();
            assert_eq!(absences(&stretches, at(100)), expected, "{lived:?}");
        }
    }
}
