//! Owns the times at which a target is sent a report: `cron` beside `on = ["report"]`.
//!
//! `notice` plans the reports.

use chrono::{DateTime, TimeDelta, Utc};

use super::cron::Cron;
use crate::time::zone::Zone;

/// The first step of the search backwards. Each step is twice as long.
const FIRST_STEP: TimeDelta = TimeDelta::hours(1);
/// The longest search backwards. The rarest day is the 29th of February, which 2100 does not have.
const FARTHEST: TimeDelta = TimeDelta::days(9 * 366);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReportTimes {
    pub cron: Cron,
    /// The zone of the times, and of the days in the report.
    pub zone: Zone,
}

impl ReportTimes {
    pub fn next_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Some(self.cron.next_after(self.zone, at)?.at)
    }

    /// The period for which a report is due by `now`, if reports exist up to `told`: from one of
    /// these times to the last one. Several missed reports become one.
    pub fn owed(
        &self,
        told: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let due_at = self.next_after(told).filter(|due_at| *due_at <= now)?;
        let until = self.last_by(now).unwrap_or(due_at).max(due_at);
        Some((self.last_before(due_at)?, until))
    }

    /// The last complete period between two of these times.
    pub fn last_period(&self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let until = self.last_by(now)?;
        Some((self.last_before(until)?, until))
    }

    /// The last time up to an instant, that instant included.
    pub fn last_by(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let steps = std::iter::successors(Some(FIRST_STEP), |step| Some(*step * 2));
        steps.take_while(|step| *step < FARTHEST * 2).find_map(|step| {
            let all = self.cron.occurrences(self.zone, at - step);
            all.map(|occurrence| occurrence.at).take_while(|due| *due <= at).last()
        })
    }

    pub fn last_before(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.last_by(at - TimeDelta::milliseconds(1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn times(cron: &str, zone: &str) -> ReportTimes {
        ReportTimes { cron: cron.parse().unwrap(), zone: zone.parse().unwrap() }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_last_one_is_found_however_rare_they_are() {
        for (cron, now, last, before) in [
            ("0 9 1 * *", "2026-11-23T00:00:00Z", "2026-11-01T00:00:00Z", "2026-10-01T00:00:00Z"),
            ("0 9 * * MON", "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-16T00:00:00Z"),
            ("0 9 * * MON", "2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z", "2026-11-09T00:00:00Z"),
            ("*/5 * * * *", "2026-11-23T00:04:59Z", "2026-11-23T00:00:00Z", "2026-11-22T23:55:00Z"),
            ("0 0 29 2 *", "2104-02-28T00:00:00Z", "2096-02-28T15:00:00Z", "2092-02-28T15:00:00Z"),
        ] {
            let times = times(cron, "Asia/Seoul");
            let found = times.last_by(at(now));
            assert_eq!(found, Some(at(last)), "{cron} by {now}");
            assert_eq!(times.last_before(at(last)), Some(at(before)), "{cron} before {last}");
        }
    }

    #[test]
    fn what_is_owed_begins_where_the_last_report_ended() {
        let monthly = times("0 9 1 * *", "Asia/Seoul");
        for (told, now, owed) in [
            ("2026-10-01T00:00:00Z", "2026-10-31T23:59:59Z", None),
            // On time; after a daemon that began in mid-month; after two months away.
            ("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", Some(("10-01", "11-01"))),
            ("2026-10-20T05:06:07Z", "2026-11-01T00:00:03Z", Some(("10-01", "11-01"))),
            ("2026-09-01T00:00:00Z", "2026-11-20T00:00:00Z", Some(("09-01", "11-01"))),
        ] {
            let day = |day| at(&format!("2026-{day}T00:00:00Z"));
            let owed = owed.map(|(from, until)| (day(from), day(until)));
            assert_eq!(monthly.owed(at(told), at(now)), owed, "{told} {now}");
        }
    }

    proptest! {
        #[test]
        fn between_the_last_one_and_now_there_is_none(
            cron in prop::sample::select(vec!["0 9 1 * *", "30 1 * * SUN", "0 */7 * * *"]),
            zone in prop::sample::select(vec!["Asia/Seoul", "America/New_York", "UTC"]),
            now in 1_000_000_000i64..4_000_000_000,
        ) {
            let (times, now) = (times(cron, zone), DateTime::from_timestamp(now, 0).unwrap());
            let last = times.last_by(now).unwrap();
            prop_assert!(last <= now);
            prop_assert!(times.next_after(last).unwrap() > now);
            prop_assert_eq!(times.next_after(times.last_before(last).unwrap()), Some(last));
        }
    }
}
