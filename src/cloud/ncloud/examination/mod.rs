//! Examines an account: reads the cloud, and judges each assumption of docs/unconfirmed.md that
//! reading can show.
//!
//! ```text
//! questions (calls that only read) ─► gather (which to ask) ─► facts ─► assumptions (the judges)
//! ```
//!
//! Nothing here can change a server: [`questions`] has no such call, and `server_api`, which has
//! them, is not used.

pub(in crate::cloud) mod assumptions;
mod facts;
mod gather;
mod judge_lists;
mod judge_tags;
mod judge_wire;
mod judged;
mod questions;
mod rows;
mod tag_questions;
mod words;

use std::sync::Arc;

use self::assumptions::ASSUMPTIONS;
use self::facts::Facts;
use self::questions::Questions;
use super::client::Client;
use super::site::Site;
use crate::clock::Clock;
use crate::cloud::ncloud::Generation;
use crate::cloud::{Examine, Examined, Finding, Later};
use crate::model::instance::RegionCode;

/// An account, its hosts and its keys.
#[derive(Debug)]
pub struct Examiner {
    client: Arc<Client>,
    clock: Arc<dyn Clock>,
    site: Site,
    generation: Generation,
    /// The regions that the file names.
    regions: Vec<RegionCode>,
}

impl Examiner {
    pub(super) fn new(
        (client, clock): (Arc<Client>, Arc<dyn Clock>),
        site: Site,
        generation: Generation,
        regions: Vec<RegionCode>,
    ) -> Self {
        Self { client, clock, site, generation, regions }
    }
}

impl Examine for Examiner {
    fn examine(&self) -> Later<'_, Examined> {
        Box::pin(async move {
            let callers = (&*self.client, &*self.clock);
            let questions = Questions::new(callers, &self.site, self.generation);
            let facts = gather::gather(questions, &self.regions).await;
            let unread = facts.unread();
            Examined {
                findings: judge(&facts),
                unread: unread.map(|error| (words::of_failure(error), error.clone())),
            }
        })
    }
}

/// The assumptions about the account's platform, judged.
fn judge(facts: &Facts) -> Vec<Finding> {
    let ours = ASSUMPTIONS.iter().filter(|it| it.is_about(facts.generation));
    ours.map(|assumption| {
        let judged = (assumption.judge)(facts);
        Finding {
            code: assumption.code,
            assumed: assumption.assumed,
            judgement: judged.judgement,
            seen: judged.seen,
            servers: judged.servers,
        }
    })
    .collect()
}

#[cfg(test)]
mod tests;
