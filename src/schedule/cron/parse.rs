//! Reads a whole expression: nicknames, the number of fields, and whether it can ever fire.
//!
//! `item` reads the single fields.

use std::ops::Range;

use chrono::{Datelike, NaiveDate};
use croner::parser::CronParser;

use super::cron_error::CronError;
use super::field::Field;
use super::form::{FORM, NICKNAMES};
use super::item::{Piece, read};
use super::search::matches_day;
use crate::text::did_you_mean::nearest;

/// The engine has a byte for each of 5,000 years. Setting all of them would take most of the time
/// of reading a rule; keeping them would take most of its memory. Years are not its task here.
const YEARS: &str = "1970";

/// These years include each kind of year: leap or not, with each weekday as its first.
const EVERY_KIND_OF_YEAR: Range<i32> = 2001..2029;

pub(super) struct Parsed {
    /// Judges local times without a zone.
    pub(super) pattern: croner::Cron,
    /// Whether the minute or the hour field begins with `*`.
    pub(super) follows_clock: bool,
}

pub(super) fn parse(text: &str) -> Result<Parsed, CronError> {
    let written = fields(text);
    let Some(first) = written.first() else {
        return Err(CronError::new("the expression is empty", FORM, 0..0));
    };
    if first.text.starts_with('@') {
        let expression = nickname(text, *first)?;
        return compile(text, &fields(expression));
    }
    compile(text, &written)
}

fn fields(text: &str) -> Vec<Piece<'_>> {
    let start = text.as_ptr() as usize;
    text.split_whitespace()
        .map(|field| Piece { text: field, at: field.as_ptr() as usize - start })
        .collect()
}

fn nickname(text: &str, first: Piece<'_>) -> Result<&'static str, CronError> {
    let written = text.trim();
    let known = |name: &str| NICKNAMES.iter().find(|(nick, _)| nick.eq_ignore_ascii_case(name));
    if let Some((_, expression)) = known(written) {
        return Ok(expression);
    }
    let span = first.at..first.at + written.len();
    let refuse = |hint: String| {
        CronError::new(format!("there is no nickname `{written}`"), hint, span.clone())
    };
    let lower = written.to_ascii_lowercase();
    let near = nearest(&lower, NICKNAMES.map(|(nick, _)| nick));
    Err(match (lower.as_str(), near) {
        ("@reboot", _) => {
            refuse("a rule fires by the calendar, not when the machine starts".to_owned())
        }
        _ if known(first.text).is_some() => refuse("a nickname stands alone".to_owned()),
        (_, Some(nick)) => refuse(format!("did you mean `{nick}`?")).fixed(nick),
        (_, None) => {
            let known = NICKNAMES.map(|(nick, _)| format!("`{nick}`")).join(", ");
            refuse(format!("there are {known}"))
        }
    })
}

/// `text` is the written text, `fields` its fields after nicknames.
fn compile(text: &str, written: &[Piece<'_>]) -> Result<Parsed, CronError> {
    let kinds = match written.len() {
        5 => &Field::ALL[1..],
        6 => &Field::ALL[..],
        count => return Err(wrong_count(text, count)),
    };
    let plain: Vec<String> = kinds
        .iter()
        .zip(written)
        .map(|(kind, piece)| read(*kind, *piece))
        .collect::<Result<_, _>>()?;
    let begins_with_star = |kind: Field| {
        let field = kinds.iter().position(|other| *other == kind).map(|index| written[index].text);
        field.is_some_and(|field| field.starts_with(['*', '?']))
    };
    let both_days = begins_with_star(Field::DayOfMonth) || begins_with_star(Field::DayOfWeek);
    let whole = || written_span(written);
    let mut pattern =
        engine(both_days, &format!("{} {YEARS}", with_seconds(&plain))).map_err(|error| {
            CronError::new(format!("the expression cannot be used: {error}"), FORM, whole())
        })?;
    drop(std::mem::take(&mut pattern.pattern.years));
    if !can_fire(&pattern) {
        return Err(never_fires(text, written));
    }
    let follows_clock = begins_with_star(Field::Minute) || begins_with_star(Field::Hour);
    Ok(Parsed { pattern, follows_clock })
}

/// The pattern in words; `None` if the engine's words would be wrong.
pub(super) fn describe(pattern: &croner::Cron) -> Option<String> {
    let text = pattern.as_str().strip_suffix(YEARS)?;
    // The engine would call the last weekday of the month its last day.
    if text.contains("LW") {
        return None;
    }
    if has_uneven_step(text) {
        return None;
    }
    let both_days = pattern.pattern.matches_dom_and_dow();
    engine(both_days, text).ok().map(|every_year| every_year.describe())
}

/// `*/90` and `*/45`: steps that do not divide the range of their field. The words "every 45
/// minutes" would hide the new start at each hour.
fn has_uneven_step(text: &str) -> bool {
    let counts = [60, 60, 24, 0, 12, 0];
    text.split_whitespace().zip(counts).any(|(field, count)| {
        let step = field.strip_prefix("*/").and_then(|step| step.parse::<u32>().ok());
        count > 0 && step.is_some_and(|step| step == 0 || count % step != 0)
    })
}

fn engine(both_days: bool, text: &str) -> Result<croner::Cron, croner::errors::CronError> {
    CronParser::builder().dom_and_dow(both_days).build().parse(text)
}

fn with_seconds(fields: &[String]) -> String {
    let seconds = if fields.len() == 5 { "0 " } else { "" };
    format!("{seconds}{}", fields.join(" "))
}

fn written_span(fields: &[Piece<'_>]) -> Range<usize> {
    match (fields.first(), fields.last()) {
        (Some(first), Some(last)) => first.at..last.at + last.text.len(),
        _ => 0..0,
    }
}

fn wrong_count(text: &str, count: usize) -> CronError {
    let noun = if count == 1 { "field" } else { "fields" };
    let start = text.len() - text.trim_start().len();
    let message = format!("{count} {noun}, where 5 are needed, or 6 with seconds first");
    CronError::new(message, FORM, start..start + text.trim().len())
}

fn never_fires(text: &str, written: &[Piece<'_>]) -> CronError {
    // The two day fields and the month between them. The time of day always comes.
    let days = &written[written.len() - 3..];
    let span = written_span(days);
    let message = format!("`{}` can never fire: no year has such a day", text[span.clone()].trim());
    CronError::new(message, "the last day of every month is `L` in the day-of-month field", span)
}

/// Whether any day of any year matches. The search usually needs a few days; at most 28 years.
fn can_fire(pattern: &croner::Cron) -> bool {
    let matches = |day: NaiveDate| matches_day(pattern, day);
    let months = pattern.pattern.months.values();
    EVERY_KIND_OF_YEAR
        .flat_map(|year| months.iter().map(move |month| (year, u32::from(*month))))
        .filter_map(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1))
        .any(|first| first.iter_days().take_while(|day| day.month() == first.month()).any(matches))
}
