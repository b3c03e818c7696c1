//! Owns the relation of local time and instants in a zone, with the jumps of its clocks.
//!
//! The names are those of chrono-tz. The offsets come from the newest zone data, which [`database`]
//! finds.

pub mod database;
mod meant;
mod table;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use self::table::Table;

pub(crate) use meant::{at_offset, etc_offset};

/// The greatest distance between a turn of the clocks and a local time that the turn affects. Since
/// 1970 no zone has turned its clocks twice within this distance on both sides.
const DAY: TimeDelta = TimeDelta::days(1);

static UTC: Table = Table::UTC;

/// A zone of the IANA database. All copies share one table.
#[derive(Clone, Copy)]
pub struct Zone(&'static Table);

/// The IANA database has no zone of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone `{name}`")]
pub struct UnknownZone {
    name: String,
}

impl UnknownZone {
    /// The zone that the name probably means.
    pub fn near(&self) -> Option<&'static str> {
        meant::meant(&self.name)
    }
}

/// The instants at which a zone's clocks show a local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instants {
    None(Gap),
    One(DateTime<Utc>),
    /// The local time comes twice, because the clocks go back over it.
    Two {
        first: DateTime<Utc>,
        second: DateTime<Utc>,
    },
}

/// Local times that the clocks jump over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first local time that does not exist.
    pub from: NaiveDateTime,
    pub to: NaiveDateTime,
    /// The first instant after the gap.
    pub ends_at: DateTime<Utc>,
}

/// Local times that come twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The first local time that comes twice. The clocks are set back to this time.
    pub from: NaiveDateTime,
    /// The first local time that comes once again. The clocks are set back from this time.
    pub to: NaiveDateTime,
}

impl Zone {
    pub const UTC: Self = Self(&UTC);

    /// The zone of this name. Unlike `parse`, this proposes no other name.
    pub fn named(name: &str) -> Option<Self> {
        Tz::from_str(name).ok().map(|tz| Self(database::in_use().table(tz)))
    }

    /// The name in the IANA database.
    pub fn name(self) -> &'static str {
        self.0.tz.name()
    }

    /// The local time at `at`, with the offset from UTC, as printed for people.
    pub fn show(self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        at.with_timezone(&self.offset(at))
    }

    /// Two instants in local time, for people: `2026-11-23 18:00+09:00 and 18:15`.
    pub fn between(self, from: DateTime<Utc>, until: DateTime<Utc>) -> String {
        let (from, until) = (self.show(from), self.show(until));
        let is_one_day = from.date_naive() == until.date_naive();
        let until_format = if is_one_day { "%H:%M" } else { "%F %H:%M%:z" };
        format!("{} and {}", from.format("%F %H:%M%:z"), until.format(until_format))
    }

    /// The local time at `at`. `at` must be a day or more away from the ends of chrono's range.
    pub fn local(self, at: DateTime<Utc>) -> NaiveDateTime {
        at.naive_utc() + self.offset(at)
    }

    /// The instants at which the clocks show `local`.
    pub fn instants(self, local: NaiveDateTime) -> Instants {
        let (before, after) = self.offsets_around(local);
        let at = |offset: FixedOffset| {
            let at = (local - offset).and_utc();
            (self.offset(at) == offset).then_some(at)
        };
        if before == after {
            return Instants::One((local - before).and_utc());
        }
        match (at(before), at(after)) {
            (Some(first), Some(second)) => Instants::Two { first, second },
            (Some(at), None) | (None, Some(at)) => Instants::One(at),
            (None, None) => Instants::None(self.gap_around(local)),
        }
    }

    /// The first instant at which the clocks show `local`. If they jump over `local`, the end of
    /// that gap.
    pub fn instant(self, local: NaiveDateTime) -> DateTime<Utc> {
        match self.instants(local) {
            Instants::One(at) | Instants::Two { first: at, .. } => at,
            Instants::None(gap) => gap.ends_at,
        }
    }

    /// The repeated local times whose first pass contains `at`.
    pub fn first_pass_at(self, at: DateTime<Utc>) -> Option<Fold> {
        match self.instants(self.local(at)) {
            Instants::Two { first, second } if first == at => Some(self.fold(first, second)),
            _ => None,
        }
    }

    /// The repeated local times whose second pass contains `at`.
    pub fn second_pass_at(self, at: DateTime<Utc>) -> Option<Fold> {
        match self.instants(self.local(at)) {
            Instants::Two { first, second } if second == at => Some(self.fold(first, second)),
            _ => None,
        }
    }

    fn offset(self, at: DateTime<Utc>) -> FixedOffset {
        self.0.offset(at)
    }

    /// The offsets a day before and a day after a local time.
    fn offsets_around(self, local: NaiveDateTime) -> (FixedOffset, FixedOffset) {
        let near = |moved: Option<NaiveDateTime>| self.offset(moved.unwrap_or(local).and_utc());
        (near(local.checked_sub_signed(DAY)), near(local.checked_add_signed(DAY)))
    }

    /// The gap that contains a local time that does not exist.
    fn gap_around(self, local: NaiveDateTime) -> Gap {
        let (before, after) = self.offsets_around(local);
        let turn = self.turn((local - DAY).and_utc(), (local + DAY).and_utc());
        Gap { from: turn.naive_utc() + before, to: turn.naive_utc() + after, ends_at: turn }
    }

    /// The fold of a local time that comes at both `first` and `second`.
    fn fold(self, first: DateTime<Utc>, second: DateTime<Utc>) -> Fold {
        let turn = self.turn(first, second);
        let (before, after) = (self.offset(first), self.offset(second));
        Fold { from: turn.naive_utc() + after, to: turn.naive_utc() + before }
    }

    /// The instant in (`early`, `late`] at which the clocks turn, found by halving.
    fn turn(self, early: DateTime<Utc>, late: DateTime<Utc>) -> DateTime<Utc> {
        let before = self.offset(early);
        let instant = |second| DateTime::from_timestamp(second, 0).expect("lies between two");
        let (mut early, mut late) = (early.timestamp(), late.timestamp());
        while late - early > 1 {
            let middle = i64::midpoint(early, late);
            if self.offset(instant(middle)) == before {
                early = middle;
            } else {
                late = middle;
            }
        }
        instant(late)
    }
}

