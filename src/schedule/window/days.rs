//! Owns the days that are off as a whole.

use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Weekday, WeekdaySet};

use crate::schedule::calendar::{Calendar, Day, Skip};

/// The word for Saturday and Sunday together.
pub const WEEKENDS: &str = "weekends";

/// The order of the week for ranges: Sunday comes first and last.
pub const WEEK: [(&str, Weekday); 8] = [
    ("SUN", Weekday::Sun),
    ("MON", Weekday::Mon),
    ("TUE", Weekday::Tue),
    ("WED", Weekday::Wed),
    ("THU", Weekday::Thu),
    ("FRI", Weekday::Fri),
    ("SAT", Weekday::Sat),
    ("SUN", Weekday::Sun),
];

/// The days that are off as a whole: those of either list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OffDays {
    pub weekdays: WeekdaySet,
    /// The calendars whose holidays are off. Their workdays are never off.
    pub calendars: Vec<Arc<Calendar>>,
}

impl OffDays {
    pub(super) fn contain(&self, day: NaiveDate) -> bool {
        let mut is_off = self.weekdays.contains(day.weekday());
        for calendar in &self.calendars {
            match calendar.day(day) {
                Day::Workday => return false,
                Day::Holiday(_) => is_off = true,
                Day::Ordinary => {}
            }
        }
        is_off
    }

    /// The first day from `day` on that can be off.
    pub(super) fn first_from(&self, day: NaiveDate) -> Option<NaiveDate> {
        if !self.weekdays.is_empty() {
            return Some(day);
        }
        self.calendars.iter().filter_map(|calendar| calendar.first_from(day)).min()
    }

    /// The days, from one to another, both included, that are off only because of a holiday.
    pub(super) fn holidays(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> impl Iterator<Item = (NaiveDate, Skip<'_>)> {
        let days = first.iter_days().take_while(move |day| *day <= last);
        let holidays =
            days.filter(|day| !self.weekdays.contains(day.weekday()) && self.contain(*day));
        holidays.filter_map(|day| {
            let named = self.calendars.iter().find_map(|calendar| match calendar.day(day) {
                Day::Holiday(name) => Some(Skip::Holiday(calendar, name)),
                _ => None,
            });
            Some((day, named?))
        })
    }

    /// `금·주말·kr 휴일`.
    pub(super) fn in_korean(&self) -> String {
        const NAMES: [&str; 7] = ["일", "월", "화", "수", "목", "금", "토"];
        let has_weekends = weekends().is_subset(self.weekdays);
        let single = WEEK.iter().zip(NAMES).filter(|((_, day), _)| {
            self.weekdays.contains(*day) && !(has_weekends && weekends().contains(*day))
        });
        let names = single.map(|(_, name)| name.to_owned());
        let names = names.chain(has_weekends.then(|| "주말".to_owned()));
        let calendars = self.calendars.iter().map(|calendar| format!("{} 휴일", calendar.name));
        names.chain(calendars).collect::<Vec<_>>().join("·")
    }

    pub(super) fn are_all(&self) -> bool {
        self.weekdays == WeekdaySet::ALL && self.calendars.is_empty()
    }

    pub(super) fn are_none(&self) -> bool {
        self.weekdays.is_empty() && self.calendars.is_empty()
    }
}

/// The days of the week in `weekends`, `SAT` or `FRI-SUN`, in any letter case. `None` for other
/// texts, and for a range over the end of the week.
pub fn weekdays(text: &str) -> Option<WeekdaySet> {
    if text.eq_ignore_ascii_case(WEEKENDS) {
        return Some(weekends());
    }
    let (from, until) = text.split_once('-').unwrap_or((text, text));
    let place = |name: &str, week: &[(&str, Weekday)]| {
        week.iter().position(|(known, _)| known.eq_ignore_ascii_case(name.trim()))
    };
    let first = place(from, &WEEK)?;
    let length = place(until, &WEEK[first..])?;
    Some(WEEK[first..=first + length].iter().map(|(_, day)| *day).collect())
}

fn weekends() -> WeekdaySet {
    WeekdaySet::from_array([Weekday::Sat, Weekday::Sun])
}

/// `FRI, weekends, kr`.
impl fmt::Display for OffDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_weekends = weekends().is_subset(self.weekdays);
        let single =
            if has_weekends { self.weekdays.difference(weekends()) } else { self.weekdays };
        let singles = WEEK[1..].iter().filter(|(_, day)| single.contains(*day));
        let names = singles.map(|(name, _)| *name).chain(has_weekends.then_some(WEEKENDS));
        let names = names.chain(self.calendars.iter().map(|calendar| calendar.name.as_str()));
        f.write_str(&names.collect::<Vec<_>>().join(", "))
    }
}
