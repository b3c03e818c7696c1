//! Finds the last day that a calendar knows.
//!
//! `expiry` warns of calendars that end soon.

use chrono::{NaiveDate, TimeDelta};

use super::Calendar;

/// A larger gap between two days of a list means that the list ended before the gap.
const A_YEAR: TimeDelta = TimeDelta::days(366);

/// The part of the future that a calendar knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Nowhere,
    /// All of its days recur for ever.
    Endless,
    /// The calendar is a list whose first day is more than a year away.
    From(NaiveDate),
    Until {
        /// The last known day.
        end: NaiveDate,
        /// The next day on the list, more than a year later.
        next: Option<NaiveDate>,
    },
}

impl Calendar {
    /// The part of the future that the calendar knows, seen from `today`. In a calendar of workdays
    /// alone, the workdays count.
    pub fn reach(&self, today: NaiveDate) -> Reach {
        let has_holidays = !self.holidays.is_empty();
        let list = if has_holidays { &self.listed } else { &self.workdays };
        let begin = list.range(..=today).next_back().or(list.first());
        let Some(mut end) = begin.copied() else {
            return if has_holidays { Reach::Endless } else { Reach::Nowhere };
        };
        if end - today > A_YEAR {
            return Reach::From(end);
        }
        for day in list.range(end..) {
            if *day - end > A_YEAR {
                return Reach::Until { end, next: Some(*day) };
            }
            end = *day;
        }
        Reach::Until { end, next: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(days: &[&str]) -> Vec<NaiveDate> {
        days.iter().map(|day| day.parse().unwrap()).collect()
    }

    #[test]
    fn a_list_ends_before_a_gap_of_more_than_a_year() {
        let list = ["2020-05-01", "2026-09-24", "2026-12-25", "2027-12-26", "2028-12-27"];
        for (today, end, next) in [
            ("2019-05-01", "2020-05-01", Some("2026-09-24")),
            ("2026-09-23", "2020-05-01", Some("2026-09-24")),
            ("2026-09-24", "2027-12-26", Some("2028-12-27")),
            ("2028-12-26", "2027-12-26", Some("2028-12-27")),
            ("2028-12-27", "2028-12-27", None),
            ("2031-01-01", "2028-12-27", None),
        ] {
            let listed: Vec<NaiveDate> = days(&list);
            let calendar = Calendar {
                holidays: listed.iter().map(|day| (*day, None)).collect(),
                workdays: days(&["2029-01-06"]).into_iter().collect(),
                listed: listed.into_iter().collect(),
                ..Calendar::default()
            };
            let next = next.map(|day| day.parse().unwrap());
            let expected = Reach::Until { end: end.parse().unwrap(), next };
            assert_eq!(calendar.reach(today.parse().unwrap()), expected, "{today}");
        }
    }

    #[test]
    fn a_calendar_without_a_list_never_ends_unless_it_is_empty() {
        let today = "2026-11-23".parse().unwrap();
        let mut calendar = Calendar::default();
        assert_eq!(calendar.reach(today), Reach::Nowhere);
        calendar.workdays.insert("2026-12-26".parse().unwrap());
        let end = "2026-12-26".parse().unwrap();
        assert_eq!(calendar.reach(today), Reach::Until { end, next: None });
        calendar.holidays.insert("2099-12-25".parse().unwrap(), None);
        assert_eq!(calendar.reach(today), Reach::Endless);
    }
}
