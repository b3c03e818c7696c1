//! Which instances a rule means, and why others are left out. Pure.

pub(crate) mod by_name;
pub mod candidates;
pub mod eligibility;
pub mod simulate;
pub mod unmatched;
