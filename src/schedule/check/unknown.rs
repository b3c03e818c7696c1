//! Calendars and days that are named and not there: what was probably meant.

use super::Check;
use crate::schedule::calendar::{BUILTIN, builtin};
use crate::schedule::nearest::nearest;
use crate::schedule::raw::Text;
use crate::schedule::window::{WEEK, WEEKENDS, weekdays};

/// What `off_days` calls the days from Monday to Friday.
const WORKING_WEEK: &str = "MON-FRI";

/// What people call them.
const WORKING_DAYS: [&str; 2] = ["weekdays", "workdays"];

/// Whether a calendar can be called that.
pub(super) fn is_calendar_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !text.is_empty() && text.chars().all(allowed)
}

impl Check<'_> {
    /// Says that there is no such calendar, unless it may have been lost to another error.
    pub(super) fn unknown_calendar(&mut self, name: &Text) {
        if self.losses.hide("calendars") {
            return;
        }
        let written = name.get_ref();
        let known: Vec<&str> = self.calendars.iter().map(|it| it.name.as_str()).collect();
        let table = if is_calendar_name(written) { written } else { "company" };
        let table = format!("[calendars.{table}]");
        let hint = if weekdays(written).is_some() {
            "only calendars are named here; days of the week belong into `cron` or `off_days`"
                .to_owned()
        } else if let Some(hint) = self.calendar_meant(written) {
            hint
        } else if known.is_empty() {
            format!("add `{table}` with `dates = [\"2026-12-25\"]`")
        } else {
            format!("add `{table}`, or name one of: {}", known.join(", "))
        };
        self.error(name.span(), format!("there is no calendar `{written}`"), hint);
    }

    /// Says that `off_days` names neither days of the week nor a calendar, unless that calendar
    /// may have been lost to another error.
    pub(super) fn unknown_day(&mut self, text: &Text) {
        if self.losses.hide("calendars") {
            return;
        }
        let written = text.get_ref();
        let hint = days_in_one(written).or_else(|| self.day_meant(written));
        let hint = hint.or_else(|| self.calendar_meant(written)).unwrap_or_else(|| {
            "write `weekends`, `SAT`, `FRI-SUN` or the name of a calendar".to_owned()
        });
        let message = format!("`{written}` is no day of the week, and there is no such calendar");
        self.error(text.span(), message, hint);
    }

    fn day_meant(&self, written: &str) -> Option<String> {
        let calendars = self.calendars.iter().map(|calendar| calendar.name.as_str());
        let names = WEEK.iter().map(|(name, _)| *name).chain([WEEKENDS]).chain(WORKING_DAYS);
        match nearest(written, names.chain(calendars)) {
            Some(near) if WORKING_DAYS.contains(&near) => {
                Some(format!("write `{WORKING_WEEK}` for the days from Monday to Friday"))
            }
            Some(near) => Some(format!("did you mean `{near}`?")),
            None => {
                // `Saturday`: the first three letters are the name.
                let short = written.get(..3).filter(|short| is_weekday(short))?;
                Some(format!("did you mean `{}`?", short.to_uppercase()))
            }
        }
    }

    /// A calendar that there is, or a day where a calendar belongs.
    fn calendar_meant(&self, written: &str) -> Option<String> {
        let trimmed = written.trim();
        if builtin::NAMES.contains(&trimmed) && self.calendars.get(trimmed).is_none() {
            return Some(format!(
                "write `{BUILTIN}{trimmed}` for what is built in, or add `[calendars.{trimmed}]`"
            ));
        }
        if is_like_a_date(trimmed) {
            let example = "`[calendars.company]` with `dates = [\"2026-12-25\"]`";
            return Some(format!("days belong into a calendar that is named here: {example}"));
        }
        let built_in = builtin::NAMES.map(|name| format!("{BUILTIN}{name}"));
        let known = self.calendars.iter().map(|it| it.name.as_str());
        let near = nearest(trimmed, known.chain(built_in.iter().map(String::as_str)))?;
        Some(format!("did you mean `{near}`?"))
    }
}

/// What to write instead of several days in one text.
fn days_in_one(written: &str) -> Option<String> {
    if written.contains(',') {
        let parts: Vec<_> = written.split(',').map(|it| format!("\"{}\"", it.trim())).collect();
        return Some(format!("write a list: `off_days = [{}]`", parts.join(", ")));
    }
    let (from, until) = written.split_once('-')?;
    (is_weekday(from.trim()) && is_weekday(until.trim()))
        .then(|| "a range does not go over the end of the week: name its days in a list".to_owned())
}

fn is_weekday(name: &str) -> bool {
    WEEK.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
}

/// `2026-12-25`, `12/25`, `2027-01-01..2027-01-03`.
fn is_like_a_date(text: &str) -> bool {
    let marks = ['-', '.', '/'];
    text.contains(marks) && text.chars().all(|c| c.is_ascii_digit() || marks.contains(&c))
}
