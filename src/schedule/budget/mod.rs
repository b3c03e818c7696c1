//! `[budget]`: the time for which the provider lets a server be stopped, and the action at its end.
//!
//! NAVER Cloud is said to return a server that was stopped (1) for more than 90 days in a row, or
//! (2) for more than 180 days in 12 months. Nobody has confirmed these limits, or the way of
//! counting days. So all of it can be set.
//!
//! `count` owns the counting, and `used` the sums. The engine acts at a limit.

mod count;
pub mod spent;
mod used;

use std::fmt;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

pub use count::Counting;
pub(crate) use count::{Stretch, year_before};
pub(crate) use used::Used;

/// Days in a row, if the file gives none.
pub const IN_A_ROW: u32 = 90;

/// Days in 12 months, if the file gives none.
pub const IN_12_MONTHS: u32 = 180;

/// The length of 12 months in days: the last 365, in a leap year too.
pub const YEAR: u32 = 365;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The most stopped days in a row.
    pub in_a_row: u32,
    /// The most stopped days of the last 365.
    pub in_12_months: u32,
    pub count: Count,
    pub at_limit: AtLimit,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            in_a_row: IN_A_ROW,
            in_12_months: IN_12_MONTHS,
            count: Count::default(),
            at_limit: AtLimit::default(),
        }
    }
}

impl Budget {
    pub fn allows(&self, limit: Limit) -> TimeDelta {
        TimeDelta::days(i64::from(self.days(limit)))
    }

    /// The same in days, as the file gives it.
    pub fn days(&self, limit: Limit) -> u32 {
        match limit {
            Limit::InARow => self.in_a_row,
            Limit::In12Months => self.in_12_months,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    InARow,
    /// The stopped days of the last 365.
    In12Months,
}

impl Limit {
    pub const ALL: [Self; 2] = [Self::InARow, Self::In12Months];
}

/// `in a row` or `in 12 months`.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InARow => "in a row",
            Self::In12Months => "in 12 months",
        })
    }
}

/// `count`: how days are counted.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Count {
    /// 24 hours stopped are a day, whenever they were.
    #[default]
    Hours,
    /// A local day counts in full that a server was stopped on, be it for a minute.
    Days,
}

impl Count {
    /// The word in schedules.toml and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Days => "days",
        }
    }
}

/// `at_limit`: what is done where a limit comes near.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AtLimit {
    #[default]
    /// It is told.
    Warn,
    /// It is told, and the server is not stopped any more.
    KeepRunning,
    /// It is told, and the server is started once, so that the days in a row end.
    Start,
}

impl AtLimit {
    /// The word in schedules.toml and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::KeepRunning => "keep_running",
            Self::Start => "start",
        }
    }
}

/// The past for which observations must be read to compute the budget of a server.
pub const LOOK_BACK: TimeDelta = TimeDelta::days(366);
