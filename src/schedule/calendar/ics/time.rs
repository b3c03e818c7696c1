//! Reads dates, times and durations of an iCalendar file (RFC 5545, 3.3.4 to 3.3.6).

use chrono::{NaiveDate, TimeDelta};

use super::IcsError;
use super::error::shown;
use super::lines::Line;
use super::stamp::{Frame, Stamp};
use super::zones::Zones;
use crate::time::zone::Zone;

/// A value of `RDATE`, with its length if it is a period.
pub(super) type Added = (Stamp, Option<TimeDelta>);

impl Stamp {
    /// The only value of a line.
    pub(super) fn of(line: &Line<'_>, zones: &Zones) -> Result<Self, IcsError> {
        Self::read(line.value(), line, zones)
    }

    pub(super) fn list<'l>(
        line: &'l Line<'_>,
        zones: &'l Zones,
    ) -> impl Iterator<Item = Result<Self, IcsError>> + 'l {
        values(line).map(|text| Self::read(text, line, zones))
    }

    /// All values of a line. Some may be periods.
    pub(super) fn added<'l>(
        line: &'l Line<'_>,
        zones: &'l Zones,
    ) -> impl Iterator<Item = Result<Added, IcsError>> + 'l {
        values(line).map(|text| {
            let Some((from, until)) = text.split_once('/') else {
                return Ok((Self::read(text, line, zones)?, None));
            };
            let from = Self::read(from, line, zones)?;
            let length = match duration(until) {
                Some(length) => length,
                None => from.until(Self::read(until, line, zones)?),
            };
            Ok((from, Some(length.max(TimeDelta::zero()))))
        })
    }

    fn read(text: &str, line: &Line<'_>, zones: &Zones) -> Result<Self, IcsError> {
        let name = line.parameter("TZID");
        let unread = || {
            let (text, name) = (shown(text), line.name());
            line.error(format!("`{text}` is no date or time that can be read in `{name}`"))
        };
        let mut stamp =
            Self::parse(text, name.as_deref().map(|name| || zones.of(name))).ok_or_else(unread)?;
        if line.parameter("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("DATE")) {
            stamp = Self { local: stamp.local.date().into(), frame: Frame::Day };
        }
        Ok(stamp)
    }

    /// A date or time without a zone.
    pub(super) fn written(text: &str) -> Option<Self> {
        Self::parse(text, None::<fn() -> Option<Zone>>)
    }

    /// `20261224`, `20261224T200000` (in a zone, if there is one) or `20261224T110000Z`.
    pub(super) fn parse(text: &str, zone: Option<impl FnOnce() -> Option<Zone>>) -> Option<Self> {
        let (day, time) = text.trim().split_at_checked(8)?;
        let number = |digits: &str| {
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
        };
        let date: u32 = number(day)?;
        let year = i32::try_from(date / 10_000).ok()?;
        let date = NaiveDate::from_ymd_opt(year, date / 100 % 100, date % 100)?;
        if time.is_empty() {
            return Some(Self { local: date.into(), frame: Frame::Day });
        }
        let digits = time.strip_prefix('T')?;
        let utc = digits.strip_suffix('Z');
        let digits = utc.unwrap_or(digits);
        let time: u32 = number(digits).filter(|_| digits.len() == 6)?;
        // Second 60 may be a leap second, which no clock here shows.
        let second = if time % 100 == 60 { 59 } else { time % 100 };
        let local = date.and_hms_opt(time / 10_000, time / 100 % 100, second)?;
        let frame = match zone {
            _ if utc.is_some() => Frame::Zone(Zone::UTC),
            Some(zone) => zone().map_or(Frame::Unknown, Frame::Zone),
            None => Frame::Floating,
        };
        Some(Self { local, frame })
    }

    /// The stamp of a line, if its zone is known.
    pub(super) fn known(self, line: &Line<'_>) -> Result<Self, IcsError> {
        if self.frame != Frame::Unknown {
            return Ok(self);
        }
        let name = line.parameter("TZID").unwrap_or_default();
        Err(IcsError {
            hint: "put a name that the IANA database has in its place wherever the file has it, or \
                   leave out what has times: `all_day_only = true`",
            ..line.error(format!("`{}` is no zone of the IANA database", shown(&name)))
        })
    }

    pub(super) fn until(self, end: Self) -> TimeDelta {
        match (self.frame, end.frame) {
            (Frame::Zone(here), Frame::Zone(there)) => {
                there.instant(end.local) - here.instant(self.local)
            }
            _ => end.local - self.local,
        }
    }
}

fn values<'l>(line: &'l Line<'_>) -> impl Iterator<Item = &'l str> {
    line.value().split(',').map(str::trim).filter(|text| !text.is_empty())
}

/// `P1D`, `PT8H30M`, `P2W`.
pub(super) fn duration(text: &str) -> Option<TimeDelta> {
    let mut rest = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
    let mut seconds: i64 = 0;
    let mut is_time = false;
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T').filter(|_| !is_time) {
            (rest, is_time) = (time, true);
        }
        let (number, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let unit = behind.chars().next()?;
        let unit_seconds = match (unit, is_time) {
            ('W', false) => 604_800,
            ('D', false) => 86_400,
            ('H', true) => 3_600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return None,
        };
        let count: i64 = number.parse().ok()?;
        seconds = seconds.checked_add(count.checked_mul(unit_seconds)?)?;
        rest = &behind[1..];
    }
    (text.len() > 2).then(|| TimeDelta::try_seconds(seconds))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::calendar::ics::stamp::Frame;
    use crate::schedule::calendar::ics::stamp::Stamp;

    #[test]
    fn dates_and_times_are_read_in_their_frame_or_refused() {
        let seoul: Zone = "Asia/Seoul".parse().unwrap();
        let utc = Frame::Zone(Zone::UTC);
        for (text, zone, expected) in [
            ("20261224", None, Some(("2026-12-24T00:00:00", Frame::Day))),
            ("20261224", Some(seoul), Some(("2026-12-24T00:00:00", Frame::Day))),
            ("20261224T200000", None, Some(("2026-12-24T20:00:00", Frame::Floating))),
            ("20261224T200000", Some(seoul), Some(("2026-12-24T20:00:00", Frame::Zone(seoul)))),
            ("20261224T110000Z", Some(seoul), Some(("2026-12-24T11:00:00", utc))),
            ("20161231T235960Z", None, Some(("2016-12-31T23:59:59", utc))),
            ("20260230", None, None),
            ("20261224T250000", None, None),
            ("20261224T2000", None, None),
            ("2026-12-24", None, None),
            ("+2026122", None, None),
            ("휴일휴일휴", None, None),
            ("", None, None),
        ] {
            let expected =
                expected.map(|(local, frame)| Stamp { local: local.parse().unwrap(), frame });
            assert_eq!(Stamp::parse(text, zone.map(|zone| move || Some(zone))), expected, "{text}");
        }
    }

    #[test]
    fn durations_are_read_or_refused() {
        for (text, seconds) in [
            ("P1D", Some(86_400)),
            ("P2W", Some(1_209_600)),
            ("PT8H30M", Some(30_600)),
            ("+P1DT1S", Some(86_401)),
            ("P", None),
            ("PT", None),
            ("1D", None),
            ("-P1D", None),
            ("P1H", None),
            ("PT1D", None),
            ("P99999999999999999999D", None),
            ("P9999999999999999W", None),
            ("P휴", None),
        ] {
            assert_eq!(duration(text).map(|it| it.num_seconds()), seconds, "{text}");
        }
    }
}
