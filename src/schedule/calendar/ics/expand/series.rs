//! Owns a recurring event before it is expanded.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};

use super::times::Times;
use crate::schedule::calendar::ics::marks::{Stop, Work};
use crate::schedule::calendar::ics::rule::{Numbers, Rule};

/// The times of an event on one day, from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: NaiveDateTime,
    pub(crate) last: NaiveDateTime,
}

/// Removes single times from a series.
pub(crate) trait Except {
    /// Whether any time of a day may be removed.
    fn concerns(&self, day: NaiveDate) -> bool;
    fn takes(&mut self, at: NaiveDateTime) -> bool;
}

/// Receives each day of a series.
pub(crate) type Found<'f> = dyn FnMut(&mut Work, Span) -> Result<(), Stop> + 'f;

/// Some of the times of a day, in order.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    pub(super) day: NaiveDate,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// A rule for an event with this start.
pub(crate) struct Series<'r> {
    pub(super) rule: &'r Rule,
    pub(super) start: NaiveDateTime,
    pub(super) until: NaiveDateTime,
    pub(super) times: Times,
    /// The lists of the rule, completed from the start.
    pub(super) months: Numbers,
    pub(super) days_of_month: Numbers,
    pub(super) weekdays: BTreeSet<(i32, i32)>,
}
