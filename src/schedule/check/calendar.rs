//! `[calendars.NAME]`, and the calendars that rules name.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use toml::Spanned;

use super::Check;
use crate::schedule::calendar::{BUILTIN, Calendar};
use crate::schedule::nearest::nearest;
use crate::schedule::raw::{self, Text};
use crate::schedule::zone::Zone;

/// What stands between the first and the last day of a range.
const TO: &str = "..";

/// No holiday is longer.
const LONGEST: TimeDelta = TimeDelta::days(366);

impl Check<'_> {
    /// Reads the calendars of the file, so that rules can name them.
    pub(super) fn calendars(&mut self, tables: BTreeMap<Text, Spanned<raw::Calendar>>) {
        let mut tables: Vec<_> = tables.into_iter().collect();
        tables.sort_by_key(|(name, _)| name.span().start);
        for (name, table) in tables {
            self.calendar_name(&name);
            let calendar = self.calendar_of(name.get_ref(), table.into_inner());
            self.calendars.add(name.span(), Arc::new(calendar));
        }
    }

    /// The calendar that a rule names, as it is in the rule's zone.
    pub(super) fn calendar(&mut self, name: &Text, zone: Zone) -> Option<Arc<Calendar>> {
        let key = (name.get_ref().clone(), zone);
        if let Some(known) = self.calendars_in_zones.get(&key) {
            return Some(Arc::clone(known));
        }
        let Some(calendar) = self.calendars.get(name.get_ref()) else {
            self.unknown_calendar(name);
            return None;
        };
        let calendar = calendar.in_zone(zone);
        self.calendars_in_zones.insert(key, Arc::clone(&calendar));
        Some(calendar)
    }

    fn unknown_calendar(&mut self, name: &Text) {
        if self.lost_any {
            return;
        }
        let written = name.get_ref();
        let known: Vec<&str> = self.calendars.iter().map(|it| it.name.as_str()).collect();
        let hint = match nearest(written, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => {
                format!("add `[calendars.{written}]` with `dates = [\"2026-12-25\"]`")
            }
            None => format!("add `[calendars.{written}]`, or name one of: {}", known.join(", ")),
        };
        self.error(name.span(), format!("there is no calendar `{written}`"), hint);
    }

    fn calendar_name(&mut self, name: &Text) {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let written = name.get_ref();
        let message = if written.starts_with(BUILTIN) {
            format!("`{written}` is built in, and needs no table")
        } else if written.is_empty() || !written.chars().all(allowed) {
            format!("`{written}` is not a calendar name (letters, digits, - and _)")
        } else {
            return;
        };
        self.error(name.span(), message, "for example `[calendars.company]`");
    }

    fn calendar_of(&mut self, name: &str, table: raw::Calendar) -> Calendar {
        let mut holidays: BTreeMap<NaiveDate, _> = BTreeMap::new();
        let mut written_at: BTreeMap<NaiveDate, Range<usize>> = BTreeMap::new();
        for (text, days) in self.days_of(table.dates) {
            for day in days {
                holidays.insert(day, None);
                written_at.insert(day, text.span());
            }
        }
        let mut workdays = BTreeSet::new();
        for (text, days) in self.days_of(table.workdays) {
            if let Some((day, other)) = days.iter().find_map(|day| written_at.get_key_value(day)) {
                let message = format!("{day} is one of `dates` too");
                let line = self.source.line_of(other.start);
                let hint = format!("a day is off or worked: the other is on line {line}");
                self.error(text.span(), message, hint);
            }
            workdays.extend(days);
        }
        let known_until = holidays.keys().chain(&workdays).max().copied();
        let name = name.to_owned();
        Calendar { name, holidays, workdays, known_until, timed: Vec::new() }
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
            self.error(text.span(), message, format!("write `{last}{TO}{first}`"));
            return None;
        }
        if last - first > LONGEST {
            let message = format!("`{}` is longer than a year", text.get_ref());
            self.error(text.span(), message, "a rule is switched off with `enabled = false`");
            return None;
        }
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
        let hint = "write a day as `2026-12-25`, days in a row as `2027-01-01..2027-01-03`";
        self.error(text.span(), message, hint);
        None
    }
}
