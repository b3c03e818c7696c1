//! Says what comes, and what a rule does and did: all of the next day, the hours off of a week, and
//! the story of one rule.
//!
//! Owns the list of what comes, the week of a rule, hour by hour, and the facts about a rule that
//! `rules` and the page show.
//! `schedule` computes the times, and `audit` reads the log.

mod coming;
mod coming_words;
mod rule_story;
mod week;

pub use coming::{
    Agenda, AgendaFacts, Coming, ComingFiring, ComingWhat, LastTime, NamedServer, coming_restarts,
};
pub(crate) use coming_words::ComingWords;
pub use rule_story::{LastServers, RuleStory, Server, last_results};
pub use week::{DayPlan, HourOff, Week, WeekRow, clock};
