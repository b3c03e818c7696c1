//! Checks `[calendars.NAME]`, and the calendars that rules name.
//!
//! `calendar::ics` reads the files.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use toml::Spanned;

use super::Check;
use super::checker::Table;
use super::unknown::is_calendar_name;
use crate::schedule::ReadError;
use crate::schedule::calendar::ics::{Holidays, LeftOut, Observances};
use crate::schedule::calendar::{BUILTIN, Calendar, CalendarEntry, builtin};
use crate::schedule::hint::Hint;
use crate::schedule::raw::{self, Text};
use crate::schedule::read_error::CalendarError;
use crate::schedule::window::weekdays;
use crate::time::spoken;
use crate::time::zone::Zone;

/// The text between the first and the last day of a range.
const TO: &str = "..";

/// The most days in all `dates` and `workdays` of a file: three times a century.
pub(super) const MOST_DAYS: i64 = 100_000;

/// The longest holiday.
const LONGEST: TimeDelta = TimeDelta::days(366);

impl Check<'_> {
    /// Reads the calendars of the file, so that rules can name them.
    pub(super) fn calendars(&mut self, tables: BTreeMap<Text, Spanned<raw::Calendar>>, zone: Zone) {
        let errors = self.problems.errors();
        let is_whole = |table: &Spanned<raw::Calendar>| !self.losses.touch(&table.span());
        let are_whole = !self.losses.hide("calendars") && tables.values().all(is_whole);
        let mut tables: Vec<_> = tables.into_iter().collect();
        tables.sort_by_key(|(name, _)| name.span().start);
        for (name, written) in tables {
            self.calendar_name(&name);
            let table = self.table(&name, written);
            let (calendar, holidays) = self.in_zone(&table, name.get_ref(), zone);
            let (place, file) = (name.span(), table.path.clone());
            self.calendars.add(CalendarEntry { calendar: Arc::new(calendar), place, file });
            if let Some(found) = holidays.observances.filter(|_| !table.counts_all) {
                self.observances(&found, &table);
            }
            if holidays.depends_on_zone {
                self.tables.insert(name.into_inner(), table);
            }
        }
        let are_read = self.calendars.iter().all(|calendar| calendar.unreadable.is_none());
        self.knows_calendars = are_whole && are_read && self.problems.errors() == errors;
    }

    /// The calendar that a rule names, in the rule's zone.
    pub(super) fn calendar(&mut self, name: &Text, zone: Zone) -> Option<Arc<Calendar>> {
        if let Some(known) = self.calendars.in_zone(name.get_ref(), zone) {
            return Some(Arc::clone(known));
        }
        if let Some(table) = self.tables.remove(name.get_ref()) {
            let (calendar, _) = self.in_zone(&table, name.get_ref(), zone);
            let calendar = Arc::new(calendar);
            self.calendars.add_in_zone(zone, Arc::clone(&calendar));
            self.tables.insert(name.get_ref().clone(), table);
            return Some(calendar);
        }
        if let Some(known) = self.calendars.get(name.get_ref()) {
            return Some(Arc::clone(known));
        }
        let Some(known) = name.get_ref().strip_prefix(BUILTIN) else {
            self.unknown_calendar(name);
            return None;
        };
        let calendar = Arc::new(self.builtin(known, name.span())?);
        let entry =
            CalendarEntry { calendar: Arc::clone(&calendar), place: name.span(), file: None };
        self.calendars.add(entry);
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
        self.error(name.span(), message, "letters, digits, `-` and `_`, as in `[calendars.NAME]`");
    }

    fn table(&mut self, name: &Text, table: Spanned<raw::Calendar>) -> Table {
        let is_whole = !self.losses.touch(&table.span());
        let table = table.into_inner();
        if is_whole && table.ics.is_none() && table.dates.is_none() && table.workdays.is_none() {
            let hint = "its days stand in a file, `ics`, or below: `dates`";
            self.error(name.span(), format!("calendar `{}` has no days", name.get_ref()), hint);
        }
        let left_out = self.left_out(&table);
        let counts_all = table.without.as_ref().is_some_and(Vec::is_empty);
        let mut read = Table { left_out, counts_all, ..self.ics(table.ics) };
        let mut written_at: BTreeMap<NaiveDate, Range<usize>> = BTreeMap::new();
        for (text, days) in self.days_of(table.dates) {
            written_at.extend(days.into_iter().map(|day| (day, text.span())));
        }
        for (text, days) in self.days_of(table.workdays) {
            if let Some((day, other)) = days.iter().find_map(|day| written_at.get_key_value(day)) {
                let message = format!("{day} is one of `dates` too");
                let line = self.source.line_of(other.start);
                let hint = format!("a day is off or worked: the other is on line {line}");
                self.error(text.span(), message, hint);
            }
            read.workdays.extend(days);
        }
        Table { dates: written_at.into_keys().collect(), ..read }
    }

    /// The events of its file that a table leaves out.
    fn left_out(&mut self, table: &raw::Calendar) -> LeftOut {
        let texts = table.without.iter().flatten();
        if table.ics.is_none()
            && let Some(span) = texts
                .clone()
                .map(Spanned::span)
                .chain(table.all_day_only.iter().map(Spanned::span))
                .next()
        {
            let hint = "write `ics = \"holidays.ics\"` beside it, or leave it out";
            self.error(span, "there is no `ics` whose events could be left out", hint);
        }
        for text in texts.clone().filter(|text| text.get_ref().trim().is_empty()) {
            let hint =
                "write what the events to leave out have in them: `without = [\"Observance\"]`";
            self.error(text.span(), "every event contains this", hint);
        }
        let left_out = LeftOut::containing(texts.map(|text| text.get_ref().as_str()));
        let is_all_day = table.all_day_only.as_ref().is_some_and(|it| *it.get_ref());
        if is_all_day { left_out.and_timed() } else { left_out }
    }

    /// The table with the calendar that `ics` names.
    fn ics(&mut self, ics: Option<Text>) -> Table {
        let Some(ics) = ics else { return Table::default() };
        if let Some(known) = ics.get_ref().strip_prefix(BUILTIN) {
            return Table { builtin: self.builtin(known, ics.span()), ..Table::default() };
        }
        let wrong = match ics.get_ref().as_str() {
            "" => Some("the path is empty"),
            text if text.contains("://") => Some("URLs are not fetched: `ics` is a file"),
            _ => None,
        };
        if let Some(message) = wrong {
            let hint = "save the calendar beside this file: `ics = \"holidays.ics\"`";
            self.error(ics.span(), message, hint);
            return Table::default();
        }
        let Some(path) = self.path(ics.get_ref(), ics.span()) else { return Table::default() };
        let at = ics.span();
        match (self.calendar_files.read)(&path) {
            Ok(file) => Table { file: Some((file, at)), path: Some(path), ..Table::default() },
            Err(error) => {
                let unreadable = self.calendar_error(&error, at);
                Table { unreadable, path: Some(path), ..Table::default() }
            }
        }
    }

    /// The calendar of a table in a zone, and the other facts of its file.
    fn in_zone(&mut self, table: &Table, name: &str, zone: Zone) -> (Calendar, Holidays) {
        let mut calendar = table.builtin.clone().unwrap_or_default();
        name.clone_into(&mut calendar.name);
        calendar.unreadable.clone_from(&table.unreadable);
        calendar.holidays.retain(|_, name| name.as_ref().is_none_or(|it| !table.left_out.has(it)));
        let mut holidays = Holidays::default();
        if let Some((file, at)) = &table.file {
            holidays = file.holidays(zone, &table.left_out).unwrap_or_else(|wrong| {
                let path = table.path.clone().unwrap_or_default();
                let wrong = CalendarError::Wrong { path, wrong };
                calendar.unreadable = self.calendar_error(&wrong, at.clone());
                Holidays::default()
            });
            calendar.holidays = std::mem::take(&mut holidays.days);
            calendar.listed = std::mem::take(&mut holidays.listed);
        }
        for day in &table.dates {
            calendar.holidays.entry(*day).or_insert(None);
            calendar.listed.insert(*day);
        }
        calendar.workdays.clone_from(&table.workdays);
        let Calendar { holidays: days, workdays, .. } = &mut calendar;
        days.retain(|day, _| !workdays.contains(day));
        (calendar, holidays)
    }

    /// Warns of days in a file on which everybody works.
    fn observances(&mut self, found: &Observances, table: &Table) {
        let at = table.file.as_ref().map_or(0..0, |(_, at)| at.clone());
        let file = table.path.as_deref().map(Path::display);
        let file = file.map(|path| path.to_string()).unwrap_or_default();
        let (verb, noun, marked) = match found.count {
            1 => ("is", "1 event".to_owned(), "an observance"),
            count => ("are", format!("{count} events"), "observances"),
        };
        let example = found.example.as_ref().map(|(name, day)| format!("`{name}` on {day}"));
        let example = match (found.count, example) {
            (_, None) => String::new(),
            (1, Some(example)) => format!(", {example},"),
            (_, Some(example)) => format!(", such as {example},"),
        };
        let message =
            format!("{noun} of {file}{example} {verb} marked as {marked}, on which people work");
        let hint = match &found.without {
            Some(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
                let list = texts.join(", ");
                format!("`without = [{list}]` beside it leaves them out, `without = []` keeps them")
            }
            None => "take those out of the file that are worked; `without = []` keeps them all"
                .to_owned(),
        };
        self.problems.push(self.source.warning(at, message, hint));
    }

    /// Reports that a file cannot be read. Returns the reason if the caller accepts such files.
    fn calendar_error(&mut self, error: &CalendarError, at: Range<usize>) -> Option<Arc<str>> {
        let (message, hint) = told(error);
        if !self.calendar_files.bears {
            self.error(at, message, hint);
            return None;
        }
        let unreadable = message.as_str().into();
        self.problems.push(self.source.warning(at, message, hint));
        Some(unreadable)
    }

    fn builtin(&mut self, name: &str, span: Range<usize>) -> Option<Calendar> {
        let calendar = builtin::builtin(name);
        if calendar.is_none() {
            let names = builtin::NAMES.map(|name| format!("`{BUILTIN}{name}`")).join(", ");
            let message = format!("no calendar `{BUILTIN}{name}` is built in");
            self.error(span, message, format!("those are: {names}; others are read from a file"));
        }
        calendar
    }

    /// Each text of a list, with its days.
    fn days_of(&mut self, list: Option<Vec<Text>>) -> Vec<(Text, Vec<NaiveDate>)> {
        let list = list.unwrap_or_default();
        let read = |text: Text| self.days(&text).map(|days| (text, days));
        list.into_iter().filter_map(read).collect()
    }

    /// One day, or all days of a range.
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
        // chrono also reads days with one digit and years with five.
        let day = NaiveDate::parse_from_str(part, "%Y-%m-%d").ok();
        if let Some(day) = day.filter(|day| day.to_string() == part) {
            return Some(day);
        }
        let message = format!("`{part}` is no day");
        let hint = match spoken::dates(text.get_ref()) {
            Some(days) => Hint::write(&days, self.source.rewriting(text, &days)),
            None => {
                "a day is written as `YYYY-MM-DD`, days in a row as `YYYY-MM-DD..YYYY-MM-DD`".into()
            }
        };
        self.error(text.span(), message, hint);
        None
    }
}

/// The reason why a calendar file cannot be read, on one line, and the hint.
fn told(error: &CalendarError) -> (String, &'static str) {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    let hint = match error {
        CalendarError::Unreadable(ReadError::Missing(_)) => {
            "the path is relative to the folder of this file"
        }
        CalendarError::Unreadable(_) | CalendarError::TooLarge(_) => {
            "name a file in the iCalendar format, as calendar programs export it"
        }
        CalendarError::Wrong { wrong, .. } => wrong.hint,
    };
    (format!("{error}{cause}"), hint)
}
