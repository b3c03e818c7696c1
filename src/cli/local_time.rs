//! Shows times of the log in a zone.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::time::zone::Zone;

/// Within so many days a day is said by its weekday.
const NEAR: TimeDelta = TimeDelta::days(7);

/// A time of the log as people of that zone read it.
pub(super) fn local(at: &str, zone: Zone) -> String {
    let Ok(instant) = DateTime::parse_from_rfc3339(at) else { return at.to_owned() };
    zone.show(instant.to_utc()).format("%Y-%m-%d %H:%M:%S%:z").to_string()
}

/// Says times as people do. The zone is said once, by [`Spoken::as_of`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Spoken {
    pub(super) zone: Zone,
    pub(super) now: DateTime<Utc>,
}

impl Spoken {
    /// `20:00` today, `Wed 25 20:00` within a week, else `2026-11-25 20:00`.
    pub(super) fn at(self, at: DateTime<Utc>) -> String {
        let local = self.zone.local(at);
        let time = local.format("%H:%M");
        match self.day(local.date()) {
            today if today.is_empty() => time.to_string(),
            day => format!("{day} {time}"),
        }
    }

    /// The same of a time of the log.
    pub(super) fn of(self, at: &str) -> String {
        let instant = DateTime::parse_from_rfc3339(at);
        instant.map_or_else(|_| at.to_owned(), |instant| self.at(instant.to_utc()))
    }

    /// `Wed 25` within a week, else `2026-11-25`; nothing for today.
    pub(super) fn day(self, day: NaiveDate) -> String {
        let today = self.zone.local(self.now).date();
        match (day - today).abs() {
            away if away.is_zero() => String::new(),
            away if away < NEAR => day.format("%a %-d").to_string(),
            _ => day.to_string(),
        }
    }

    /// `2026-11-25 20:00 +09:00, Asia/Seoul`.
    pub(super) fn as_of(self) -> String {
        format!("{}, {}", self.zone.show(self.now).format("%Y-%m-%d %H:%M %:z"), self.zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_by_their_distance() {
        let zone: Zone = "Asia/Seoul".parse().expect("a zone");
        let instant = |at: &str| at.parse::<DateTime<Utc>>().expect("a time");
        let spoken = Spoken { zone, now: instant("2026-11-25T07:00:00Z") };
        for (at, said) in [
            ("2026-11-25T11:00:00Z", "20:00"),
            ("2026-11-24T15:00:00Z", "00:00"),
            ("2026-11-24T14:59:00Z", "Tue 24 23:59"),
            ("2026-12-01T23:00:00Z", "2026-12-02 08:00"),
            ("2026-11-30T23:00:00Z", "Tue 1 08:00"),
            ("2026-11-18T11:00:00.120Z", "2026-11-18 20:00"),
            ("no time", "no time"),
        ] {
            assert_eq!(spoken.of(at), said);
        }
        assert_eq!(spoken.as_of(), "2026-11-25 16:00 +09:00, Asia/Seoul");
    }
}
