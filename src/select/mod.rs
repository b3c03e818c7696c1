//! Decides which instances a rule means, and why others are left out. Pure.
//!
//! `inventory` reads the instances; `engine` acts on them.

pub(crate) mod by_name;
pub mod candidates;
pub mod decide;
pub mod eligibility;
pub mod simulate;
pub mod unmatched;
