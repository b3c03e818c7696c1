//! Why an instance ran or was off at a time: from what the log and the rules say to one sentence.
//!
//! `answer` asks `audit` for what there is and `cli` and `web` show it; the rest is pure: the
//! facts in their order (`timeline`), the rules that could have acted (`rules`) by the text of
//! schedules.toml that was in use (`then`), the order of causes (`verdict`) and their words
//! (`words`).

mod answer;
mod facts;
mod rules;
mod silence;
#[cfg(test)]
mod tests;
mod then;
mod timeline;
mod verdict;
mod words;

pub use facts::{Ending, Event, Facts, Fired, Silence, What};

pub use answer::{Answer, answer};
pub use rules::{Meaning, RuleThen, rules_in_use};
pub use then::{Gone, Then};
pub use timeline::timeline;
pub use verdict::{Cause, Verdict, verdict};
pub use words::told;
