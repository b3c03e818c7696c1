//! The days that are off as a whole.

use std::fmt;

use chrono::{Datelike, NaiveDate, Weekday, WeekdaySet};

/// What Saturday and Sunday are called together.
const WEEKENDS: &str = "weekends";

/// The order of the week that ranges are written in: Sunday comes first and last.
const WEEK: [(&str, Weekday); 8] = [
    ("SUN", Weekday::Sun),
    ("MON", Weekday::Mon),
    ("TUE", Weekday::Tue),
    ("WED", Weekday::Wed),
    ("THU", Weekday::Thu),
    ("FRI", Weekday::Fri),
    ("SAT", Weekday::Sat),
    ("SUN", Weekday::Sun),
];

/// The days that are off as a whole. Two are equal if they name the same days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OffDays {
    /// Every week.
    pub weekdays: WeekdaySet,
}

impl OffDays {
    pub(super) fn contain(&self, day: NaiveDate) -> bool {
        self.weekdays.contains(day.weekday())
    }

    pub(super) fn are_all(&self) -> bool {
        self.weekdays == WeekdaySet::ALL
    }

    pub(super) fn are_none(&self) -> bool {
        self.weekdays.is_empty()
    }
}

/// The days of the week that `weekends`, `SAT` or `FRI-SUN` stand for, in any case; `None` where
/// it is none of these, as for a range that goes over the end of the week.
#[must_use]
pub fn weekdays(text: &str) -> Option<WeekdaySet> {
    if text.eq_ignore_ascii_case(WEEKENDS) {
        return Some(weekends());
    }
    let place = |name: &str| WEEK.iter().position(|(known, _)| known.eq_ignore_ascii_case(name));
    let (from, until) = match text.split_once('-') {
        Some((from, until)) => {
            let from = place(from.trim())?;
            let until = until.trim();
            (
                from,
                WEEK[from + 1..].iter().position(|(it, _)| it.eq_ignore_ascii_case(until))?
                    + from
                    + 1,
            )
        }
        None => (place(text)?, place(text)?),
    };
    Some(WEEK[from..=until].iter().map(|(_, day)| *day).collect())
}

fn weekends() -> WeekdaySet {
    WeekdaySet::from_array([Weekday::Sat, Weekday::Sun])
}

/// `FRI, weekends`.
impl fmt::Display for OffDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_weekends = weekends().is_subset(self.weekdays);
        let single =
            if has_weekends { self.weekdays.difference(weekends()) } else { self.weekdays };
        let singles = WEEK[1..].iter().filter(|(_, day)| single.contains(*day));
        let names = singles.map(|(name, _)| *name).chain(has_weekends.then_some(WEEKENDS));
        f.write_str(&names.collect::<Vec<_>>().join(", "))
    }
}
