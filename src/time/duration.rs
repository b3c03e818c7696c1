//! Durations as people write them: `90s`, `10m`, `1h30m`, `2d`.
//!
//! Owns the form and its bounds, and the proposal for a text in another form.

use std::collections::BTreeMap;
use std::time::Duration;

use super::spoken::plain;
use crate::model::language::Language;
use crate::text::did_you_mean::nearest;

/// The units, longest first, in seconds.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

const WORDS: [(&str, char); 18] = [
    ("second", 's'),
    ("seconds", 's'),
    ("sec", 's'),
    ("secs", 's'),
    ("minute", 'm'),
    ("minutes", 'm'),
    ("min", 'm'),
    ("mins", 'm'),
    ("hour", 'h'),
    ("hours", 'h'),
    ("hr", 'h'),
    ("hrs", 'h'),
    ("day", 'd'),
    ("days", 'd'),
    ("분", 'm'),
    ("시간", 'h'),
    ("초", 's'),
    ("일", 'd'),
];

const DAY: Duration = Duration::from_secs(86_400);
/// The longest time that anything may wait.
const LONGEST: Duration = DAY.saturating_mul(366);
/// The shortest time that the log is kept. Its claims prevent a second firing after a clock was set
/// back.
const SHORTEST_KEEP: Duration = DAY.saturating_mul(7);
/// The longest time that the log is kept, other than for ever.
const LONGEST_KEEP: Duration = DAY.saturating_mul(36_600);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DurationError {
    message: String,
    pub hint: String,
    /// The same duration in the right form, if there is only one reading.
    pub meant: Option<String>,
}

impl DurationError {
    fn new(message: String, hint: impl Into<String>) -> Self {
        Self { message, hint: hint.into(), meant: None }
    }
}

/// Reads whole numbers with their units, longest unit first, each at most once.
///
/// # Errors
/// The text has another form, or means more than 366 days.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let duration = parse(text)?;
    if duration > LONGEST {
        let message = format!("`{text}` is longer than a year");
        return Err(DurationError::new(message, "durations go up to `366d`"));
    }
    Ok(duration)
}

/// Reads the time for which the log is kept, in the form of [`parse_duration`].
///
/// # Errors
/// The text is no duration, or means less than a week or more than a hundred years.
pub fn parse_keep(text: &str) -> Result<Duration, DurationError> {
    let duration = parse(text)?;
    let wrong =
        |what: &str, hint: &str| Err(DurationError::new(format!("`{text}` is {what}"), hint));
    match duration {
        _ if duration < SHORTEST_KEEP => wrong("less than a week", "keep at least `7d`"),
        _ if duration > LONGEST_KEEP => {
            wrong("more than a hundred years", "without `keep`, everything is kept")
        }
        _ => Ok(duration),
    }
}

