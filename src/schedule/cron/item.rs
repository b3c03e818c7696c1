//! Reads one field of an expression: lists, ranges, steps, names, `L`, `W` and `#`.
//!
//! Stricter than the engine, `croner`. Each refusal names the field, marks the exact characters,
//! and proposes the text that was probably meant.

use super::cron_error::CronError;
use super::field::Field::{self, DayOfMonth, DayOfWeek};

/// A part of the expression: its text, and its place in the expression.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Piece<'a> {
    fn refuse(
        self,
        field: Field,
        what: impl std::fmt::Display,
        hint: impl Into<String>,
    ) -> CronError {
        let span = self.at..self.at + self.text.len();
        CronError::new(format!("{}: {what}", field.name()), hint, span)
    }

    /// Refuses the part and proposes another text with the same meaning.
    fn rewrite(self, field: Field, what: impl std::fmt::Display, text: &str) -> CronError {
        self.refuse(field, what, format!("write `{text}`")).fixed(text)
    }

    pub(super) fn split(self, separator: char) -> impl Iterator<Item = Piece<'a>> {
        let mut at = self.at;
        self.text.split(separator).map(move |text| {
            let piece = Piece { text, at };
            at += text.len() + separator.len_utf8();
            piece
        })
    }

    fn split_once(self, separator: char) -> Option<(Piece<'a>, Piece<'a>)> {
        let (head, tail) = self.text.split_once(separator)?;
        let tail_at = self.at + head.len() + separator.len_utf8();
        Some((Piece { text: head, at: self.at }, Piece { text: tail, at: tail_at }))
    }
}

const RANGE: &str =
    "a range goes from its first value to its last, with `-` between; any value is `*`";

/// Reads one field. Returns the same field in the plain numbers of the engine.
pub(super) fn read(field: Field, piece: Piece<'_>) -> Result<String, CronError> {
    match piece.text {
        "*" => return Ok("*".to_owned()),
        "?" if field.is_day() => return Ok("*".to_owned()),
        _ => {}
    }
    let items: Vec<String> =
        piece.split(',').map(|item| read_item(field, item)).collect::<Result<_, _>>()?;
    let has = |wanted: &str| items.iter().any(|item| item == wanted);
    if has("L") && has("LW") {
        let hint = "two rules can say it: one with `L`, one with `LW`";
        return Err(piece.refuse(field, "`L` and `LW` cannot stand in one list", hint));
    }
    Ok(items.join(","))
}

fn read_item(field: Field, item: Piece<'_>) -> Result<String, CronError> {
    let (low, high) = field.bounds();
    if let Some((range, step)) = item.split_once('/') {
        let step = read_step(field, item, step)?;
        return match range.text {
            "*" => Ok(format!("*/{step}")),
            "" | "?" => {
                let what = format!("`{}` has no range to step through", item.text);
                Err(item.rewrite(field, what, &format!("*/{step}")))
            }
            text if text.contains('-') => match read_range(field, range) {
                Ok(range) => Ok(format!("{range}/{step}")),
                // A step over a range that wraps cannot be written as two ranges.
                Err(error) if error.fix.is_some() => {
                    let hint =
                        "ranges do not wrap: write out the values, with commas between".to_owned();
                    Err(CronError { hint, fix: None, ..error })
                }
                Err(error) => Err(error),
            },
            _ => {
                let first = read_value(field, range)?;
                let what = format!("`{}` steps through a single value", item.text);
                Err(item.rewrite(field, what, &format!("{first}-{high}/{step}")))
            }
        };
    }
    match item.text {
        "" => Err(item.refuse(field, "an entry of the list is empty", "remove the extra comma")),
        // A bare `*` would make the engine ignore the field.
        "*" => Ok(format!("{low}-{high}")),
        "?" if field.is_day() => {
            Err(item.refuse(field, "`?` stands alone in its field", "leave out the rest"))
        }
        "?" => {
            let what = "`?` is for the day fields only";
            Err(item.refuse(field, what, "any value is `*`"))
        }
        text if field == DayOfMonth && (text.starts_with("L-") || text.starts_with("l-")) => {
            let what = format!("`{text}` counts back from the end of the month");
            Err(item.refuse(field, what, "only `L`, the last day, and `LW`, the last weekday"))
        }
        text if field == DayOfMonth && is_month_end_word(text) => read_month_word(item),
        text if field == DayOfWeek && is_weekday_word(text) => read_weekday_word(item),
        text if text.contains('-') => read_range(field, item),
        _ => read_value(field, item).map(|value| value.to_string()),
    }
}

