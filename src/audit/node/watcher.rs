//! A node's own task: every second it takes in what others wrote, every three seconds it beats.
//!
//! It has connections of its own, so that a slow write holds up neither. It beats only while it can
//! write its copy: a node that cannot write must be taken for dead, or its firings would hang.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqliteConnection;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{debug, error, info, warn};

use super::node_lines::{HeardOf, NodeWord, Standing, note_nodes, note_shared};
use super::side::Side;
use crate::audit::shared::link::Link;
use crate::audit::shared::liveness::BEAT;
use crate::audit::shared::nodes::Readout;
use crate::audit::shared::shared_log::SharedLog;
use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::error::AuditError;
use crate::audit::store::log::connect;
use crate::audit::store::pull::pull;
use crate::audit::store::writer::Writer;
use crate::clock::{Clock, Moment};
use crate::text::error_chain::chain;

/// The time between two readings of the shared log.
const EVERY: Duration = Duration::from_secs(1);
/// A clock that is further off is said to be.
const OFF: i64 = 2_000;
/// A node whose clock is further off has no duty while another is there.
const WRONG: i64 = 10_000;
/// The task of this process. Ends when dropped, without a word to the others.
#[derive(Debug)]
pub struct NodeWatch {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl NodeWatch {
    /// Leaves the duty to others and ends.
    pub async fn end(mut self) {
        self.stop.send_replace(true);
        drop((&mut self.task).await);
    }
}

impl Drop for NodeWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl AuditLog {
    /// Begins to beat, and to take in what other nodes write; `None` if the log is not shared.
    ///
    /// Does both once before it returns: nothing may be sent before the others have heard of this
    /// process.
    pub async fn watch(&self) -> Option<NodeWatch> {
        let shared = Arc::clone(self.shared.as_ref()?);
        let (stop, stopped) = watch::channel(false);
        let clock = Arc::clone(&self.clock);
        let mut watcher = Watcher {
            link: shared.new_link(),
            shared,
            path: self.path.clone(),
            writer: self.writer,
            session: self.session.0,
            since: clock.now().timestamp_millis(),
            beaten_at: None,
            clock,
            copy: None,
            entry: self.session.0,
            clock_offset: None,
            is_clock_off: false,
            side: Side::default(),
            trouble: None,
        };
        let done = watcher.step().await;
        watcher.take_note(done).await;
        Some(NodeWatch { stop, task: tokio::spawn(watcher.run(stopped)) })
    }
}

struct Watcher {
    shared: Arc<SharedLog>,
    link: Link,
    path: PathBuf,
    writer: Writer,
    session: i64,
    /// Milliseconds since 1970.
    since: i64,
    clock: Arc<dyn Clock>,
    /// The copy, by a connection of its own.
    copy: Option<SqliteConnection>,
    /// The last entry of the copy.
    entry: i64,
    beaten_at: Option<Moment>,
    /// How far this clock is ahead of the server's, in milliseconds, once it is measured.
    clock_offset: Option<i64>,
    is_clock_off: bool,
    side: Side,
    /// What was last said to be wrong.
    trouble: Option<String>,
}

impl Watcher {
    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        while !*stopped.borrow() {
            let done = self.step().await;
            self.take_note(done).await;
            let pause = self.clock.sleep(self.clock.pace(EVERY));
            tokio::select! {
                () = pause => {}
                _ = stopped.changed() => {}
            }
        }
        drop(self.link.leave(self.session).await);
        self.link.close().await;
    }

    /// Takes in what others wrote, and beats when it is time.
    async fn step(&mut self) -> Result<(), AuditError> {
        let mut copy = match self.copy.take() {
            Some(copy) => copy,
            None => connect(&self.path, self.writer).await?,
        };
        let done = self.step_on(&mut copy).await;
        // A connection that failed is made anew.
        self.copy = done.is_ok().then_some(copy);
        done
    }

    async fn step_on(&mut self, copy: &mut SqliteConnection) -> Result<(), AuditError> {
        self.entry = pull(copy, &mut self.link).await?.0;
        let now = self.clock.moment();
        let is_due = |at: Moment| now.since(at) >= self.clock.pace(BEAT);
        if self.beaten_at.is_some_and(|at| !is_due(at)) {
            return Ok(());
        }
        let standing =
            if self.shared.is_on_duty() { Standing::OnDuty } else { Standing::StandingBy };
        let wall = self.clock.now().timestamp_millis();
        note_shared(copy, self.shared.place(), (standing, self.entry), None, wall).await?;
        let body = self.word(standing);
        let sent = self.clock.now().timestamp_millis();
        let readout = self.link.beat(self.session, &self.shared.node, &body).await?;
        self.beaten_at = Some(now);
        self.measure(sent, readout.server_now);
        let is_on_duty = self.take_in(now, &readout).await?;
        self.shared.has_beaten(now, is_on_duty);
        self.write_down(copy, &readout, is_on_duty).await?;
        // The copy is equal all the same; the next exchange sends and takes the rest.
        if let Err(error) = self.side.exchange(copy, &mut self.link, (self.session, wall)).await {
            debug!(error = chain(&error), "what is beside the log was not exchanged");
            self.side = Side::default();
        }
        Ok(())
    }

