//! Checks `[budget]`, and whether enough is observed and kept for it.

use std::ops::Range;
use std::time::Duration;

use super::{Check, observe};
use crate::schedule::budget::{AtLimit, Budget, YEAR};
use crate::schedule::raw;
use crate::time::duration::parse_keep;

const DAY: Duration = Duration::from_secs(86_400);

/// The places where the file limits the knowledge that a budget needs.
pub(super) struct Blind {
    never_looks: Option<Range<usize>>,
    /// `keep` is less than 12 months.
    forgets: Option<Range<usize>>,
}

impl Blind {
    pub(super) fn of(file: &raw::File) -> Self {
        let every = file.observe.as_ref().filter(|observe| observe::is_off(observe));
        let keep = file.audit.as_ref().and_then(|audit| audit.keep.as_ref());
        let is_short =
            |keep: &raw::Text| parse_keep(keep.get_ref()).is_ok_and(|keep| keep < DAY * YEAR);
        Self {
            never_looks: every.and_then(|observe| Some(observe.every.as_ref()?.span())),
            forgets: keep.filter(|keep| is_short(keep)).map(toml::Spanned::span),
        }
    }
}

impl Check<'_> {
    pub(super) fn budget(&mut self, budget: Option<raw::Budget>, blind: Blind) -> Budget {
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
        let at_limit = budget.at_limit.unwrap_or(default.at_limit);
        self.blindness(at_limit, blind);
        Budget {
            in_a_row: budget.in_a_row.map_or(default.in_a_row, toml::Spanned::into_inner),
            in_12_months,
            count: budget.count.unwrap_or(default.count),
            at_limit,
        }
    }

    /// Warns if too little is known for the action at a limit.
    fn blindness(&mut self, at_limit: AtLimit, blind: Blind) {
        if at_limit == AtLimit::Start
            && let Some(never_looks) = blind.never_looks
        {
            let message = "with `every = \"off\"`, a server that nobody looks at is not started at \
                           its limit";
            let hint = "leave `every` out, or say how often to look: `every = \"15m\"`";
            self.problems.push(self.source.warning(never_looks, message, hint));
        }
        if at_limit != AtLimit::Warn
            && let Some(forgets) = blind.forgets
        {
            let message = format!(
                "what is removed does not count: `at_limit = \"{}\"` comes too late for the limit \
                 in 12 months",
                at_limit.as_str()
            );
            let hint = "keep more than a year: `keep = \"400d\"`";
            self.problems.push(self.source.warning(forgets, message, hint));
        }
    }
}
