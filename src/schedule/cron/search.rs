//! Finds the next local time that an expression matches, as if local time had no jumps.
//!
//! The engine judges days, months and times. The walk over them is here: an expression then needs
//! no list of the engine's 5,000 years, which is nine tenths of its size. `occurrence` handles the
//! jumps.

use chrono::{
    DateTime, Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike,
};

use super::Cron;
use crate::schedule::calendar::FiringDays;

const FIRST: NaiveDateTime = DateTime::UNIX_EPOCH.naive_utc();
const LAST_YEAR: i32 = 2199;

impl Cron {
    /// The first matching local time after `from` on one of `days`, from 1970 to 2199, in whole
    /// seconds.
    pub(super) fn local_after(
        &self,
        days: &impl FiringDays,
        from: NaiveDateTime,
    ) -> Option<NaiveDateTime> {
        let first = from.with_nanosecond(0)?.checked_add_signed(TimeDelta::seconds(1))?.max(FIRST);
        if self.is_on(first.date())
            && days.contain(first.date())
            && let Some(time) = self.time_from(first.time())
        {
            return Some(first.date().and_time(time));
        }
        let day = self.day_from(days, first.date().succ_opt()?)?;
        Some(day.and_time(self.time_from(NaiveTime::MIN)?))
    }

    /// The first matching day of `days` from `day` on.
    fn day_from(&self, days: &impl FiringDays, mut day: NaiveDate) -> Option<NaiveDate> {
        while day.year() <= LAST_YEAR {
            day = days.first_from(day)?;
            if !self.is_in_month_of(day) {
                day = day.with_day(1)?.checked_add_months(Months::new(1))?;
            } else if self.is_on(day) {
                return Some(day);
            } else {
                day = day.succ_opt()?;
            }
        }
        None
    }

    fn is_in_month_of(&self, day: NaiveDate) -> bool {
        self.pattern.pattern.month_match(day.month()).unwrap_or(false)
    }

    fn is_on(&self, day: NaiveDate) -> bool {
        day.year() <= LAST_YEAR && self.is_in_month_of(day) && matches_day(&self.pattern, day)
    }

    /// The first matching time of a day from `from` on.
    fn time_from(&self, from: NaiveTime) -> Option<NaiveTime> {
        let pattern = &self.pattern.pattern;
        let (mut minute, mut second) = (from.minute(), from.second());
        for hour in from.hour()..24 {
            if pattern.hour_match(hour).unwrap_or(false) {
                for minute in minute..60 {
                    if pattern.minute_match(minute).unwrap_or(false)
                        && let Some(second) =
                            (second..60).find(|at| pattern.second_match(*at).unwrap_or(false))
                    {
                        return NaiveTime::from_hms_opt(hour, minute, second);
                    }
                    second = 0;
                }
            }
            (minute, second) = (0, 0);
        }
        None
    }
}

/// Whether the day fields match a day. The month is ignored.
pub(super) fn matches_day(pattern: &croner::Cron, day: NaiveDate) -> bool {
    let weekday = croner::Weekday::from_days_from_sunday(day.weekday().num_days_from_sunday());
    let pattern = &pattern.pattern;
    pattern.day_match(day.year(), day.month(), day.day(), weekday).unwrap_or(false)
}
