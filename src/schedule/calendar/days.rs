//! Owns the choice of days on which a rule fires.
//!
//! `check::days` reads the keys; `calendar` has the days.

use std::fmt;
use std::iter::successors;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Weekday};

use super::builtin::holiday_in_language;
use super::{Calendar, Day};
use crate::model::language::Language;
use crate::text::sanitize::harmless;

/// The local days on which a rule fires, at the times of its pattern. Default: all days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Days {
    /// `skip_on`: the rule fires on no day of these calendars. A workday of any calendar in either
    /// list counts as no day of all of them.
    pub skip_on: Vec<Arc<Calendar>>,
    /// `only_on`: the rule fires only on days of these calendars; on all days if the list is empty.
    pub only_on: Vec<Arc<Calendar>>,
    pub on: Option<Workdays>,
}

/// `on = "workdays"`: Monday to Friday.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Workdays {
    /// The calendar whose holidays are skipped and whose workdays are added.
    pub of: Option<Arc<Calendar>>,
}

/// A choice of local days on which a rule fires.
pub trait FiringDays {
    fn contain(&self, day: NaiveDate) -> bool;

    /// The first of these days from `day` on; `None` if there is none.
    fn first_from(&self, day: NaiveDate) -> Option<NaiveDate>;
}

/// The reason why a rule does not fire on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip<'c> {
    /// An override leaves the day out, with its reason.
    Override(Option<&'c str>),
    /// A holiday of this calendar, with its name.
    Holiday(&'c Calendar, Option<&'c str>),
    /// No day of `only_on`.
    NotAmong(&'c [Arc<Calendar>]),
    Weekend,
}

impl Days {
    pub const ALL: Self = Self { skip_on: Vec::new(), only_on: Vec::new(), on: None };

    /// Whether no calendar and no weekend matters.
    pub fn is_all(&self) -> bool {
        *self == Self::ALL
    }

    /// The reason why nothing fires on a day; `None` if the rule may fire.
    pub fn skips(&self, day: NaiveDate) -> Option<Skip<'_>> {
        let holiday = |calendar: &'_ Arc<Calendar>| matches!(calendar.day(day), Day::Holiday(_));
        let mut named = self.skip_on.iter().chain(&self.only_on);
        let is_worked = named.any(|calendar| calendar.workdays.contains(&day));
        let skip = self.skip_on.iter().find_map(|calendar| is_holiday(calendar, day));
        if let Some(skip) = skip.filter(|_| !is_worked) {
            return Some(skip);
        }
        let among = self.among();
        if !among.is_empty() && (is_worked || !among.iter().any(holiday)) {
            return Some(Skip::NotAmong(among));
        }
        self.on.as_ref().and_then(|workdays| workdays.skips(day))
    }

    /// The days that are skipped as holidays; some may have other reasons too. All days, if no
    /// calendar names the holidays.
    #[must_use]
    pub fn holidays(&self) -> Self {
        let of_workdays = self.on.iter().filter_map(|workdays| workdays.of.as_ref());
        let only_on = self.skip_on.iter().chain(of_workdays).cloned().collect();
        Self { only_on, ..Self::default() }
    }

    /// The same choice without holidays: only `only_on` remains, and the weekends of `on`.
    #[must_use]
    pub fn without_holidays(&self) -> Self {
        let on = self.on.as_ref().map(|_| Workdays { of: None });
        Self { skip_on: Vec::new(), only_on: self.only_on.clone(), on }
    }

    /// The calendars of `only_on`, if all of them could be read. An unreadable calendar may contain
    /// any day.
    fn among(&self) -> &[Arc<Calendar>] {
        let is_known = self.only_on.iter().all(|calendar| calendar.unreadable.is_none());
        if is_known { &self.only_on } else { &[] }
    }

    /// The first day from `day` on that is in `only_on`. Without `only_on`: `day`, or the day after
    /// a row of holidays of `skip_on` that contains `day`.
    fn among_from(&self, day: NaiveDate) -> Option<NaiveDate> {
        let among = self.among();
        if !among.is_empty() {
            return among.iter().filter_map(|calendar| calendar.first_from(day)).min();
        }
        let is_any_worked = self.skip_on.iter().any(|calendar| !calendar.workdays.is_empty());
        match self.skip_on.iter().find_map(|calendar| calendar.last_in_row(day)) {
            Some(last) if !is_any_worked => last.succ_opt(),
            _ => Some(day),
        }
    }

    /// Every calendar of the three keys, in the order of the keys.
    pub fn calendars(&self) -> impl Iterator<Item = &Arc<Calendar>> {
        let of_workdays = self.on.iter().filter_map(|workdays| workdays.of.as_ref());
        self.skip_on.iter().chain(&self.only_on).chain(of_workdays)
    }
}

