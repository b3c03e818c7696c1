//! The data of a report, without words. [`super::text`] and its neighbours make texts of them.

use chrono::{Days, NaiveDate};

use super::counts::{Ends, Firings, Nights};
use super::gap::Gap;
use super::money::Saved;
use super::periods::midnight;
use super::spent::{HoursOfWeek, Spent};
use crate::model::instance::{AccountName, Action, InstanceNo, Product};
use crate::model::language::Language;
use crate::model::period::Period;
use crate::time::zone::Zone;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub span: Period,
    /// The zone of all days, weeks, hours of the day and shown times.
    pub zone: Zone,
    /// The unit of money; `None` when the file has no `[prices]`.
    pub currency: Option<String>,
    pub total: Total,
    /// Each rule that had a firing or missed one, by name; a stop stands before a start.
    pub rules: Vec<RuleReport>,
    /// Each server that was seen, or that a firing was about. Order: servers in firings first;
    /// among them, those with most trouble; then by name.
    pub instances: Vec<InstanceReport>,
    /// Each week that the period touches, in order.
    pub weeks: Vec<WeekReport>,
    /// The hours of all servers, by day of the week and hour of the day.
    pub hours: HoursOfWeek,
    pub unknown: Vec<Gap>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub servers: u64,
    /// The servers that a firing was about.
    pub meant: u64,
    pub stops: Firings,
    pub starts: Firings,
    /// The outcomes of instances in all these firings.
    pub ends: Ends,
    pub nights: Nights,
    /// Server-hours.
    pub spent: Spent,
    pub saved: Saved,
    /// The servers that were off at an unknown price; their savings are missing.
    pub unpriced: u64,
}

/// One rule, or half of a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleReport {
    pub rule: String,
    pub action: Action,
    pub firings: Firings,
    /// The outcomes of instances in its firings.
    pub ends: Ends,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceReport {
    pub account: AccountName,
    pub no: InstanceNo,
    /// The name when last seen; empty when the log has lost it.
    pub name: String,
    /// The region when last seen.
    pub region: String,
    /// The product as which it is sold, as far as the log knows.
    pub product: Product,
    /// A firing was about the server, or it had a night.
    pub is_meant: bool,
    /// Its outcomes in firings.
    pub ends: Ends,
    pub nights: Nights,
    pub spent: Spent,
    pub saved: Saved,
}

/// One week from Monday on, as far as it lies in the period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeekReport {
    pub monday: NaiveDate,
    /// The hours of all servers in it.
    pub spent: Spent,
    pub saved: Saved,
}

impl Report {
    /// The gaps in words, one part of a sentence each.
    pub fn gaps(&self, language: Language) -> Vec<String> {
        self.unknown.iter().map(|gap| gap.in_language(self.zone, language)).collect()
    }

    /// Whether the period has the whole week.
    pub fn has_whole(&self, week: &WeekReport) -> bool {
        let next = week.monday.checked_add_days(Days::new(7)).unwrap_or(week.monday);
        let [from, until] = [week.monday, next].map(|day| midnight(day, self.zone));
        self.span.from <= from && until <= self.span.until
    }

    /// Its Monday, and whether it is there in part.
    pub(super) fn week_name(&self, week: &WeekReport, language: Language) -> String {
        let part = language.either([" (part)", "(일부)"]);
        let part = if self.has_whole(week) { "" } else { part };
        format!("{}{part}", week.monday)
    }
}

impl InstanceReport {
    /// The times that the server failed: nights that it ran through, and firings that left it in
    /// another state.
    pub fn troubles(&self) -> u64 {
        self.nights.running + self.ends.troubles()
    }
}
