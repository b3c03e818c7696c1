//! Finds the calendar or day that an unknown name probably means.

use super::Check;
use super::window::as_list;
use crate::schedule::calendar::{BUILTIN, builtin};
use crate::schedule::hint::Hint;
use crate::schedule::raw::Text;
use crate::schedule::window::{WEEK, WEEKENDS, weekdays};
use crate::text::did_you_mean::nearest;
use crate::time::spoken::{self, Group};

/// Whether a calendar can have this name.
pub(super) fn is_calendar_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !text.is_empty() && text.chars().all(allowed)
}

/// Words for the holidays of a country.
const COUNTRIES: [(&str, &str); 12] = [
    ("korea", "builtin:kr"),
    ("builtin:korea", "builtin:kr"),
    ("builtin:ko", "builtin:kr"),
    ("korean", "builtin:kr"),
    ("korean-holidays", "builtin:kr"),
    ("korean holidays", "builtin:kr"),
    ("kr-holidays", "builtin:kr"),
    ("holidays:kr", "builtin:kr"),
    ("kr:holidays", "builtin:kr"),
    ("공휴일", "builtin:kr"),
    ("한국", "builtin:kr"),
    ("한국 공휴일", "builtin:kr"),
];

impl Check<'_> {
    /// Reports an unknown calendar, unless another error may have removed it.
    pub(super) fn unknown_calendar(&mut self, name: &Text) {
        if self.losses.hide("calendars") {
            return;
        }
        if self.source.has_said_enough() {
            self.error(name.span(), "there is no such calendar", "");
            return;
        }
        let written = name.get_ref();
        let known: Vec<&str> = self.calendars.iter().map(|it| it.name.as_str()).collect();
        let table = if is_calendar_name(written) { written } else { "company" };
        let table = format!("[calendars.{table}]");
        let hint = if weekdays(written).is_some() {
            "only calendars are named here; days of the week belong into `cron` or `off_days`"
                .into()
        } else if let Some(hint) = self.calendar_meant(name) {
            hint
        } else if known.is_empty() {
            format!("add `{table}` with its `dates` or its file: `ics`").into()
        } else {
            format!("add `{table}`, or name one of: {}", known.join(", ")).into()
        };
        self.error(name.span(), format!("there is no calendar `{written}`"), hint);
    }

    /// Reports an entry of `off_days` that is neither a day of the week nor a calendar, unless
    /// another error may have removed the calendar. `is_one`: the text stands alone, and not in a
    /// list.
    pub(super) fn unknown_day(&mut self, text: &Text, is_one: bool) {
        if self.losses.hide("calendars") {
            return;
        }
        if self.source.has_said_enough() {
            self.error(text.span(), "there is no such day", "");
            return;
        }
        let written = text.get_ref();
        let hint = self.days_meant((text, is_one));
        let hint = hint.or_else(|| self.calendar_meant(text)).unwrap_or_else(|| {
            "`off_days` has days of the week, `MON` to `SUN`, ranges of them, `weekends`, and names of \
             calendars"
                .into()
        });
        let message = format!("`{written}` is no day of the week, and there is no such calendar");
        self.error(text.span(), message, hint);
    }

    /// Days in another form, several in one text, or misspelt.
    fn days_meant(&self, (text, is_one): (&Text, bool)) -> Option<Hint> {
        let written = text.get_ref();
        if let Some(days) = spoken::days(written) {
            if days == [Group::Range(0, 6)] {
                return Some("what is always off takes one stop, and no window".into());
            }
            let days: Vec<String> = days.into_iter().map(Group::written).collect();
            return Some(match days.as_slice() {
                [only] => Hint::write(only, self.source.rewriting(text, only)),
                [sat, sun] if sat == "SAT" && sun == "SUN" => {
                    Hint::write(WEEKENDS, self.source.rewriting(text, WEEKENDS))
                }
                days => as_list("off_days", days, (text, is_one)),
            });
        }
        let parts: Vec<&str> = written.split(',').map(str::trim).collect();
        if parts.len() > 1 && parts.iter().all(|part| self.is_day_or_calendar(part)) {
            let parts: Vec<String> = parts.into_iter().map(ToOwned::to_owned).collect();
            return Some(as_list("off_days", &parts, (text, is_one)));
        }
        let calendars = self.calendars.iter().map(|calendar| calendar.name.as_str());
        let names = WEEK.iter().map(|(name, _)| *name).chain([WEEKENDS]);
        let near = nearest(written, names.chain(calendars))?;
        Some(Hint::meant(near, self.source.rewriting(text, near)))
    }

    fn is_day_or_calendar(&self, name: &str) -> bool {
        weekdays(name).is_some() || name.starts_with(BUILTIN) || self.calendars.get(name).is_some()
    }

    /// A known calendar, or a day in the place of a calendar.
    fn calendar_meant(&self, text: &Text) -> Option<Hint> {
        let trimmed = text.get_ref().trim();
        if let Some((_, name)) =
            COUNTRIES.iter().find(|(word, _)| trimmed.eq_ignore_ascii_case(word))
        {
            return Some(Hint::write(name, self.source.rewriting(text, name)));
        }
        let lower = trimmed.to_lowercase();
        if builtin::NAMES.contains(&lower.as_str()) && self.calendars.get(trimmed).is_none() {
            let built_in = format!("{BUILTIN}{lower}");
            let words =
                format!("write `{built_in}` for what is built in, or add `[calendars.{trimmed}]`");
            return Some(Hint::fixing(words, self.source.rewriting(text, &built_in)));
        }
        if is_like_a_date(trimmed) {
            let words = "days belong into a calendar that is named here: `[calendars.NAME]`, with \
                         its `dates` below";
            return Some(words.into());
        }
        let built_in = builtin::NAMES.map(|name| format!("{BUILTIN}{name}"));
        let known = self.calendars.iter().map(|it| it.name.as_str());
        let near = nearest(trimmed, known.chain(built_in.iter().map(String::as_str)))?;
        Some(Hint::meant(near, self.source.rewriting(text, near)))
    }
}

/// `2026-12-25`, `12/25`, `2027-01-01..2027-01-03`.
fn is_like_a_date(text: &str) -> bool {
    let marks = ['-', '.', '/'];
    text.len() > 3
        && text.contains(marks)
        && text.chars().all(|c| c.is_ascii_digit() || marks.contains(&c))
}
