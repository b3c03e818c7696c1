//! `[calendars.NAME]` as it is written.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::text::Text;

/// A day, or two with what stands between the ends of a range.
const DAYS: &str = concat!(
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    r"(\.\.[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))?$",
);
const DATES: [&str; 2] = ["2026-12-25", "2027-01-01..2027-01-03"];
const WITHOUT: [&str; 1] = ["Observance"];
const WORKDAYS: [&str; 1] = ["2026-12-26"];

/// Holidays, and days that are worked instead. Days are local days in the zone of each rule.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::schedule) struct Calendar {
    /// An iCalendar file, relative to this file, or `builtin:kr` for the public holidays of Korea.
    #[schemars(with = "Option<String>", example = &"holidays.ics")]
    pub(in crate::schedule) ics: Option<Text>,
    /// Events of `ics` that are no holidays: those whose summary, description or category
    /// contains any of these texts, in any case. `[]` says that all are.
    #[schemars(with = "Option<Vec<String>>", inner(length(min = 1)), example = WITHOUT)]
    pub(in crate::schedule) without: Option<Vec<Text>>,
    /// Whether only events of `ics` count that last whole days.
    #[schemars(with = "Option<bool>")]
    #[schemars(extend("default" = false))]
    pub(in crate::schedule) all_day_only: Option<Spanned<bool>>,
    /// Days, and ranges of days with both ends included.
    #[schemars(with = "Option<Vec<String>>", inner(regex(pattern = DAYS)), example = DATES)]
    pub(in crate::schedule) dates: Option<Vec<Text>>,
    /// Days that are worked although they are weekends or holidays: make-up days.
    #[schemars(with = "Option<Vec<String>>", inner(regex(pattern = DAYS)), example = WORKDAYS)]
    pub(in crate::schedule) workdays: Option<Vec<Text>>,
}
