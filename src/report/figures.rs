//! What a report says, before any of it is words.

use chrono::NaiveDate;

use super::counts::{Ends, Firings, Nights};
use super::money::Saved;
use super::spent::{HoursOfWeek, Spent};
use crate::model::instance::{AccountName, Action, InstanceNo, Product};
use crate::model::span::Span;
use crate::time::zone::Zone;

/// What was promised and what came true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub span: Span,
    /// The zone in which days, weeks and hours of the day are counted, and times are shown.
    pub zone: Zone,
    /// What money is counted in; `None` where the file has no `[prices]`.
    pub currency: Option<String>,
    pub total: Total,
    /// Each rule that had a firing, or should have had one; by name, a stop before a start.
    pub rules: Vec<RuleReport>,
    /// Each server that was seen, or that a firing was about: those that firings were about
    /// first, and of these those with most trouble; then by name.
    pub instances: Vec<InstanceReport>,
    /// Each week that the time touches, in order.
    pub weeks: Vec<WeekReport>,
    /// All servers' hours by day of the week and hour of the day.
    pub hours: HoursOfWeek,
    /// What could not be known, a sentence each without a full stop.
    pub unknown: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub servers: u64,
    /// How many of them a firing was about.
    pub meant: u64,
    pub stops: Firings,
    pub starts: Firings,
    /// What became of instances in all these firings.
    pub ends: Ends,
    pub nights: Nights,
    /// Server-hours.
    pub spent: Spent,
    pub saved: Saved,
    /// How many servers were off at a price that is not known: what they saved is missing.
    pub unpriced: u64,
}

/// One rule, or half of a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleReport {
    pub rule: String,
    pub action: Action,
    pub firings: Firings,
    /// What became of instances in them.
    pub ends: Ends,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceReport {
    pub account: AccountName,
    pub no: InstanceNo,
    /// Its name, as it was last seen; empty where the log does not know it any more.
    pub name: String,
    /// Its region, as it was last seen.
    pub region: String,
    /// What it is sold as, as far as the log knows.
    pub product: Product,
    /// Whether a firing was about it, or it had a night.
    pub is_meant: bool,
    /// What became of it in firings.
    pub ends: Ends,
    pub nights: Nights,
    /// Its hours.
    pub spent: Spent,
    pub saved: Saved,
}

/// One week, from Monday on, as far as it lies in the report's time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeekReport {
    /// Its Monday.
    pub monday: NaiveDate,
    /// All servers' hours in it.
    pub spent: Spent,
    pub saved: Saved,
}

impl InstanceReport {
    /// How often it did not do as it was told: nights it ran through, and firings that left it
    /// elsewhere.
    pub fn troubles(&self) -> u64 {
        self.nights.running + self.ends.troubles()
    }
}