fn read_step(field: Field, item: Piece<'_>, step: Piece<'_>) -> Result<u8, CronError> {
    // `parse` alone would accept a sign.
    match step.text.parse::<u8>().ok().filter(|_| is_number(step.text)) {
        Some(number @ 1..) => Ok(number),
        Some(0) => {
            let what = format!("a step of 0 in `{}`", item.text);
            Err(item.refuse(field, what, "a step counts from 1"))
        }
        None => {
            let what = format!("`{}` is no step", step.text);
            Err(step.refuse(field, what, "a step is a number behind the `/`"))
        }
    }
}

fn read_range(field: Field, range: Piece<'_>) -> Result<String, CronError> {
    let Some((first, last)) = range.split_once('-') else {
        return Err(range.refuse(field, "no range", RANGE));
    };
    if first.text.is_empty() || last.text.is_empty() || last.text.contains('-') {
        let what = format!("`{}` is no range", range.text);
        return Err(range.refuse(field, what, RANGE));
    }
    let (start, mut end) = (read_value(field, first)?, read_value(field, last)?);
    // A week by names may end on Sunday, which is 7 as well as 0.
    if field == DayOfWeek && end == 0 && start > 0 && !is_number(last.text) {
        end = 7;
    }
    if start > end {
        let what = format!("the range `{}` runs backwards", range.text);
        let meant = unwrapped(field, start, end);
        let hint = format!("ranges do not wrap: write `{meant}`");
        return Err(range.refuse(field, what, hint).fixed(meant));
    }
    Ok(format!("{start}-{end}"))
}

/// The ranges without a wrap that a range with one probably means.
fn unwrapped(field: Field, start: u8, end: u8) -> String {
    let (low, high) = field.bounds();
    if field == DayOfWeek {
        let days: Vec<String> = (start..=end + 7).map(|day| field.spell(day)).collect();
        return days.join(",");
    }
    let part = |from: u8, to: u8| {
        let first = field.spell(from);
        if from == to { first } else { format!("{first}-{}", field.spell(to)) }
    };
    format!("{},{}", part(start, high), part(low, end))
}

fn read_value(field: Field, piece: Piece<'_>) -> Result<u8, CronError> {
    let (low, high) = field.bounds();
    let text = piece.text;
    if is_number(text) {
        return match text.parse::<u8>() {
            Ok(value) if (low..=high).contains(&value) => Ok(value),
            _ => {
                let what = format!("{text} is not within {low} to {high}");
                Err(piece.refuse(field, what, field.out_of_range_hint(text)))
            }
        };
    }
    if let Some(index) = field.names().iter().position(|name| name.eq_ignore_ascii_case(text)) {
        return Ok(low + u8::try_from(index).expect("a field has few names"));
    }
    let what = format!("`{text}` is no {}", field.name());
    match field.meant_by(text) {
        Some(name) => Err(piece.refuse(field, what, format!("did you mean `{name}`?")).fixed(name)),
        None => Err(piece.refuse(field, what, field.word_hint(text))),
    }
}

fn is_month_end_word(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    text == "L" || text == "LW" || text.strip_suffix('W').is_some_and(is_number)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `L`, `LW` or `15W`.
fn read_month_word(item: Piece<'_>) -> Result<String, CronError> {
    let word = item.text.to_ascii_uppercase();
    if let Some(day) = word.strip_suffix('W').filter(|day| is_number(day)) {
        let day = read_value(DayOfMonth, Piece { text: day, at: item.at })?;
        return Ok(format!("{day}W"));
    }
    Ok(word)
}

fn is_weekday_word(text: &str) -> bool {
    text.contains('#') || text.ends_with(['l', 'L'])
}

/// `5#2` or `5L`.
fn read_weekday_word(item: Piece<'_>) -> Result<String, CronError> {
    let (day, nth) = match item.split_once('#') {
        Some((day, nth)) => (day, nth.text),
        None => (Piece { text: &item.text[..item.text.len() - 1], at: item.at }, "L"),
    };
    if day.text.is_empty() {
        let hint = "`5L` is the last Friday of a month, `5#2` the second";
        return Err(item.refuse(DayOfWeek, format!("`{}` names no weekday", item.text), hint));
    }
    if day.text.contains('-') {
        let hint = "write each day on its own, each with its week";
        return Err(item.refuse(DayOfWeek, format!("`{}` is about a range", item.text), hint));
    }
    if !matches!(nth, "L" | "1" | "2" | "3" | "4" | "5") {
        let hint = "a month has a 1st to a 5th of each weekday, and a last: `5#2`, `5L`";
        return Err(item.refuse(DayOfWeek, format!("`#{nth}` is no week of a month"), hint));
    }
    // In some places the engine's tables would lose the `#` or `L` of a 7.
    let day = read_value(DayOfWeek, day)? % 7;
    Ok(if nth == "L" { format!("{day}L") } else { format!("{day}#{nth}") })
}
