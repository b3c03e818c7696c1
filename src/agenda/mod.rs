//! Says what a rule does and did: the hours off of a week, and the story of one rule.
//!
//! Owns the week of a rule, hour by hour, and the facts about a rule that `rules` and the page show.
//! `schedule` computes the times, and `audit` reads the log.

mod rule_story;
mod week;

pub use rule_story::{LastServers, RuleStory, Server, last_results};
pub use week::{DayPlan, HourOff, Week, WeekRow, clock};
