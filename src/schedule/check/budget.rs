//! `[budget]`: for how long servers may be stopped.

use super::Check;
use crate::schedule::budget::Budget;
use crate::schedule::raw;

impl Check<'_> {
    pub(super) fn budget(&mut self, budget: Option<raw::Budget>) -> Budget {
        let (budget, default) = (budget.unwrap_or_default(), Budget::default());
        let in_12_months = budget.in_12_months.unwrap_or(default.in_12_months);
        if let Some(in_a_row) = &budget.in_a_row
            && *in_a_row.get_ref() > in_12_months
        {
            let message = format!(
                "nothing comes of this: a server that was stopped for {in_12_months} days in 12 \
                 months has passed the other limit before"
            );
            let hint = "`in_a_row` is the smaller of the two";
            self.problems.push(self.source.warning(in_a_row.span(), message, hint));
        }
        Budget {
            in_a_row: budget.in_a_row.map_or(default.in_a_row, toml::Spanned::into_inner),
            in_12_months,
            count: budget.count.unwrap_or(default.count),
            at_limit: budget.at_limit.unwrap_or(default.at_limit),
        }
    }
}
