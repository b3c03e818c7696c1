//! Reads the facts that decide about the instances of a firing, all from one state of the log.
//!
//! `plan` and the stopper both ask here. `engine::facts` puts the question and draws the
//! conclusions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{Connection, SqliteConnection};

use super::states;
use crate::audit::firing::precedent::turned_since;
use crate::audit::hold::hold_rows::{by_tag, in_force};
use crate::audit::instance::stopped_by::{StoppedBy, stopped_by};
use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::hold::tag::TagTerms;
use crate::hold::{Hold, HoldEntry};
use crate::model::found_tag::FoundTag;
use crate::model::ids::FiringId;
use crate::model::instance::{AccountName, Action, Instance, InstanceNo};
use crate::schedule::budget::LOOK_BACK;
use crate::state_history::{Seen, Watch};

/// The instances of a firing, by the facts that are asked about them.
#[derive(Clone, Debug)]
pub struct FactsQuery<'a> {
    pub account: &'a AccountName,
    pub action: Action,
    pub now: DateTime<Utc>,
    /// Who stopped these? Each list was read at the time beside it.
    pub stopped: Vec<(Vec<&'a Instance>, DateTime<Utc>)>,
    /// Which later firing turned these the other way, after the instant beside each?
    pub wanted: Vec<(InstanceNo, DateTime<Utc>)>,
    /// How long were these stopped?
    pub counted: Vec<InstanceNo>,
    /// Tags that nobody has recorded yet.
    pub tags: Option<(TagTerms<'a>, Vec<FoundTag>)>,
}

/// The answer to a [`FactsQuery`].
#[derive(Debug, Default)]
pub struct LogFacts {
    pub stopped_by: HashMap<InstanceNo, StoppedBy>,
    /// The instances in a later firing of the opposite action, with that firing.
    pub turned: HashMap<InstanceNo, FiringId>,
    /// The observations of the counted instances since [`LOOK_BACK`] before.
    pub seen: Vec<Seen>,
    /// The times with a daemon; empty when no instance is counted.
    pub watch: Watch,
    /// The holds in force, without those that end because of the unrecorded tags.
    pub holds: Vec<HoldEntry>,
    /// The holds that begin because of the unrecorded tags.
    pub begun: Vec<Hold>,
}

impl<'a> FactsQuery<'a> {
    /// Asks for the holds, and about no instance yet.
    pub fn of(account: &'a AccountName, action: Action, now: DateTime<Utc>) -> Self {
        let (stopped, wanted, counted) = (Vec::new(), Vec::new(), Vec::new());
        Self { account, action, now, stopped, wanted, counted, tags: None }
    }

    /// The facts as far as they are known without a log.
    pub fn without_a_log(&self) -> LogFacts {
        let begun = |(terms, found): &(TagTerms<'_>, Vec<FoundTag>)| {
            terms.changes(&[], found, self.now).begun
        };
        let begun = self.tags.as_ref().map(begun).unwrap_or_default();
        LogFacts { begun, ..LogFacts::default() }
    }

    async fn read(&self, connection: &mut SqliteConnection) -> Result<LogFacts, AuditError> {
        // A transaction sees one state of the log, whoever writes meanwhile.
        let mut tx = connection.begin().await?;
        let Self { account, action, now, .. } = *self;
        let mut facts = LogFacts { holds: in_force(&mut tx, now).await?, ..LogFacts::default() };
        for (instances, read_at) in &self.stopped {
            facts.stopped_by.extend(stopped_by(&mut tx, account, instances, *read_at).await?);
        }
        facts.turned = turned_since(&mut tx, account, action, &self.wanted).await?;
        if let Some((terms, found)) = &self.tags {
            let changes = terms.changes(&by_tag(&mut tx, account, found).await?, found, now);
            facts.holds.retain(|entry| !changes.ended.contains(&entry.id));
            facts.begun = changes.begun;
        }
        if !self.counted.is_empty() {
            let counted = self.counted.iter().map(|no| (account.clone(), no.clone()));
            let counted: Vec<_> = counted.collect();
            facts.seen = states::seen_of(&mut tx, &counted, now - LOOK_BACK).await?;
            facts.watch = states::watch(&mut tx, now).await?;
        }
        tx.commit().await?;
        Ok(facts)
    }
}

impl AuditLog {
    /// The facts of the log as it is now.
    pub async fn facts_for(&self, query: &FactsQuery<'_>) -> Result<LogFacts, AuditError> {
        if query.counted.is_empty() {
            return query.read(&mut *self.connection().await?).await;
        }
        // Reading a year of observations takes long. Other writers do not wait for it.
        let log = AuditReader::open(&self.path).await?;
        let facts = log.facts_for(query).await;
        log.close().await?;
        facts
    }
}

impl AuditReader {
    /// The facts of the log as it is now.
    pub async fn facts_for(&self, query: &FactsQuery<'_>) -> Result<LogFacts, AuditError> {
        query.read(&mut *self.connection().await).await
    }
}
