//! What this month saved so far.

use chrono::TimeDelta;

use crate::audit::report_facts::ReportFacts;
use crate::model::period::Period;
use crate::report::{Money, Report};
use crate::schedule::prices::Prices;
use crate::time::zone::Zone;

#[derive(Clone, Debug)]
pub struct Month {
    /// From the first of the local month; its end is the time of the reckoning.
    pub span: Period,
    /// The server-hours off.
    pub off: TimeDelta,
    /// The savings; `None` when schedules.toml has no prices.
    pub saved: Option<SavedSoFar>,
    /// The servers that were off at an unknown price; `None` while the prices cannot be read.
    pub unpriced: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct SavedSoFar {
    pub amount: Money,
    pub currency: String,
    /// Some server has no price, or its state is not known all the time.
    pub is_least: bool,
}

impl Month {
    /// Takes seconds for a big log: see `audit`'s `report_facts`.
    pub(super) fn of(facts: ReportFacts, zone: Zone, prices: Option<&Prices>) -> Self {
        let report = Report::of(facts, zone, prices);
        let total = &report.total;
        let is_least =
            total.unpriced > 0 || !total.spent.unknown.is_zero() || !report.unknown.is_empty();
        Self {
            span: report.span,
            off: total.spent.off,
            saved: report.currency.map(|currency| SavedSoFar {
                amount: total.saved.amount,
                currency,
                is_least,
            }),
            unpriced: Some(total.unpriced),
        }
    }
}
