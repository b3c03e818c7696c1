//! Local time and instants: what a zone's clocks show, and when they jump.
//!
//! The only place that knows where zone data comes from.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, MappedLocalTime, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::{GapInfo, IANA_TZDB_VERSION, TZ_VARIANTS, Tz};

use super::nearest::nearest;

/// Zones whose clocks the compiled-in data gets wrong in November 2026: their rules changed
/// after it was published. Aliases of theirs are listed too.
const OUTDATED: [&str; 11] = [
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "America/Edmonton",
    "America/Havana",
    "America/Vancouver",
    "America/Winnipeg",
    "America/Yellowknife",
    "Canada/Central",
    "Canada/Mountain",
    "Canada/Pacific",
    "Cuba",
];

/// Abbreviations that people write for a zone, and the zone they mostly mean.
const ABBREVIATIONS: [(&str, &str); 8] = [
    ("KST", "Asia/Seoul"),
    ("JST", "Asia/Tokyo"),
    ("SGT", "Asia/Singapore"),
    ("ICT", "Asia/Bangkok"),
    ("IST", "Asia/Kolkata"),
    ("PST", "America/Los_Angeles"),
    ("CEST", "Europe/Berlin"),
    ("BST", "Europe/London"),
];

/// The release of the IANA database in use, such as `2025b`.
#[must_use]
pub fn data_version() -> &'static str {
    IANA_TZDB_VERSION
}

/// A zone of the IANA database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Zone(Tz);

/// A name that the IANA database does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone `{name}`")]
pub struct UnknownZone {
    name: String,
    /// The zone that was probably meant.
    pub near: Option<&'static str>,
}

/// The instants at which a zone's clocks show a local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instants {
    /// Clocks jump over it.
    None(Gap),
    /// The usual case.
    One(DateTime<Utc>),
    /// Clocks go back over it: it comes twice.
    Two {
        /// The first pass.
        first: DateTime<Utc>,
        /// The second pass.
        second: DateTime<Utc>,
    },
}

/// Local times that clocks jump over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first local time that does not exist.
    pub from: NaiveDateTime,
    /// What clocks show instead.
    pub to: NaiveDateTime,
    /// The first instant after the gap.
    pub ends_at: DateTime<Utc>,
}

