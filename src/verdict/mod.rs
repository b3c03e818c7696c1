//! Answers three questions in a line each: did last night go well, is tonight fine, what was saved
//! this month. Names whatever may keep the nights from going as the file says.
//!
//! Owns the meaning of a night here, and the words of the three lines and of the doubts. `audit` reads the facts.
//! `report` has its own nights, those of single servers.

mod doubt;
mod doubt_words;
mod last_night;
pub(crate) mod lines;
mod month;
mod read;
mod sentence;
mod span;
#[cfg(test)]
mod tests;
mod tonight;
mod words;

pub use crate::model::mark::Mark;
pub use doubt::{Doubt, FileNow};
pub(crate) use doubt_words::DoubtWords;
pub use last_night::{NightResult, Troubled, TroubledFiring};
pub use month::Month;
pub(crate) use sentence::Sentence;
pub(crate) use span::last_night as last_night_of;
pub use tonight::{ComingStop, Hindrance, Present, Tonight};
pub(crate) use words::Words;

/// The three lines.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub last_night: NightResult,
    /// The stops of last night that are still to come, before noon.
    pub rest: Vec<ComingStop>,
    pub tonight: Tonight,
    /// `None` before there is a log.
    pub month: Option<Month>,
}

impl Verdict {
    /// The number of things that need somebody: last night's and tonight's.
    pub fn troubles(&self) -> usize {
        let hindered = usize::from(self.tonight.hindrance.is_some());
        self.last_night.troubles() + self.tonight.so_far.troubles() + hindered
    }
}