/// A duration in the form that [`parse_duration`] reads, in whole seconds.
pub fn written(duration: Duration) -> String {
    let mut seconds = duration.as_secs();
    let mut text = String::new();
    for (unit, length) in UNITS {
        if seconds >= length {
            text += &(seconds / length).to_string();
            text.push(unit);
            seconds %= length;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// A duration of [`written`] for people: `1h5m`, `1시간 5분`.
pub fn in_language(written: &str, language: Language) -> String {
    if language == Language::English {
        return written.to_owned();
    }
    let units = [('d', "일 "), ('h', "시간 "), ('m', "분 "), ('s', "초 ")];
    let said = |said: String, (unit, word): (char, &str)| said.replace(unit, word);
    units.into_iter().fold(written.to_owned(), said).trim_end().to_owned()
}

/// Reads a duration of any length.
fn parse(text: &str) -> Result<Duration, DurationError> {
    strictly(text).map_err(|hint| {
        let message = format!("`{text}` is no duration");
        match meant(text) {
            Some(meant) => {
                let hint = format!("write `{meant}`");
                DurationError { message, hint, meant: Some(meant) }
            }
            None if is_number(text.trim()) => DurationError::new(message, units_of(text.trim())),
            None => DurationError::new(message, hint),
        }
    })
}

/// Reads a duration. The error is the form to write instead.
fn strictly(text: &str) -> Result<Duration, &'static str> {
    let parts = split(text).ok_or(FORM)?;
    let mut total = Some(0_u64);
    let mut shortest = u64::MAX;
    for (number, unit) in &parts {
        let known = UNITS.iter().find(|(name, _)| *unit == name.to_string());
        let (_, seconds) = known.ok_or(FORM)?;
        if *seconds >= shortest {
            return Err(ORDER);
        }
        shortest = *seconds;
        let number = number.parse().ok().and_then(|number: u64| number.checked_mul(*seconds));
        total = total.zip(number).and_then(|(total, number)| total.checked_add(number));
    }
    if text.contains(char::is_whitespace) {
        return Err(FORM);
    }
    // A number too large for any type is longer than every bound.
    Ok(total.map_or(Duration::MAX, Duration::from_secs))
}

const ORDER: &str = "units go from long to short, each once";

const FORM: &str =
    "a number and its unit: `s` for seconds, `m` for minutes, `h` for hours or `d` for days";

/// The proposals for a number without a unit.
pub fn units_of(number: &str) -> String {
    let each = |unit: &str| format!("`\"{number}{unit}\"`");
    format!("say in which unit: {}, {}, {} or {}", each("s"), each("m"), each("h"), each("d"))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The numbers, each with the text that follows it; `None` if the text does not begin with a
/// number.
fn split(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        let unit = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, next) = behind.split_at(unit);
        if number.is_empty() {
            return None;
        }
        parts.push((number, unit.trim()));
        rest = next;
    }
    (!parts.is_empty()).then_some(parts)
}

/// The same duration in the units of this house, if there is only one reading.
fn meant(text: &str) -> Option<String> {
    let plain = plain(text);
    let plain = plain.trim();
    let words = [("an hour", "1h"), ("half an hour", "30m"), ("a day", "1d"), ("반시간", "30m")];
    if let Some((_, meant)) = words.iter().find(|(word, _)| plain.eq_ignore_ascii_case(word)) {
        return Some((*meant).to_owned());
    }
    // `PT1H30M` is the form of ISO 8601. In other texts `M` may mean months.
    let is_iso = plain.starts_with("PT");
    if !is_iso && split(plain)?.iter().any(|(_, unit)| *unit == "M") {
        return None;
    }
    let text = plain.trim_start_matches("PT").to_lowercase().replace(" and ", " ");
    let mut seconds: BTreeMap<u64, u64> = BTreeMap::new();
    for (number, unit) in split(&text)? {
        let length = match unit.trim_matches(['.', ',']).trim() {
            "" if number == "0" => 1,
            unit => length_of(unit)?,
        };
        // `1m1m` has no clear meaning.
        if seconds.insert(length, number.parse::<u64>().ok()?.checked_mul(length)?).is_some() {
            return None;
        }
    }
    let total = seconds.values().try_fold(0_u64, |total, part| total.checked_add(*part))?;
    Some(written(Duration::from_secs(total)))
}

/// The seconds of one unit.
fn length_of(unit: &str) -> Option<u64> {
    let of =
        |letter: char| UNITS.iter().find(|(name, _)| *name == letter).map(|(_, length)| *length);
    let mut letters = unit.chars();
    match (letters.next()?, letters.next()) {
        (letter, None) if of(letter).is_some() => of(letter),
        ('w', None) => Some(7 * 86_400),
        _ if unit == "week" || unit == "weeks" || unit == "주" => Some(7 * 86_400),
        _ => {
            let meant = nearest(unit, WORDS.map(|(word, _)| word))?;
            WORDS.iter().find(|(word, _)| *word == meant).and_then(|(_, letter)| of(*letter))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_numbers_with_units() {
        for (text, seconds) in [
            ("0s", 0),
            ("90s", 90),
            ("10m", 600),
            ("1h", 3_600),
            ("1h30m", 5_400),
            ("2d", 172_800),
            ("1d2h3m4s", 93_784),
            ("366d", 31_622_400),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_written_reads_as_it_was() {
        for text in ["0s", "59s", "10m", "1h", "1h30m", "2d", "1d2h3m4s"] {
            assert_eq!(written(parse_duration(text).unwrap()), text);
        }
    }

    #[test]
    fn a_log_is_kept_from_a_week_to_a_hundred_years() {
        for (text, expected) in [
            ("7d", Ok(7)),
            ("400d", Ok(400)),
            ("36600d", Ok(36_600)),
            ("6d23h", Err("keep at least `7d`")),
            ("36601d", Err("without `keep`, everything is kept")),
            ("99999999999999999999d", Err("without `keep`, everything is kept")),
            ("a year", Err(FORM)),
        ] {
            let kept = parse_keep(text).map_err(|error| error.hint);
            assert_eq!(kept, expected.map(|days| days * DAY).map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_was_meant() {
        for (text, hint) in [
            ("10 minutes", "write `10m`"),
            ("10min", "write `10m`"),
            ("10 m", "write `10m`"),
            ("1 hour 30 mins", "write `1h30m`"),
            ("1H", "write `1h`"),
            ("30분", "write `30m`"),
            ("0", "write `0s`"),
            ("10", &units_of("10")),
            ("", FORM),
            ("half an hour", "write `30m`"),
            ("-5m", FORM),
            ("soon", FORM),
            ("1.5h", FORM),
            ("500ms", FORM),
            ("１０m", "write `10m`"),
            ("90 mins", "write `1h30m`"),
            ("1시간 30분", "write `1h30m`"),
            ("PT1H30M", "write `1h30m`"),
            ("2 weeks", "write `14d`"),
            ("10 mins.", "write `10m`"),
            ("3M", FORM),
            ("1 month", FORM),
            ("30m1h", "write `1h30m`"),
            ("1m1m", ORDER),
            ("400d", "durations go up to `366d`"),
            ("99999999999999999999d", "durations go up to `366d`"),
        ] {
            assert_eq!(parse_duration(text).unwrap_err().hint, hint, "{text}");
        }
    }
}