/// Local times that come twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The first local time that comes twice: what clocks are set back to.
    pub from: NaiveDateTime,
    /// The first local time that comes once again: what clocks are set back from.
    pub to: NaiveDateTime,
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(Tz::UTC);

    /// The name in the IANA database.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Whether the data in use is known to be wrong for this zone's present rules.
    #[must_use]
    pub fn is_outdated(self) -> bool {
        OUTDATED.contains(&self.name())
    }

    /// What clocks show at `at`, with their offset from UTC: what is printed for people.
    #[must_use]
    pub fn show(self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        at.with_timezone(&self.offset(at))
    }

    /// What clocks show at `at`. `at` must be a day or more away from the ends of what chrono
    /// can hold.
    #[must_use]
    pub fn local(self, at: DateTime<Utc>) -> NaiveDateTime {
        at.naive_utc() + self.offset(at)
    }

    /// The instants at which clocks show `local`.
    #[must_use]
    pub fn instants(self, local: NaiveDateTime) -> Instants {
        match self.0.from_local_datetime(&local) {
            MappedLocalTime::Single(at) => Instants::One(at.to_utc()),
            MappedLocalTime::Ambiguous(one, other) => {
                Instants::Two { first: one.min(other).to_utc(), second: one.max(other).to_utc() }
            }
            MappedLocalTime::None => Instants::None(self.gap_around(local)),
        }
    }

    /// The repeated local times that `at` lies in the first pass of.
    #[must_use]
    pub fn first_pass_at(self, at: DateTime<Utc>) -> Option<Fold> {
        match self.instants(self.local(at)) {
            Instants::Two { first, second } if first == at => Some(self.fold(first, second)),
            _ => None,
        }
    }

    /// The repeated local times that `at` lies in the second pass of.
    #[must_use]
    pub fn second_pass_at(self, at: DateTime<Utc>) -> Option<Fold> {
        match self.instants(self.local(at)) {
            Instants::Two { first, second } if second == at => Some(self.fold(first, second)),
            _ => None,
        }
    }

    fn offset(self, at: DateTime<Utc>) -> FixedOffset {
        self.0.offset_from_utc_datetime(&at.naive_utc()).fix()
    }

    fn gap_around(self, local: NaiveDateTime) -> Gap {
        let begin = GapInfo::new(&local, &self.0).and_then(|gap| gap.begin);
        let (from, before) = begin.expect("a local time that does not exist lies in a gap");
        let ends_at = (from - before.fix()).and_utc();
        Gap { from, to: self.local(ends_at), ends_at }
    }

    /// The fold that a local time belongs to which comes at both `first` and `second`.
    fn fold(self, first: DateTime<Utc>, second: DateTime<Utc>) -> Fold {
        let (before, after) = (self.offset(first), self.offset(second));
        // The clocks are set back somewhere in (first, second]: halve until it is found.
        let (mut early, mut late) = (first.timestamp(), second.timestamp());
        while late - early > 1 {
            let middle = i64::midpoint(early, late);
            let at = DateTime::from_timestamp(middle, 0).expect("lies between two instants");
            if self.offset(at) == before {
                early = middle;
            } else {
                late = middle;
            }
        }
        let turn = DateTime::from_timestamp(late, 0).expect("lies between two instants");
        Fold { from: turn.naive_utc() + after, to: turn.naive_utc() + before }
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        Tz::from_str(name)
            .map(Self)
            .map_err(|_| UnknownZone { name: name.to_owned(), near: nearest_zone(name) })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The zone that was probably meant: the same in another case, that city, that abbreviation, or
/// the most similar name.
fn nearest_zone(name: &str) -> Option<&'static str> {
    let wanted = name.trim().replace(' ', "_");
    let abbreviated = ABBREVIATIONS.iter().find(|(short, _)| short.eq_ignore_ascii_case(&wanted));
    let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
    let city = |zone: &str| zone.rsplit('/').next().unwrap_or(zone).to_owned();
    abbreviated
        .map(|(_, zone)| *zone)
        .or_else(|| names().find(|zone| zone.eq_ignore_ascii_case(&wanted)))
        .or_else(|| names().find(|zone| city(zone).eq_ignore_ascii_case(&wanted)))
        .or_else(|| nearest(&wanted, names()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn an_unknown_zone_comes_with_the_one_that_was_meant() {
        for (name, near) in [
            ("Asia/Soul", Some("Asia/Seoul")),
            ("asia/seoul", Some("Asia/Seoul")),
            ("Seoul", Some("Asia/Seoul")),
            ("new york", Some("America/New_York")),
            ("KST", Some("Asia/Seoul")),
            ("Europe/Brelin", Some("Europe/Berlin")),
            ("+09:00", None),
            ("", None),
        ] {
            assert_eq!(name.parse::<Zone>().unwrap_err().near, near, "{name}");
        }
    }

    #[test]
    fn zones_with_wrong_data_exist_and_are_known() {
        for name in OUTDATED {
            assert!(zone(name).is_outdated(), "{name}");
        }
        assert!(!zone("Asia/Seoul").is_outdated());
    }

    #[test]
    fn a_local_time_comes_never_once_or_twice() {
        let new_york = zone("America/New_York");
        let gap = Gap {
            from: local("2027-03-14T02:00:00"),
            to: local("2027-03-14T03:00:00"),
            ends_at: at("2027-03-14T07:00:00Z"),
        };
        for (time, expected) in [
            ("2027-03-14T01:59:59", Instants::One(at("2027-03-14T06:59:59Z"))),
            ("2027-03-14T02:00:00", Instants::None(gap)),
            ("2027-03-14T02:59:59", Instants::None(gap)),
            ("2027-03-14T03:00:00", Instants::One(at("2027-03-14T07:00:00Z"))),
            ("2027-11-07T00:59:59", Instants::One(at("2027-11-07T04:59:59Z"))),
            (
                "2027-11-07T01:00:00",
                Instants::Two {
                    first: at("2027-11-07T05:00:00Z"),
                    second: at("2027-11-07T06:00:00Z"),
                },
            ),
            ("2027-11-07T02:00:00", Instants::One(at("2027-11-07T07:00:00Z"))),
        ] {
            assert_eq!(new_york.instants(local(time)), expected, "{time}");
        }
    }

    #[test]
    fn a_repeated_hour_has_two_passes() {
        let lord_howe = zone("Australia/Lord_Howe");
        let fold = Fold { from: local("2027-04-04T01:30:00"), to: local("2027-04-04T02:00:00") };
        for (time, first, second) in [
            ("2027-04-03T14:29:59Z", None, None),
            ("2027-04-03T14:30:00Z", Some(fold), None),
            ("2027-04-03T14:59:59.5Z", Some(fold), None),
            ("2027-04-03T15:00:00Z", None, Some(fold)),
            ("2027-04-03T15:29:59.5Z", None, Some(fold)),
            ("2027-04-03T15:30:00Z", None, None),
        ] {
            let passes = (lord_howe.first_pass_at(at(time)), lord_howe.second_pass_at(at(time)));
            assert_eq!(passes, (first, second), "{time}");
        }
    }

    #[test]
    fn what_is_shown_carries_its_offset() {
        let shown = zone("America/St_Johns").show(at("2026-07-01T00:00:00Z"));
        assert_eq!(shown.to_rfc3339(), "2026-06-30T21:30:00-02:30");
    }
}
