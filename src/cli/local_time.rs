//! Shows times of the log in a zone: in full, or as people say them.

use chrono::{DateTime, NaiveDate, Utc};

use super::listing::Format;
use super::output;
use crate::model::language::Language;
use crate::time::near::Near;
use crate::time::zone::Zone;

/// A time of the log in full.
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
        self.near().minute(at, Language::English)
    }

    /// The same of a time of the log.
    pub(super) fn of(self, at: &str) -> String {
        let instant = DateTime::parse_from_rfc3339(at);
        instant.map_or_else(|_| at.to_owned(), |instant| self.at(instant.to_utc()))
    }

    /// `Wed 25` within a week, else `2026-11-25`; nothing for today.
    pub(super) fn day(self, day: NaiveDate) -> String {
        self.near().day(day, Language::English)
    }

    /// `2026-11-25 20:00 +09:00, Asia/Seoul`.
    pub(super) fn as_of(self) -> String {
        format!("{}, {}", self.zone.show(self.now).format("%Y-%m-%d %H:%M %:z"), self.zone)
    }

    /// Says below a table that has lines whence its times are seen.
    pub(super) fn below_table(self, format: Format, lines: usize) -> anyhow::Result<()> {
        if format == Format::Table && lines > 0 {
            output::out(&format!("as of {}\n", self.as_of()))?;
        }
        Ok(())
    }

    fn near(self) -> Near {
        Near { zone: self.zone, now: self.now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_is_said_once() {
        let zone: Zone = "Asia/Seoul".parse().expect("a zone");
        let now = "2026-11-25T07:00:00Z".parse().expect("a time");
        let spoken = Spoken { zone, now };
        assert_eq!(spoken.as_of(), "2026-11-25 16:00 +09:00, Asia/Seoul");
        assert_eq!(spoken.of("2026-11-25T11:00:00.120Z"), "20:00");
        assert_eq!(spoken.of("no time"), "no time");
    }
}
