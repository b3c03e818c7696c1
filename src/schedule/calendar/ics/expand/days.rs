//! Finds the days of a rule: its periods, and the days of each period.

use chrono::{Datelike, Days, NaiveDate, TimeDelta};

use super::Series;
use crate::schedule::calendar::ics::marks::FIRST;
use crate::schedule::calendar::ics::rule::{Every, Numbers, from_monday};

impl Series<'_> {
    /// The first day of the first period that can have a day that counts.
    pub(super) fn first_period(&self) -> NaiveDate {
        let start = self.start.date();
        // `COUNT` counts from the start, even before the first day that matters.
        let wanted = if self.rule.count.is_some() { start } else { start.max(FIRST) };
        let interval = self.rule.interval;
        let steps = |periods: i64| periods.div_euclid(interval) * interval;
        let begins = match self.rule.every {
            Every::Year => {
                let years = steps(i64::from(wanted.year() - start.year()));
                year_of(i64::from(start.year()) + years)
            }
            Every::Month => month_of(months(start) + steps(months(wanted) - months(start))),
            Every::Week => {
                let [start, wanted] = [start, wanted].map(|day| self.week_of(day));
                start.checked_add_signed(TimeDelta::weeks(steps((wanted - start).num_weeks())))
            }
            _ => start.checked_add_signed(TimeDelta::days(steps((wanted - start).num_days()))),
        };
        begins.unwrap_or(start)
    }

    pub(super) fn period_after(&self, begins: NaiveDate) -> Option<NaiveDate> {
        let interval = self.rule.interval;
        match self.rule.every {
            Every::Year => year_of(i64::from(begins.year()) + interval),
            Every::Month => month_of(months(begins) + interval),
            Every::Week => begins.checked_add_days(Days::new(7 * interval.unsigned_abs())),
            _ => begins.checked_add_days(Days::new(interval.unsigned_abs())),
        }
    }

    /// The first day of the week of a day.
    fn week_of(&self, day: NaiveDate) -> NaiveDate {
        let into = (from_monday(day.weekday()) - self.rule.week_begins).rem_euclid(7);
        day.checked_sub_days(Days::new(into.unsigned_abs().into())).unwrap_or(day)
    }

    /// Days of a period that include all days of the rule.
    pub(super) fn candidates(&self, begins: NaiveDate, set: &mut Vec<NaiveDate>) {
        match self.rule.every {
            Every::Year if !self.rule.days_of_year.is_empty() => {
                let days = if begins.leap_year() { 366 } else { 365 };
                let place = |day: &i32| if *day > 0 { *day } else { days + day + 1 };
                let of_year = self.rule.days_of_year.iter().map(place);
                set.extend(of_year.filter_map(|day| {
                    NaiveDate::from_yo_opt(begins.year(), u32::try_from(day).ok()?)
                }));
            }
            Every::Year => {
                for month in 1..=12 {
                    if self.months.is_empty() || self.months.contains(&number(month)) {
                        self.days_of(begins.year(), month, set);
                    }
                }
            }
            Every::Month if self.has_month(begins) => {
                self.days_of(begins.year(), begins.month(), set);
            }
            Every::Month => {}
            Every::Week => {
                for (_, day) in &self.weekdays {
                    let into = (day - self.rule.week_begins).rem_euclid(7);
                    set.extend(begins.checked_add_days(Days::new(into.unsigned_abs().into())));
                }
            }
            _ => set.push(begins),
        }
    }

    fn days_of(&self, year: i32, month: u32, set: &mut Vec<NaiveDate>) {
        let Some(first) = NaiveDate::from_ymd_opt(year, month, 1) else { return };
        let days = i32::from(first.num_days_in_month());
        let mut add = |day: i32| {
            let day = if day > 0 { day } else { days + day + 1 };
            set.extend(u32::try_from(day).ok().and_then(|day| first.with_day(day)));
        };
        if self.days_of_month.is_empty() {
            (1..=days).for_each(add);
        } else {
            self.days_of_month.iter().copied().for_each(&mut add);
        }
    }

    fn has_month(&self, day: NaiveDate) -> bool {
        self.months.is_empty() || self.months.contains(&number(day.month()))
    }

    /// Whether all lists of the rule contain a day.
    pub(super) fn matches(&self, day: NaiveDate) -> bool {
        let days = i32::from(day.num_days_in_month());
        let of_month = number(day.day());
        self.has_month(day)
            && has(&self.days_of_month, of_month, days)
            && has(&self.rule.days_of_year, number(day.ordinal()), days_of_year(day.year()))
            && self.has_week(day)
            && self.has_weekday(day)
    }

    fn has_week(&self, day: NaiveDate) -> bool {
        if self.rule.weeks.is_empty() {
            return true;
        }
        // The first week of a year is the first with most of its days in that year.
        let begins = |year: i32| NaiveDate::from_ymd_opt(year, 1, 4).map(|day| self.week_of(day));
        let year = day.year();
        let firsts = [year - 1, year, year + 1, year + 2].map(begins);
        let [Some(before), Some(this), Some(next), Some(last)] = firsts else { return false };
        let (begin, end) = match day {
            day if day < this => (before, this),
            day if day < next => (this, next),
            _ => (next, last),
        };
        let weeks = |days: TimeDelta| i32::try_from(days.num_weeks()).unwrap_or_default();
        has(&self.rule.weeks, weeks(day - begin) + 1, weeks(end - begin))
    }

    fn has_weekday(&self, day: NaiveDate) -> bool {
        let of_week = from_monday(day.weekday());
        if self.weekdays.is_empty() || self.weekdays.contains(&(0, of_week)) {
            return true;
        }
        let is_of_month = self.rule.every == Every::Month || !self.rule.months.is_empty();
        let (place, length) = if is_of_month {
            (number(day.day()), i32::from(day.num_days_in_month()))
        } else {
            (number(day.ordinal()), days_of_year(day.year()))
        };
        let from_begin = (place - 1) / 7 + 1;
        let from_end = -((length - place) / 7 + 1);
        [from_begin, from_end].iter().any(|nth| self.weekdays.contains(&(*nth, of_week)))
    }
}

/// Whether a list contains `place`, counted from either end of `of`. An empty list contains all.
fn has(list: &Numbers, place: i32, of: i32) -> bool {
    list.is_empty() || list.contains(&place) || list.contains(&(place - of - 1))
}

/// A part of a date as rules count it.
pub(super) fn number(part: u32) -> i32 {
    i32::try_from(part).unwrap_or_default()
}

fn days_of_year(year: i32) -> i32 {
    let is_leap = NaiveDate::from_ymd_opt(year, 1, 1).is_some_and(|day| day.leap_year());
    if is_leap { 366 } else { 365 }
}

fn year_of(year: i64) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, 1, 1)
}

/// Months since the year 0.
fn months(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

fn month_of(months: i64) -> Option<NaiveDate> {
    let year = i32::try_from(months.div_euclid(12)).ok()?;
    NaiveDate::from_ymd_opt(year, u32::try_from(months.rem_euclid(12)).ok()? + 1, 1)
}
