//! Explains one instant of one instance: from the log and the rules to one sentence.
//!
//! `answer` collects the facts from `audit`. `cli` and `web` show the answer. All between is pure:
//!
//! 1. `then` knows which text of schedules.toml was in use.
//! 2. `rules` picks the rules that could have acted; `silence` finds the times without a firing.
//! 3. `timeline` orders the facts.
//! 4. `fired` says what a firing comes to, `verdict` chooses the cause, and `words` puts it into words.

mod answer;
mod audience;
mod cause;
mod facts;
mod fired;
mod rules;
mod silence;
#[cfg(test)]
mod tests;
mod then;
mod timeline;
mod verdict;
mod words;

pub use facts::{Ending, Event, FiredRule, Silence, What, WhyFacts};

pub use answer::{Explanation, answer};
pub use audience::{Audience, MARK, Times};
pub use cause::Cause;
pub use rules::{Meaning, RuleThen, rules_in_use};
pub use then::{Gone, Then};
pub use timeline::timeline;
pub use verdict::{Verdict, verdict};
pub use words::told;
