//! `[calendars.NAME]`, and the calendars that rules name.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use toml::Spanned;

use super::Check;
use super::unknown::is_calendar_name;
use crate::schedule::ReadError;
use crate::schedule::calendar::ics::Holidays;
use crate::schedule::calendar::{BUILTIN, Calendar, Entry, builtin};
use crate::schedule::file::CalendarError;
use crate::schedule::hint::Hint;
use crate::schedule::raw::{self, Text};
use crate::schedule::spoken;
use crate::schedule::window::weekdays;
use crate::schedule::zone::Zone;

/// What stands between the first and the last day of a range.
const TO: &str = "..";

/// How many days all `dates` and `workdays` of a file may list: those of a century, thrice.
pub(super) const MOST_DAYS: i64 = 100_000;

/// No holiday is longer.
const LONGEST: TimeDelta = TimeDelta::days(366);

impl Check<'_> {
    /// Reads the calendars of the file, so that rules can name them.
    pub(super) fn calendars(&mut self, tables: BTreeMap<Text, Spanned<raw::Calendar>>) {
        let errors = self.problems.errors();
        let is_whole = |table: &Spanned<raw::Calendar>| !self.losses.touch(&table.span());
        let are_whole = !self.losses.hide("calendars") && tables.values().all(is_whole);
        let mut tables: Vec<_> = tables.into_iter().collect();
        tables.sort_by_key(|(name, _)| name.span().start);
        for (name, table) in tables {
            self.calendar_name(&name);
            let (calendar, file) = self.calendar_of(&name, table);
            self.calendars.add(Entry { calendar: Arc::new(calendar), place: name.span(), file });
        }
        self.knows_calendars = are_whole && self.problems.errors() == errors;
    }

    /// The calendar that a rule names, as it is in the rule's zone.
    pub(super) fn calendar(&mut self, name: &Text, zone: Zone) -> Option<Arc<Calendar>> {
        let key = (name.get_ref().clone(), zone);
        if let Some(known) = self.calendars_in_zones.get(&key) {
            return Some(Arc::clone(known));
        }
        if self.calendars.get(name.get_ref()).is_none()
            && let Some(known) = name.get_ref().strip_prefix(BUILTIN)
        {
            let calendar = Arc::new(self.builtin(known, name.span())?);
            self.calendars.add(Entry { calendar, place: name.span(), file: None });
        }
        let Some(calendar) = self.calendars.get(name.get_ref()) else {
            self.unknown_calendar(name);
            return None;
        };
        let calendar = calendar.in_zone(zone);
        self.calendars_in_zones.insert(key, Arc::clone(&calendar));
        Some(calendar)
    }

    fn calendar_name(&mut self, name: &Text) {
        let written = name.get_ref();
        let message = if written.starts_with(BUILTIN) {
            format!("`{written}` is built in, and needs no table")
        } else if !is_calendar_name(written) {
            format!("`{written}` is not a calendar name (letters, digits, - and _)")
        } else if weekdays(written).is_some() {
            format!("`{written}` means days of the week in `off_days`, and no calendar")
        } else {
            return;
        };
        self.error(name.span(), message, "for example `[calendars.company]`");
    }

    /// What a table says, and the file that it was read from besides.
    fn calendar_of(
        &mut self,
        name: &Text,
        table: Spanned<raw::Calendar>,
    ) -> (Calendar, Option<PathBuf>) {
        let is_whole = !self.losses.touch(&table.span());
        let table = table.into_inner();
        if is_whole && table.ics.is_none() && table.dates.is_none() && table.workdays.is_none() {
            let hint = "write `ics = \"holidays.ics\"` or `dates = [\"2026-12-25\"]` below";
            self.error(name.span(), format!("calendar `{}` has no days", name.get_ref()), hint);
        }
        let (mut calendar, file) = self.holidays(table.ics);
        calendar.name.clone_from(name.get_ref());
        let mut written_at: BTreeMap<NaiveDate, Range<usize>> = BTreeMap::new();
        for (text, days) in self.days_of(table.dates) {
            for day in days {
                calendar.holidays.entry(day).or_insert(None);
                calendar.listed.insert(day);
                written_at.insert(day, text.span());
            }
        }
        for (text, days) in self.days_of(table.workdays) {
            if let Some((day, other)) = days.iter().find_map(|day| written_at.get_key_value(day)) {
                let message = format!("{day} is one of `dates` too");
                let line = self.source.line_of(other.start);
                let hint = format!("a day is off or worked: the other is on line {line}");
                self.error(text.span(), message, hint);
            }
            calendar.workdays.extend(days);
        }
        let Calendar { holidays, workdays, .. } = &mut calendar;
        holidays.retain(|day, _| !workdays.contains(day));
        (calendar, file)
    }

    /// What `ics` stands for, without a name, and the file that was read for it.
    fn holidays(&mut self, ics: Option<Text>) -> (Calendar, Option<PathBuf>) {
        let Some(ics) = ics else { return (Calendar::default(), None) };
        if let Some(known) = ics.get_ref().strip_prefix(BUILTIN) {
            return (self.builtin(known, ics.span()).unwrap_or_default(), None);
        }
        let wrong = match ics.get_ref().as_str() {
            "" => Some("the path is empty"),
            text if text.contains("://") => Some("URLs are not fetched: `ics` is a file"),
            _ => None,
        };
        if let Some(message) = wrong {
            let hint = "save the calendar beside this file: `ics = \"holidays.ics\"`";
            self.error(ics.span(), message, hint);
            return (Calendar::default(), None);
        }
        let Some(path) = self.path(ics.get_ref(), ics.span()) else {
            return (Calendar::default(), None);
        };
        let read = self.read_calendar;
        let holidays = read(&path).unwrap_or_else(|error| {
            let (message, hint) = told(&error);
            self.error(ics.span(), message, hint);
            Holidays::default()
        });
        let mut calendar =
            Calendar { timed: holidays.timed, listed: holidays.listed, ..Calendar::default() };
        for (day, name) in holidays.days {
            let known = calendar.holidays.entry(day).or_insert(None);
            *known = known.take().or(name);
        }
        (calendar, Some(path))
    }

    /// The calendar that is built in under that name.
    fn builtin(&mut self, name: &str, span: Range<usize>) -> Option<Calendar> {
        let calendar = builtin::builtin(name);
        if calendar.is_none() {
            let names = builtin::NAMES.map(|name| format!("`{BUILTIN}{name}`")).join(", ");
            let message = format!("no calendar `{BUILTIN}{name}` is built in");
            self.error(span, message, format!("those are: {names}; others are read from a file"));
        }
        calendar
    }

    /// Each text of a list with the days that it stands for.
    fn days_of(&mut self, list: Option<Vec<Text>>) -> Vec<(Text, Vec<NaiveDate>)> {
        let list = list.unwrap_or_default();
        let read = |text: Text| self.days(&text).map(|days| (text, days));
        list.into_iter().filter_map(read).collect()
    }

    /// A day, or all days from one to another.
    fn days(&mut self, text: &Text) -> Option<Vec<NaiveDate>> {
        let (first, last) = match text.get_ref().split_once(TO) {
            Some((first, last)) => (self.a_day(text, first)?, self.a_day(text, last)?),
            None => [self.a_day(text, text.get_ref())?; 2].into(),
        };
        if last < first {
            let message = format!("`{}` goes backwards", text.get_ref());
            let right = format!("{last}{TO}{first}");
            let hint = Hint::write(&right, self.source.rewriting(text, &right));
            self.error(text.span(), message, hint);
            return None;
        }
        if last - first > LONGEST {
            let message = format!("`{}` is longer than a year", text.get_ref());
            self.error(text.span(), message, "a rule is switched off with `enabled = false`");
            return None;
        }
        let count = (last - first).num_days() + 1;
        if count > self.days_left {
            let message = format!("the calendars of this file list more than {MOST_DAYS} days");
            self.error(text.span(), message, "an `.ics` file can say what recurs");
            return None;
        }
        self.days_left -= count;
        Some(first.iter_days().take_while(|day| *day <= last).collect())
    }

    /// One day, which is `part` of a text.
    fn a_day(&mut self, text: &Text, part: &str) -> Option<NaiveDate> {
        // chrono also reads days of one digit, and years of five.
        let day = NaiveDate::parse_from_str(part, "%Y-%m-%d").ok();
        if let Some(day) = day.filter(|day| day.to_string() == part) {
            return Some(day);
        }
        let message = format!("`{part}` is no day");
        let hint = match spoken::dates(text.get_ref()) {
            Some(days) => Hint::write(&days, self.source.rewriting(text, &days)),
            None => {
                "a day is written as `2026-12-25`, days in a row as `2027-01-01..2027-01-03`".into()
            }
        };
        self.error(text.span(), message, hint);
        None
    }
}

/// Why a calendar file could not be read, on one line, and what to do about it.
fn told(error: &CalendarError) -> (String, &'static str) {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    let hint = match error {
        CalendarError::Unreadable(ReadError::Missing(_)) => {
            "the path is relative to the folder of this file"
        }
        CalendarError::Unreadable(ReadError::NotText { .. }) => "save it with the encoding UTF-8",
        CalendarError::Unreadable(_) | CalendarError::TooLarge(_) => {
            "name a file in the iCalendar format, as calendar programs export it"
        }
        CalendarError::Wrong { wrong, .. } => wrong.hint,
    };
    (format!("{error}{cause}"), hint)
}
