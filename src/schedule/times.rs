//! Owns the times of a rule: local times, and their instants in a zone.
//!
//! All parts of lightsout ask here when a rule falls due, so that all get the same answer. `cron`
//! and `window` compute the times.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::calendar::{Calendar, Days, FiringDays, Skip};
use super::cron::{Cron, Occurrence};
use super::overrides::{Change, Outside, Override, Overrides, Within};
use super::window::Window;
use crate::model::instance::Action;
use crate::time::zone::Zone;

/// The times of a rule in local time. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Times {
    pub pattern: Pattern,
    /// The days among them on which the rule fires. For a window all days: days without firings
    /// would separate its stops from its starts.
    pub days: Days,
    pub overrides: Overrides,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    Cron(Cron),
    /// `off` and `off_days`: the beginnings of the off-time, which stop, or its ends, which start.
    Window(Window, Action),
}

/// An occurrence that does not take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped<'t> {
    pub occurrence: Occurrence,
    pub skip: Skip<'t>,
}

impl Pattern {
    /// The first occurrence after `after` on one of `days`. A window has its own days.
    fn next_on(
        &self,
        days: &impl FiringDays,
        zone: Zone,
        after: DateTime<Utc>,
    ) -> Option<Occurrence> {
        match self {
            Self::Cron(cron) => cron.next_on(days, zone, after),
            Self::Window(window, action) => {
                window.next_after(&Overrides::NONE, (*action, zone), after)
            }
        }
    }

    /// The first occurrence of a day after `after`, as if there were no overrides. A window that
    /// does not stop has nothing to start.
    fn first_of(
        &self,
        (days, day): (&Days, NaiveDate),
        zone: Zone,
        after: DateTime<Utc>,
    ) -> Option<Occurrence> {
        if matches!(self, Self::Window(_, Action::Start)) {
            return None;
        }
        let begin = Occurrence::once(zone, day.into()).at - TimeDelta::milliseconds(1);
        let first = self.next_on(&Within(days, day, day), zone, after.max(begin))?;
        Some(first).filter(|first| first.day(zone) == day)
    }
}

impl Times {
    /// The first occurrence after `after`, from 1970 to 2199; `None` if there is none.
    pub fn next_after(&self, zone: Zone, after: DateTime<Utc>) -> Option<Occurrence> {
        match &self.pattern {
            Pattern::Cron(cron) if self.overrides.is_empty() => {
                cron.next_on(&self.days, zone, after)
            }
            Pattern::Cron(cron) => self.next_overridden(cron, zone, after),
            Pattern::Window(window, action) => {
                window.next_after(&self.overrides, (*action, zone), after)
            }
        }
    }

    fn next_overridden(&self, cron: &Cron, zone: Zone, after: DateTime<Utc>) -> Option<Occurrence> {
        let usual = cron.next_on(&Outside(&self.days, &self.overrides), zone, after);
        let last = usual.map(|usual| usual.day(zone));
        let others = self.overrides.iter().take_while(|it| last.is_none_or(|day| it.from <= day));
        let other = others.filter_map(|it| match &it.change {
            Change::Cron(cron) => cron.next_on(&Within(&self.days, it.from, it.until), zone, after),
            Change::Skip | Change::Off(_) => None,
        });
        usual.into_iter().chain(other).min_by_key(|it| it.at)
    }

    /// The override that makes an occurrence what it is.
    pub fn override_of(&self, zone: Zone, occurrence: &Occurrence) -> Option<&Override> {
        match &self.pattern {
            _ if self.overrides.is_empty() => None,
            Pattern::Cron(_) => self.overrides.on(occurrence.day(zone)),
            Pattern::Window(window, action) => {
                window.changed_by(&self.overrides, (*action, zone), occurrence)
            }
        }
    }

    /// The next instant after `after` at which the other half of the window fires.
    pub fn undone_after(&self, zone: Zone, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Pattern::Window(window, action) = &self.pattern else { return None };
        Some(window.next_after(&self.overrides, (action.opposite(), zone), after)?.at)
    }

