//! Owns the fields of a cron expression: their bounds, their names, and the hints for usual
//! mistakes.

use crate::text::did_you_mean::nearest;

/// The fields in the order of a six-field expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Second,
    Minute,
    Hour,
    DayOfMonth,
    Month,
    DayOfWeek,
}

use Field::{DayOfMonth, DayOfWeek, Hour, Minute, Month, Second};

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const MONTHS_IN_FULL: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS_IN_FULL: [&str; 7] =
    ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

impl Field {
    pub(super) const ALL: [Self; 6] = [Second, Minute, Hour, DayOfMonth, Month, DayOfWeek];

    pub(super) fn name(self) -> &'static str {
        match self {
            Second => "second",
            Minute => "minute",
            Hour => "hour",
            DayOfMonth => "day of month",
            Month => "month",
            DayOfWeek => "day of week",
        }
    }

    pub(super) fn bounds(self) -> (u8, u8) {
        match self {
            Second | Minute => (0, 59),
            Hour => (0, 23),
            DayOfMonth => (1, 31),
            Month => (1, 12),
            DayOfWeek => (0, 7),
        }
    }

    /// The names of the values, from the lower bound on.
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Month => &MONTHS,
            DayOfWeek => &WEEKDAYS,
            _ => &[],
        }
    }

    pub(super) fn is_day(self) -> bool {
        matches!(self, DayOfMonth | DayOfWeek)
    }

    /// The value in the user's form: a name, if the field has names.
    pub(super) fn spell(self, value: u8) -> String {
        let index = match self {
            Month => usize::from(value).saturating_sub(1),
            DayOfWeek => usize::from(value % 7),
            _ => return value.to_string(),
        };
        self.names()[index].to_owned()
    }

    /// The hint for a number out of range.
    pub(super) fn out_of_range_hint(self, text: &str) -> String {
        let (low, high) = self.bounds();
        match (self, text) {
            (Hour, "24") => {
                "a day begins at hour 0 and ends before 24: its last midnight is hour 0 of the next \
                 day"
                .to_owned()
            }
            (Second | Minute, "60") => {
                "60 is 0 of the next: the full hour or minute is `0`".to_owned()
            }
            (DayOfMonth | Month, "0") => "they are counted from 1".to_owned(),
            (DayOfMonth, _) => "days go to 31; `L` is the last one of each month".to_owned(),
            (DayOfWeek, _) => {
                "0 and 7 are Sunday, 1 is Monday, 6 is Saturday; names work too".to_owned()
            }
            _ => format!("write a number from {low} to {high}"),
        }
    }

    /// The name that a word means: `september`, `Sept`, `teu`.
    pub(super) fn meant_by(self, text: &str) -> Option<&'static str> {
        let names = self.names();
        let word = text.trim_end_matches('.');
        let is_word = word.chars().all(char::is_alphabetic);
        let is_begin = |full: &&str| {
            word.len() >= 3
                && full.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word))
        };
        let index = match self {
            Month => MONTHS_IN_FULL.iter().position(is_begin),
            DayOfWeek => WEEKDAYS_IN_FULL.iter().position(is_begin),
            _ => None,
        };
        let near = || nearest(word, names.iter().copied());
        index.map(|index| names[index]).or_else(near).filter(|_| is_word)
    }

    /// The hint for a word that the field does not have.
    pub(super) fn word_hint(self, text: &str) -> String {
        let (low, high) = self.bounds();
        match self {
            DayOfMonth if text.to_ascii_uppercase().contains(['L', 'W']) => {
                "`L` is the last day, `LW` the last weekday, `15W` the weekday nearest to the 15th"
                    .to_owned()
            }
            DayOfMonth if text.contains('#') => {
                "`5#2` belongs into the last field, the day of week".to_owned()
            }
            DayOfWeek => format!("days go from {low} to {high}, or from `MON` to `SUN`"),
            Month => format!("months go from {low} to {high}, or from `JAN` to `DEC`"),
            _ => format!("write a number from {low} to {high}, a list, a range or `*`"),
        }
    }
}
