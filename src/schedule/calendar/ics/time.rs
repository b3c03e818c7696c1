//! Dates, times and durations of an iCalendar file (RFC 5545, 3.3.4 to 3.3.6).

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::IcsError;
use super::lines::Line;
use super::zone::zone as named;
use crate::schedule::zone::{Instants, Zone};

/// What a local time is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Whole days: the time is midnight.
    Day,
    /// The wall clock of whoever looks.
    Floating,
    /// The wall clock of a zone.
    Zone(Zone),
}

/// A day, or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) local: NaiveDateTime,
    pub(super) frame: Frame,
}

impl Stamp {
    /// The only value of a line.
    pub(super) fn of(line: &Line) -> Result<Self, IcsError> {
        Self::parse(&line.value, zone(line)?).ok_or_else(|| unread(line, &line.value))
    }

    /// All values of a line.
    pub(super) fn list(line: &Line) -> Result<Vec<Self>, IcsError> {
        let zone = zone(line)?;
        let read = |text| Self::parse(text, zone).ok_or_else(|| unread(line, text));
        line.value.split(',').map(read).collect()
    }

    /// `20261224`, `20261224T200000` (in `zone`, if there is one) or `20261224T110000Z`.
    pub(super) fn parse(text: &str, zone: Option<Zone>) -> Option<Self> {
        let (day, time) = text.split_at_checked(8)?;
        if !day.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let date = NaiveDate::parse_from_str(day, "%Y%m%d").ok()?;
        if time.is_empty() {
            return Some(Self { local: date.into(), frame: Frame::Day });
        }
        let is_utc = time.ends_with('Z');
        let digits = time.strip_prefix('T')?.trim_end_matches('Z');
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let part = |at: usize| digits[at..at + 2].parse().ok();
        let local = date.and_hms_opt(part(0)?, part(2)?, part(4)?)?;
        let frame = match zone {
            _ if is_utc => Frame::Zone(Zone::UTC),
            Some(zone) => Frame::Zone(zone),
            None => Frame::Floating,
        };
        Some(Self { local, frame })
    }

    /// The same as it is counted in another frame: an instant keeps being the same instant, a day
    /// and what is counted nowhere keep their digits.
    pub(super) fn in_frame(self, frame: Frame) -> NaiveDateTime {
        match (self.frame, frame) {
            (Frame::Zone(here), Frame::Zone(there)) => there.local(instant(self.local, here)),
            (_, Frame::Day) => self.local.date().into(),
            _ => self.local,
        }
    }

    /// How long it is from here to `end`.
    pub(super) fn until(self, end: Self) -> TimeDelta {
        match (self.frame, end.frame) {
            (Frame::Zone(here), Frame::Zone(there)) => {
                instant(end.local, there) - instant(self.local, here)
            }
            _ => end.local - self.local,
        }
    }
}

/// The instant of a local time: the first pass where it comes twice, and what follows a gap.
pub(super) fn instant(local: NaiveDateTime, zone: Zone) -> DateTime<Utc> {
    match zone.instants(local) {
        Instants::One(at) | Instants::Two { first: at, .. } => at,
        Instants::None(gap) => gap.ends_at,
    }
}

/// The zone that a line names.
fn zone(line: &Line) -> Result<Option<Zone>, IcsError> {
    let Some(name) = line.parameter("TZID") else { return Ok(None) };
    let zone = named(name.trim());
    zone.map(Some).ok_or_else(|| IcsError {
        hint: "put the name of a zone, such as `Asia/Seoul`, in its place wherever the file has it",
        ..line.error(format!("`{name}` is no zone of the IANA database"))
    })
}

fn unread(line: &Line, text: &str) -> IcsError {
    line.error(format!("`{text}` is no date or time that can be read in `{}`", line.name))
}

/// `P1D`, `PT8H30M`, `P2W`.
pub(super) fn duration(line: &Line) -> Result<TimeDelta, IcsError> {
    read_duration(&line.value).ok_or_else(|| line.error(format!("`{}` is no duration", line.value)))
}

fn read_duration(text: &str) -> Option<TimeDelta> {
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

/// The days that a stretch of local time touches, at least one.
pub(super) fn days(from: NaiveDateTime, length: TimeDelta) -> impl Iterator<Item = NaiveDate> {
    let last = (from + length - TimeDelta::nanoseconds(1)).max(from).date();
    let next = |day: &NaiveDate| day.checked_add_days(Days::new(1));
    std::iter::successors(Some(from.date()), next).take_while(move |day| *day <= last)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(Stamp::parse(text, zone), expected, "{text}");
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
            assert_eq!(read_duration(text).map(|it| it.num_seconds()), seconds, "{text}");
        }
    }
}
