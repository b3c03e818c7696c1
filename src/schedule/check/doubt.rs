//! Warns of cron expressions that probably mean something else: swapped fields, and the habits of
//! other schedulers.
//!
//! `cron::repair` handles texts that are no expressions.

use super::Check;
use crate::schedule::cron::{Cron, from_sunday, from_zero};
use crate::schedule::hint::Hint;
use crate::schedule::raw::Text;

/// A warning, and the expression to write instead.
struct Doubt {
    message: String,
    words: String,
    meant: Option<String>,
}

const NAMES: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Working weeks and weekends in a count with Sunday as 1, as in Quartz and AWS.
const ELSEWHERE: [&str; 4] = ["2-6", "2,3,4,5,6", "1,7", "7,1"];

/// Usual days for monthly work. As the day of the month, these are no misplaced hours.
const PAYDAYS: [u8; 2] = [1, 15];

impl Check<'_> {
    /// Warns of an expression that probably means something else.
    pub(super) fn doubt_times(&mut self, cron: &Cron, text: &Text) {
        let fields: Vec<&str> = cron.as_str().split_whitespace().collect();
        let Some(Doubt { message, words, meant }) = doubt(&fields) else { return };
        let words = format!("{words}; `about = \"…\"` on the rule says that it is as you want it");
        let hint = match meant.filter(|meant| meant.parse::<Cron>().is_ok()) {
            Some(meant) => Hint::fixing(words, self.source.rewriting(text, &meant)),
            None => words.into(),
        };
        let problem = self.source.warning(text.span(), message, hint);
        self.problems.push(problem);
    }
}

fn doubt(fields: &[&str]) -> Option<Doubt> {
    as_elsewhere(fields)
        .or_else(|| hour_as_day(fields))
        .or_else(|| year_last(fields))
        .or_else(|| hour_as_minute(fields))
        .or_else(|| week_of_month(fields))
        .or_else(|| step_too_long(fields))
}

/// `0 0 20 ? * 2-6`: Quartz and AWS have the question mark, and count Sunday as 1.
fn as_elsewhere(fields: &[&str]) -> Option<Doubt> {
    let weekday = fields.last()?;
    let has_numbers = weekday.bytes().any(|b| b.is_ascii_digit());
    let is_theirs = fields.contains(&"?") && has_numbers || ELSEWHERE.contains(weekday);
    let there = from_sunday(weekday).filter(|_| is_theirs)?;
    let message = format!("`{weekday}` counts from Monday as 1 here, and from Sunday in Quartz");
    let here = from_zero(weekday)?;
    let words = format!("name the days that you mean: here it is `{here}`, there `{there}`");
    Some(Doubt { message, words, meant: None })
}

/// `*/90 20 * * *`: a step beyond the end of its field gives only the first value.
fn step_too_long(fields: &[&str]) -> Option<Doubt> {
    let first = fields.len().checked_sub(5)?;
    let units = [("minute", 60), ("hour", 24)];
    let (field, unit, step) = units.into_iter().enumerate().find_map(|(at, (unit, count))| {
        let field = *fields.get(first + at)?;
        let step = number(field.strip_prefix("*/")?).filter(|step| *step > count)?;
        Some((field, unit, step))
    })?;
    let message = format!("`{field}` is {unit} 0 and no other: steps begin anew each time");
    let words = format!("no field of an expression says every {step} {unit}s");
    Some(Doubt { message, words, meant: None })
}

/// `0 0 22 * *`: seconds first, and no day of the week.
fn hour_as_day(fields: &[&str]) -> Option<Doubt> {
    let ["0", "0", day, "*", weekday] = fields else { return None };
    let hour = number(day).filter(|hour| *hour < 24 && !PAYDAYS.contains(hour))?;
    let meant = format!("0 {hour} * * {weekday}");
    Some(Doubt {
        message: format!("`{}` fires at 00:00 on day {day} of a month", fields.join(" ")),
        words: format!("seconds come first in six fields only: if {hour}:00 is meant, `{meant}`"),
        meant: Some(meant),
    })
}

/// `0 20 * * 1-5 *`: a year at the end, so that minutes are read as seconds.
fn year_last(fields: &[&str]) -> Option<Doubt> {
    let ["0", minute, "*", "*", month, "*"] = fields else { return None };
    let hour = number(minute).filter(|hour| (1..24).contains(hour))?;
    if month.chars().any(char::is_alphabetic) {
        return None;
    }
    let meant = format!("0 {hour} * * {month}");
    Some(Doubt {
        message: format!("`{}` fires every hour, at minute {hour}", fields.join(" ")),
        words: format!("in six fields, seconds come first: if {hour}:00 is meant, `{meant}`"),
        meant: Some(meant),
    })
}

/// `22 0 * * FRI`: minute and hour look swapped.
fn hour_as_minute(fields: &[&str]) -> Option<Doubt> {
    let (seconds, rest) = match fields {
        [seconds, rest @ ..] if rest.len() == 5 => (Some(seconds), rest),
        rest => (None, rest),
    };
    let [minute, hour, days @ ..] = rest else { return None };
    let swapped = number(minute).filter(|minute| minute % 5 != 0)?;
    number(hour).filter(|hour| *hour == 0)?;
    let meant = (swapped < 24).then(|| {
        let seconds = seconds.map(|seconds| format!("{seconds} ")).unwrap_or_default();
        format!("{seconds}0 {swapped} {}", days.join(" "))
    });
    let words = match &meant {
        Some(meant) => format!("the minute comes first: if {swapped}:00 is meant, `{meant}`"),
        None => "the minute comes before the hour".to_owned(),
    };
    let message = format!("`{}` fires at 00:{swapped:02}", fields.join(" "));
    Some(Doubt { message, words, meant })
}

/// `0 20 1-7 * 1`: one week of the month, and every Monday too.
fn week_of_month(fields: &[&str]) -> Option<Doubt> {
    let [times @ .., days, month, weekday] = fields else { return None };
    let nth = match *days {
        "1-7" => "#1",
        "8-14" => "#2",
        "15-21" => "#3",
        "22-28" => "#4",
        "25-31" | "L" => "L",
        _ => return None,
    };
    let is_one = weekday.chars().all(char::is_alphanumeric) && !weekday.ends_with(['L', 'l']);
    if !is_one {
        return None;
    }
    let day = number(weekday).map_or(*weekday, |day| NAMES[usize::from(day % 7)]);
    let meant = format!("{} * {month} {day}{nth}", times.join(" "));
    let written = fields.join(" ");
    Some(Doubt {
        message: match *days {
            "L" => format!("`{written}` fires on each {day}, and on the last day of a month"),
            days => format!("`{written}` fires on days {days}, and on each {day} besides"),
        },
        words: format!("if one day a month is meant, `{meant}`"),
        meant: Some(meant),
    })
}

fn number(field: &str) -> Option<u8> {
    field.parse().ok().filter(|_| field.bytes().all(|b| b.is_ascii_digit()))
}
