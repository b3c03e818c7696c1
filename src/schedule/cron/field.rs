//! The fields of a cron expression: their bounds, their names, and what people get wrong there.

use crate::schedule::nearest::nearest;

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

    /// The names of the field's values, from its lower bound on.
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

    /// The value as the user would write it: a name where the field has names.
    pub(super) fn spell(self, value: u8) -> String {
        let index = match self {
            Month => usize::from(value).saturating_sub(1),
            DayOfWeek => usize::from(value % 7),
            _ => return value.to_string(),
        };
        self.names()[index].to_owned()
    }

    /// What to write instead of a number that is out of range.
    pub(super) fn out_of_range_hint(self, text: &str) -> String {
        let (low, high) = self.bounds();
        match (self, text) {
            (Hour, "24") => "midnight is `0`".to_owned(),
            (Second | Minute, "60") => "the full hour or minute is `0`".to_owned(),
            (DayOfMonth | Month, "0") => "counting starts at `1`".to_owned(),
            (DayOfMonth, _) => "the last day of a month is `L`".to_owned(),
            (DayOfWeek, _) => {
                "0 and 7 are Sunday, 1 is Monday; names such as `MON` work too".to_owned()
            }
            _ => format!("write a number from {low} to {high}"),
        }
    }

    /// What to write instead of a word that is none of the field's.
    pub(super) fn word_hint(self, text: &str) -> String {
        let (low, high) = self.bounds();
        let names = self.names();
        // `MONDAY`, `september`: the first three letters are the name.
        let short =
            text.get(..3).and_then(|short| names.iter().find(|n| n.eq_ignore_ascii_case(short)));
        if let Some(name) = short.copied().or_else(|| nearest(text, names.iter().copied())) {
            return format!("did you mean `{name}`?");
        }
        match self {
            DayOfMonth if text.to_ascii_uppercase().contains(['L', 'W']) => {
                "`L` is the last day, `LW` the last weekday, `15W` the weekday nearest to the 15th"
                    .to_owned()
            }
            DayOfMonth if text.contains('#') => {
                "`5#2` belongs into the last field, the day of week".to_owned()
            }
            DayOfWeek => format!("write {low} to {high} or `MON` to `SUN`"),
            Month => format!("write {low} to {high} or `JAN` to `DEC`"),
            _ => format!("write a number from {low} to {high}, a list, a range or `*`"),
        }
    }
}