    /// The occurrences after `after` that only holidays or overrides prevent: the first of each
    /// day, in order.
    pub fn skipped(&self, zone: Zone, after: DateTime<Utc>) -> impl Iterator<Item = Skipped<'_>> {
        let mut on_holidays = self.on_holidays(zone, after).peekable();
        let mut overridden = self.overridden(zone, after).peekable();
        std::iter::from_fn(move || match (on_holidays.peek(), overridden.peek()) {
            (Some(one), Some(other)) if other.occurrence.at < one.occurrence.at => {
                overridden.next()
            }
            (Some(_), _) => on_holidays.next(),
            (None, _) => overridden.next(),
        })
    }

    fn on_holidays(
        &self,
        zone: Zone,
        after: DateTime<Utc>,
    ) -> impl Iterator<Item = Skipped<'_>> + use<'_> {
        let (holidays, else_skipped) = (self.days.holidays(), self.days.without_holidays());
        let mut from = Some(after).filter(|_| !holidays.is_all());
        let on_holidays = std::iter::from_fn(move || {
            let days = Outside(&holidays, &self.overrides);
            let occurrence = self.pattern.next_on(&days, zone, from?)?;
            from = Some(occurrence.at);
            Some(occurrence)
        });
        let mut last = None;
        on_holidays.filter_map(move |occurrence| {
            let day = occurrence.day(zone);
            let is_first = last.replace(day) != Some(day);
            let skip = self.days.skips(day).filter(|_| is_first)?;
            else_skipped.skips(day).is_none().then_some(Skipped { occurrence, skip })
        })
    }

    fn overridden(
        &self,
        zone: Zone,
        after: DateTime<Utc>,
    ) -> impl Iterator<Item = Skipped<'_>> + use<'_> {
        let days = self.days.without_holidays();
        let today = zone.local(after).date();
        let skips = self.overrides.iter().filter(|it| it.change == Change::Skip);
        skips.flat_map(move |it| {
            let days = days.clone();
            let skip = Skip::Override(it.because.as_deref());
            let of_it = it.from.max(today).iter_days().take_while(|day| *day <= it.until);
            of_it.filter_map(move |day| {
                let occurrence = self.pattern.first_of((&days, day), zone, after)?;
                Some(Skipped { occurrence, skip })
            })
        })
    }

    pub fn occurrences(
        &self,
        zone: Zone,
        after: DateTime<Utc>,
    ) -> impl Iterator<Item = Occurrence> + '_ {
        let first = self.next_after(zone, after);
        std::iter::successors(first, move |last| self.next_after(zone, last.at))
    }

    /// The last occurrence after `after` and up to `until`; `None` if there is none. Rules that
    /// fire every second are not followed step by step.
    pub fn last_up_to(
        &self,
        zone: Zone,
        after: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Option<Occurrence> {
        let first = |after, until| self.next_after(zone, after).filter(|it| it.at <= until);
        let mut back = TimeDelta::seconds(1);
        let mut last = loop {
            let from = after.max(until - back);
            if let Some(found) = first(from, until) {
                break found;
            }
            if from == after {
                return None;
            }
            back = back * 16;
        };
        // There is none after this.
        let mut end = until;
        while let Some(next) = first(last.at, end) {
            let middle = next.at + (end - next.at) / 2;
            if let Some(later) = first(middle, end) {
                last = later;
            } else {
                (last, end) = (next, middle);
            }
        }
        Some(last)
    }

    /// The window of these times, if they come from one.
    pub fn window(&self) -> Option<&Window> {
        match &self.pattern {
            Pattern::Cron(_) => None,
            Pattern::Window(window, _) => Some(window),
        }
    }

    /// Every calendar that matters.
    pub fn calendars(&self) -> impl Iterator<Item = &Arc<Calendar>> {
        let of_window = self.window().into_iter().flat_map(Window::calendars);
        self.days.calendars().chain(of_window)
    }

    /// A cron expression in words, such as "At 20:00, on day 1 and 15". `None` for the few without
    /// right words, and for windows, which are words already.
    pub fn describe(&self) -> Option<String> {
        match &self.pattern {
            Pattern::Cron(cron) => Some(cron.describe()?.trim_end_matches('.').to_owned()),
            Pattern::Window(..) => None,
        }
    }
}

/// A cron expression as written; a window as `off 20:00-08:00`.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pattern {
            Pattern::Cron(cron) => cron.fmt(f),
            Pattern::Window(window, _) => window.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Schedules;
    use std::path::Path;

    #[test]
    fn the_last_occurrence_is_found_without_following_all_of_them() {
        let text = |cron: &str| {
            format!(
                "timezone = 'Asia/Seoul'\naccounts.main.platform = 'vpc'\n[[rules]]\nname = 'a'\n\
                 action = 'stop'\ncron = '{cron}'\nselect.names = ['*']\n"
            )
        };
        let at = |at: &str| format!("{at}+09:00").parse::<DateTime<Utc>>().unwrap();
        let until = at("2026-11-24T07:30:00");
        for (cron, after, expected) in [
            ("0 20 * * *", "2026-10-01T00:00:00", Some("2026-11-23T20:00:00")),
            ("0 20 * * *", "2026-11-23T20:00:00", None),
            ("30 7 * * *", "2026-11-24T07:29:59", Some("2026-11-24T07:30:00")),
            ("31 7 * * *", "2026-11-24T07:29:59", None),
            ("* * * * * *", "2026-10-01T00:00:00", Some("2026-11-24T07:30:00")),
            ("* * 3-5 * * *", "2026-10-01T00:00:00", Some("2026-11-24T05:59:59")),
            ("*/7 5,9 20-22 * * *", "2026-10-01T00:00:00", Some("2026-11-23T22:09:56")),
            ("0 0 1 1 *", "2025-12-31T00:00:00", Some("2026-01-01T00:00:00")),
            ("0 0 1 1 *", "2026-01-01T00:00:00", None),
        ] {
            let (file, _) = Schedules::parse(Path::new("s.toml"), &text(cron)).unwrap();
            let (rule, after) = (&file.rules[0], at(after));
            let last = rule.times.last_up_to(rule.timezone, after, until).map(|last| last.at);
            assert_eq!(last, expected.map(at), "{cron} after {after}");
        }
    }
}