    /// Compares the clocks; the answer came later than the reading of this machine's.
    fn measure(&mut self, sent: i64, server_now: i64) {
        let came = self.clock.now().timestamp_millis();
        let offset = sent + (came - sent) / 2 - server_now;
        self.clock_offset = Some(offset);
        self.shared.set_clock_offset(offset);
        let is_off = offset.abs() > OFF;
        if is_off != self.is_clock_off {
            self.is_clock_off = is_off;
            let offset_ms = offset;
            if is_off {
                warn!(offset_ms, "this machine's clock differs from PostgreSQL's");
            } else {
                info!(offset_ms, "this machine's clock agrees with PostgreSQL's again");
            }
        }
    }

    /// Learns who is alive, and takes the duty if nobody has it. Returns whether it is this node's.
    async fn take_in(&mut self, now: Moment, readout: &Readout) -> Result<bool, AuditError> {
        let beats = readout.nodes.iter().map(|node| (node.session, node.beat));
        self.shared.liveness().read(now, beats);
        if self.writer != Writer::Daemon {
            return Ok(false);
        }
        let holder = readout.duty.session;
        let yields = self.yields_to_a_better_clock(readout);
        if holder == self.session {
            if yields {
                warn!("the duty is left to a node whose clock is right");
                self.link.give_duty(self.session).await?;
            }
            return Ok(!yields);
        }
        let is_free = holder == 0 || self.shared.liveness().is_dead(holder);
        if !is_free || yields {
            return Ok(false);
        }
        let is_mine = self.link.take_duty(self.session, readout.duty).await?;
        if is_mine {
            let (node, term) = (&self.shared.node, readout.duty.term + 1);
            info!(node, term, "on duty");
        }
        Ok(is_mine)
    }

    /// Whether this clock is wrong, and another living node's is nearer to the server's.
    fn yields_to_a_better_clock(&self, readout: &Readout) -> bool {
        let Some(own) = self.clock_offset.map(i64::abs).filter(|own| *own > WRONG) else {
            return false;
        };
        // Nearer by more than readings differ, or two would hand it to and fro.
        let is_nearer = |theirs: i64| theirs.abs() + OFF < own;
        readout.nodes.iter().any(|node| {
            let word: NodeWord = serde_json::from_str(&node.body).unwrap_or_default();
            let is_ready = matches!(word.standing, Standing::OnDuty | Standing::StandingBy);
            node.session != self.session
                && word.writer == Writer::Daemon.as_str()
                && is_ready
                && !self.shared.liveness().is_dead(node.session)
                && word.clock_offset_ms.is_some_and(is_nearer)
        })
    }

    async fn write_down(
        &self,
        copy: &mut SqliteConnection,
        readout: &Readout,
        is_on_duty: bool,
    ) -> Result<(), AuditError> {
        let wall = self.clock.now().timestamp_millis();
        let own = self.word(if is_on_duty { Standing::OnDuty } else { Standing::StandingBy });
        let holder = if is_on_duty { self.session } else { readout.duty.session };
        let silent = |session| {
            let silent = self.shared.liveness().silent_for(session);
            u64::try_from(silent.as_millis()).unwrap_or(u64::MAX)
        };
        let mut heard: Vec<HeardOf<'_>> = readout
            .nodes
            .iter()
            .filter(|node| node.session != self.session)
            .map(|node| HeardOf {
                session: node.session,
                name: &node.name,
                silent: silent(node.session),
                on_duty: node.session == holder,
                body: &node.body,
            })
            .collect();
        heard.push(HeardOf {
            session: self.session,
            name: &self.shared.node,
            silent: 0,
            on_duty: is_on_duty,
            body: &own,
        });
        note_nodes(copy, &heard, wall).await
    }

    /// What this node says of itself.
    fn word(&self, standing: Standing) -> String {
        let word = NodeWord {
            writer: self.writer.as_str().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            since: self.since,
            standing,
            clock_offset_ms: self.clock_offset,
            entry: self.entry,
            file_sha256: self.shared.file_in_use(),
        };
        serde_json::to_string(&word).expect("a word is plain data")
    }

    /// Says once what is wrong, and once that it is over.
    async fn take_note(&mut self, done: Result<(), AuditError>) {
        let Err(error) = done else {
            self.shared.set_trouble(None);
            if self.trouble.take().is_some() {
                info!("this machine's copy is equal to the shared log again");
            }
            return;
        };
        let reason = chain(&error);
        self.shared.set_trouble(Some(reason.clone()));
        // A database that was restored counts its transactions anew.
        self.side = Side::default();
        let is_apart = matches!(error, AuditError::Diverged { .. } | AuditError::Beyond { .. });
        let standing = if is_apart { Standing::Diverged } else { Standing::CatchingUp };
        if self.trouble.as_ref() != Some(&reason) {
            error!(error = reason, "this machine's copy cannot follow the shared log");
            if is_apart {
                drop(self.link.say(self.session, &self.word(standing)).await);
                drop(self.link.give_duty(self.session).await);
            }
            self.trouble = Some(reason.clone());
        }
        let wall = self.clock.now().timestamp_millis();
        let noted = async {
            let mut copy = connect(&self.path, self.writer).await?;
            let place = self.shared.place();
            note_shared(&mut copy, place, (standing, self.entry), Some(&reason), wall).await
        };
        drop(noted.await);
    }
}
