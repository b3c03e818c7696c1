//! The questions of a firing to the program of `ask` that are under way. [`super::asking`] asks them.

use tokio::task::JoinSet;

use crate::model::instance::InstanceNo;

/// The servers of a question, by number and name.
pub(super) type Asked = Vec<(InstanceNo, String)>;

/// Dropping this ends the programs.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    pub(super) under_way: JoinSet<(Asked, Answer)>,
}

#[derive(Debug)]
pub(super) enum Answer {
    /// The lines that the program said.
    Said(Vec<String>),
    /// Why there is no answer.
    Silence(String),
}

impl Questions {
    /// The next answer; never, while nothing is asked.
    pub(super) async fn next(&mut self) -> (Asked, Answer) {
        match self.under_way.join_next().await {
            Some(answer) => answer.expect("a question neither panics nor is aborted"),
            None => std::future::pending().await,
        }
    }
}
