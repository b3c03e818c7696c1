//! The questions of a firing to the program of `ask` that are under way. [`super::asking`] asks them.

use schemars::JsonSchema;
use serde::Serialize;
use tokio::task::JoinSet;

use crate::model::ids::FiringId;
use crate::model::instance::{AccountName, Action, InstanceNo, RegionCode, RuleName};

/// What a program of `ask` reads on its standard input, before a stop.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Question {
    pub(super) rule: RuleName,
    pub(super) action: Action,
    pub(super) firing: FiringId,
    pub(super) account: AccountName,
    pub(super) region: RegionCode,
    /// The servers of one request.
    pub(super) servers: Vec<AskedServer>,
}

/// A server that a program is asked about.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "asked_server")]
pub(super) struct AskedServer {
    pub(super) instance_no: InstanceNo,
    pub(super) instance_name: String,
}

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
