//! Keeps this machine's copy equal to the shared log: every second it takes in what others wrote,
//! and writes down beside it who is heard of.
//!
//! It has connections of its own, so that a slow write does not hold it up. To write, it takes turns
//! with the writes of its process: SQLite lets whoever comes too late wait by chance.

use std::path::PathBuf;
use std::sync::Arc;

use sqlx::SqliteConnection;
use tokio::sync::Mutex;
use tracing::{debug, error, info};

use super::beater::Speaker;
use super::lost;
use super::node_lines::{HeardOf, Standing, note_nodes, note_shared};
use super::side::Side;
use crate::audit::shared::link::Link;
use crate::audit::shared::liveness::BEAT;
use crate::audit::shared::nodes::Readout;
use crate::audit::store::error::{AuditError, Trouble};
use crate::audit::store::log::{connect, relax};
use crate::audit::store::open_file::OpenFile;
use crate::audit::store::pull::pull_in_turn;
use crate::clock::{Clock, Moment};
use crate::text::error_chain::chain;

pub(super) struct Follower {
    pub(super) speaker: Arc<Speaker>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) path: PathBuf,
    /// The copy that this process writes.
    pub(super) file: OpenFile,
    pub(super) link: Link,
    /// Where the writes of this process wait for their turn.
    pub(super) turns: Arc<Mutex<()>>,
    pub(super) copy: Option<SqliteConnection>,
    /// When the standing of the copy was last written down.
    pub(super) noted_at: Option<Moment>,
    pub(super) side: Side,
    /// What was last said to be wrong.
    pub(super) trouble: Option<String>,
}

impl Follower {
    /// Takes in what others wrote, and says once what is wrong.
    pub(super) async fn step(&mut self) {
        let done = self.follow().await;
        self.take_note(done).await;
    }

    async fn follow(&mut self) -> Result<(), AuditError> {
        self.file.is_in_place()?;
        let mut copy = match self.copy.take() {
            Some(copy) => copy,
            None => self.connect().await?,
        };
        let done = self.follow_on(&mut copy).await;
        // A connection that failed is made anew.
        self.copy = done.is_ok().then_some(copy);
        done
    }

    async fn connect(&self) -> Result<SqliteConnection, AuditError> {
        let mut copy = connect(&self.path, self.speaker.writer).await?;
        relax(&mut copy).await?;
        Ok(copy)
    }

    async fn follow_on(&mut self, copy: &mut SqliteConnection) -> Result<(), AuditError> {
        let entry = pull_in_turn(copy, &mut self.link, Some(&self.turns)).await?.0;
        let now = self.clock.moment();
        let heard = self.speaker.take_heard();
        let is_due = self.noted_at.is_none_or(|at| now.since(at) >= self.clock.pace(BEAT));
        if !is_due && heard.is_none() {
            return Ok(());
        }
        let (standing, wall) = (self.speaker.standing(), self.clock.now().timestamp_millis());
        let shared = Arc::clone(&self.speaker.shared);
        let turn = self.turns.lock().await;
        note_shared(copy, shared.place(), (standing, entry), None, wall).await?;
        if let Some((readout, is_on_duty)) = &heard {
            self.write_down(copy, (readout, *is_on_duty), wall).await?;
        }
        drop(turn);
        shared.has_copied(entry);
        self.noted_at = Some(now);
        // The copy is equal all the same; the next exchange sends and takes the rest.
        let place = (self.speaker.session, wall);
        if let Err(error) = self.side.exchange((copy, &self.turns), &mut self.link, place).await {
            debug!(error = chain(&error), "what is beside the log was not exchanged");
            self.side = Side::default();
        }
        Ok(())
    }

    async fn write_down(
        &self,
        copy: &mut SqliteConnection,
        (readout, is_on_duty): (&Readout, bool),
        wall: i64,
    ) -> Result<(), AuditError> {
        let Speaker { shared, session, .. } = &*self.speaker;
        let own = if is_on_duty { Standing::OnDuty } else { Standing::StandingBy };
        let own = self.speaker.word(own);
        let holder = if is_on_duty { *session } else { readout.duty.session };
        let silent = |session| {
            let silent = shared.liveness().silent_for(session);
            u64::try_from(silent.as_millis()).unwrap_or(u64::MAX)
        };
        let mut heard: Vec<HeardOf<'_>> = readout
            .nodes
            .iter()
            .filter(|node| node.session != *session)
            .map(|node| HeardOf {
                session: node.session,
                name: &node.name,
                silent: silent(node.session),
                on_duty: node.session == holder,
                body: &node.body,
            })
            .collect();
        heard.push(HeardOf {
            session: *session,
            name: &shared.node,
            silent: 0,
            on_duty: is_on_duty,
            body: &own,
        });
        note_nodes(copy, &heard, wall).await
    }

    /// Says once what is wrong, and once that it is over.
    async fn take_note(&mut self, done: Result<(), AuditError>) {
        let shared = Arc::clone(&self.speaker.shared);
        let Err(error) = done else {
            shared.set_trouble(None);
            if self.trouble.take().is_some() {
                info!("this machine's copy is equal to the shared log again");
            }
            return;
        };
        if error.trouble() == Trouble::Busy {
            // Whoever writes meanwhile says what is wrong, if anything is.
            debug!("the copy was being written all the time");
            return;
        }
        shared.cannot_copy();
        let reason = chain(&error);
        shared.set_trouble(Some(reason.clone()));
        // A database that was restored counts its transactions anew.
        self.side = Side::default();
        if self.trouble.as_ref() != Some(&reason) {
            error!(error = reason, "this machine's copy cannot follow the shared log");
            let session = self.speaker.session;
            if error.is_apart() {
                let word = self.speaker.word(Standing::Diverged);
                drop(self.link.say(session, &word).await);
            }
            // Whoever cannot write its copy has nobody wait until it is taken for dead.
            if !matches!(error, AuditError::Shared(_)) {
                drop(self.link.give_duty(session).await);
            }
            self.trouble = Some(reason);
        }
        let place = (&*self.path, self.speaker.writer);
        drop(lost::note(place, shared.place(), &error, &*self.clock).await);
    }
}
