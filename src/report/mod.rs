//! The sums of a period: promised and come true, by firings, instances, hours and money.
//!
//! Pure. `audit` reads the log into [`ReportFacts`], [`Report::of`] computes the report, and `cli`, `web`
//! and `notice` show it. Nothing is rounded here: whoever shows a sum rounds it.
//!
//! `nights` defines a night, and decides when a server ran through it.

mod counts;
mod figures;
mod firings;
mod gap;
mod hours;
pub mod html;
pub(crate) mod lines;
mod make;
pub(crate) mod markdown;
pub(crate) mod missed;
mod money;
mod nights;
mod numbers;
pub mod periods;
mod spent;
mod summary;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod words;

pub use crate::audit::Kept;
pub use crate::audit::report_facts::{
    Fired, FiringFacts, HowRun, LONGEST_NIGHT, OutcomeGroup, ReportFacts,
};
pub use counts::{Ends, Firings, Nights};
pub use figures::{InstanceReport, Report, RuleReport, Total, WeekReport};
pub use gap::Gap;
pub use money::{Money, Saved};
pub use numbers::{about, about_paid, counted, digits, hours_text, money, number, paid};
pub use spent::{HoursOfWeek, Spent, hours};
pub use summary::Figure;
