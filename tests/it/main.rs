//! Whatever a user sees, and whatever takes files.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod audit;
mod cli;
mod english;
mod firing;
mod fuzz;
mod house;
mod json;
mod leaps;
mod ncloud;
mod nights;
mod notice;
mod rehearsal;
mod report_page;
mod schedule;
mod soak;
mod wait;
