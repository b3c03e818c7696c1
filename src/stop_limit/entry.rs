//! Joins the usage and the forecast of each instance, the nearest to a limit first.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::acting_rules::acting;
use super::forecast::{Forecast, Forecaster};
use super::usage::{PastYear, Standing};
use crate::audit::BudgetFacts;
use crate::model::known_instance::KnownInstance;
use crate::schedule::Schedules;
use crate::schedule::budget::{Budget, Counting, Limit};
use crate::state_history::Seen;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceBudget<'s> {
    pub instance: &'s Seen,
    /// The used part of the budget.
    pub standing: Standing,
    pub forecast: Forecast,
}

/// The budgets of these instances under the rules of a file, without those that have no limit.
/// Order: (1) instances beyond a limit, (2) instances that pass one, the soonest first, (3) others,
/// the most used first.
pub fn entries<'s>(
    file: &Schedules,
    facts: &'s BudgetFacts,
    now: DateTime<Utc>,
) -> Vec<InstanceBudget<'s>> {
    let counting = Counting::new(file.budget.count, file.timezone);
    let mut foresight = Forecaster::new(&file.budget, counting, now);
    let entry = |seen: &'s Seen| {
        let past = PastYear::of(seen, &facts.watch, counting, now);
        let (account, no) = (seen.account.clone(), seen.no.clone());
        let known = KnownInstance { account, no, name: seen.name.clone() };
        let acting = acting(file, &known, &facts.had, &facts.holds);
        let forecast = foresight.forecast(&past, &acting);
        InstanceBudget { instance: seen, standing: past.standing(), forecast }
    };
    let mut entries: Vec<InstanceBudget<'s>> =
        facts.seen.iter().filter(|seen| !facts.has_no_limit(file, seen)).map(entry).collect();
    entries.sort_by_cached_key(|entry| entry.nearness(&file.budget));
    entries
}

impl InstanceBudget<'_> {
    /// The larger used share of the two limits, at least, in whole hundredths.
    pub fn percent_used(&self, budget: &Budget) -> u32 {
        let in_a_row = self.standing.in_a_row.percent_of(Limit::InARow, budget);
        in_a_row.max(self.standing.in_12_months.percent_of(Limit::In12Months, budget))
    }

    fn nearness(&self, budget: &Budget) -> (DateTime<Utc>, Reverse<u32>) {
        let passes_at = match &self.forecast {
            Forecast::Passed(_) => DateTime::<Utc>::MIN_UTC,
            Forecast::Passes(passing) => passing.at,
            Forecast::Never | Forecast::Unknown(_) => DateTime::<Utc>::MAX_UTC,
        };
        (passes_at, Reverse(self.percent_used(budget)))
    }
}