impl FiringDays for Days {
    fn contain(&self, day: NaiveDate) -> bool {
        self.skips(day).is_none()
    }

    /// Jumps over the days between those of `only_on`, and over long rows of holidays.
    fn first_from(&self, day: NaiveDate) -> Option<NaiveDate> {
        let mut days = successors(self.among_from(day), |day| self.among_from(day.succ_opt()?));
        days.find(|day| self.contain(*day))
    }
}

impl Workdays {
    fn skips(&self, day: NaiveDate) -> Option<Skip<'_>> {
        match self.of.as_deref().map(|calendar| (calendar, calendar.day(day))) {
            Some((calendar, Day::Holiday(name))) => Some(Skip::Holiday(calendar, name)),
            Some((_, Day::Workday)) => None,
            _ if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) => Some(Skip::Weekend),
            _ => None,
        }
    }
}

fn is_holiday(calendar: &Calendar, day: NaiveDate) -> Option<Skip<'_>> {
    match calendar.day(day) {
        Day::Holiday(name) => Some(Skip::Holiday(calendar, name)),
        Day::Workday | Day::Ordinary => None,
    }
}

impl Skip<'_> {
    /// `kr: Seollal`, `no day of kr`, `a weekend`, `release week`.
    pub fn in_language(&self, language: Language) -> String {
        match self {
            Self::Holiday(calendar, Some(name)) => {
                format!("{}: {}", calendar.name, holiday_in_language(name, language))
            }
            Self::Holiday(calendar, None) => {
                let name = &calendar.name;
                language.either([format!("a day of {name}"), format!("{name} 휴일")])
            }
            Self::NotAmong(calendars) => {
                let names: Vec<&str> = calendars.iter().map(|it| it.name.as_str()).collect();
                language.either([
                    format!("no day of {}", names.join(" or ")),
                    format!("{} 날짜가 아님", names.join("·")),
                ])
            }
            Self::Weekend => language.either(["a weekend", "주말"]).to_owned(),
            Self::Override(because) => {
                harmless(because.unwrap_or(language.either(["an override", "예외 기간"])))
            }
        }
    }
}

impl fmt::Display for Skip<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn calendar(first: &str, last: &str, worked: &[&str]) -> Arc<Calendar> {
        let days = day(first).iter_days().take_while(|it| *it <= day(last));
        let workdays = worked.iter().map(|it| day(it)).collect();
        let holidays = days.map(|day| (day, None)).collect();
        Arc::new(Calendar { holidays, workdays, ..Calendar::default() })
    }

    #[test]
    fn days_in_a_row_are_passed_in_one_step_unless_any_may_be_worked() {
        let daily = calendar("2020-01-01", "2099-12-31", &[]);
        let other = calendar("2026-12-25", "2026-12-25", &["2026-12-27"]);
        for (skip_on, from, step, first) in [
            (vec![&daily], "2019-12-31", "2019-12-31", "2019-12-31"),
            (vec![&daily], "2020-01-01", "2100-01-01", "2100-01-01"),
            (vec![&daily], "2099-12-31", "2100-01-01", "2100-01-01"),
            (vec![&daily], "2100-01-01", "2100-01-01", "2100-01-01"),
            (vec![&daily, &other], "2026-12-25", "2026-12-25", "2026-12-27"),
        ] {
            let skip_on = skip_on.into_iter().cloned().collect();
            let days = Days { skip_on, ..Days::default() };
            let found = (days.among_from(day(from)), days.first_from(day(from)));
            assert_eq!(found, (Some(day(step)), Some(day(first))), "{from}");
        }
    }
}