/// Two zones are equal if their names are equal.
impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.0.tz == other.0.tz
    }
}

impl Eq for Zone {}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.tz.hash(state);
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.name()).finish()
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, UnknownZone> {
        Self::named(name).ok_or_else(|| UnknownZone { name: name.to_owned() })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{MappedLocalTime, TimeZone};
    use chrono_tz::{GapInfo, TZ_VARIANTS};
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

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
    fn clocks_whose_rules_changed_of_late_are_known() {
        // These places in Canada no longer change their clocks. chrono-tz 0.10.4 does not know
        // that.
        for (name, offset) in [
            ("America/Vancouver", "-07:00"),
            ("America/Edmonton", "-06:00"),
            ("America/Winnipeg", "-05:00"),
            ("Asia/Seoul", "+09:00"),
        ] {
            let shown = zone(name).show(at("2026-11-23T12:00:00Z"));
            assert_eq!(shown.offset().to_string(), offset, "{name}");
        }
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

    proptest! {
        #[test]
        fn local_times_map_to_the_instants_that_chrono_tz_maps_them_to(
            tz in select(&TZ_VARIANTS[..]),
            turn in any::<Index>(),
            minutes in -150..150_i64,
        ) {
            let turns = database::in_use().table(tz).turns();
            let turns: Vec<i64> = turns.into_iter().filter(|turn| *turn > 0).collect();
            let turn = if turns.is_empty() { 1_800_000_000 } else { *turn.get(&turns) };
            let zone = Zone(Box::leak(Box::new(Table::compiled(tz))));
            let turn = zone.local(DateTime::from_timestamp(turn, 0).unwrap());
            let local = turn + TimeDelta::minutes(minutes);
            match (tz.from_local_datetime(&local), zone.instants(local)) {
                (MappedLocalTime::Single(at), found) => {
                    prop_assert_eq!(found, Instants::One(at.to_utc()));
                }
                (MappedLocalTime::Ambiguous(one, other), found) => {
                    let (first, second) = (one.min(other).to_utc(), one.max(other).to_utc());
                    prop_assert_eq!(found, Instants::Two { first, second });
                }
                (MappedLocalTime::None, found) => {
                    let gap = GapInfo::new(&local, &tz).unwrap();
                    let ((from, _), ends_at) = (gap.begin.unwrap(), gap.end.unwrap());
                    let to = ends_at.naive_local();
                    let ends_at = ends_at.to_utc();
                    prop_assert_eq!(found, Instants::None(Gap { from, to, ends_at }));
                }
            }
        }
    }
}
