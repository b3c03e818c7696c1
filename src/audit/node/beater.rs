//! A node's signs of life: every three seconds it beats, hears who else does, and takes the duty
//! where nobody has it.
//!
//! It needs no lock of the copy, so that however many writes wait, the node is heard. Whether the
//! copy can be written at all is [`super::follower`]'s to say, and every write's: a node that cannot
//! write must be taken for dead, or its firings would hang.

use std::sync::{Arc, Mutex};

use tracing::{error, info, warn};

use super::node_lines::{NodeWord, Standing};
use crate::audit::shared::link::Link;
use crate::audit::shared::liveness::BEAT;
use crate::audit::shared::nodes::{NodeRow, Readout};
use crate::audit::shared::shared_error::SharedError;
use crate::audit::shared::shared_log::SharedLog;
use crate::audit::store::writer::Writer;
use crate::clock::{Clock, Moment};

/// A clock that is further off is said to be.
const OFF: i64 = 2_000;
/// A node whose clock is further off has no duty while another is there.
const WRONG: i64 = 10_000;

/// A node, as it speaks of itself.
#[derive(Debug)]
pub(super) struct Speaker {
    pub(super) shared: Arc<SharedLog>,
    pub(super) writer: Writer,
    pub(super) session: i64,
    /// Milliseconds since 1970.
    pub(super) since: i64,
    /// How far this clock is ahead of the server's, in milliseconds, once it is measured.
    clock_offset: Mutex<Option<i64>>,
    /// What the last beat showed, until it is written down, and whether this node is on duty.
    heard: Mutex<Option<(Readout, bool)>>,
}

impl Speaker {
    pub(super) fn of(
        shared: Arc<SharedLog>,
        (writer, session): (Writer, i64),
        since: i64,
    ) -> Arc<Self> {
        let (clock_offset, heard) = (Mutex::default(), Mutex::default());
        Arc::new(Self { shared, writer, session, since, clock_offset, heard })
    }

    /// What this node says of itself.
    pub(super) fn word(&self, standing: Standing) -> String {
        let word = NodeWord {
            writer: self.writer.as_str().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            since: self.since,
            standing,
            clock_offset_ms: self.clock_offset(),
            entry: self.shared.entry(),
            file_sha256: self.shared.file_in_use(),
        };
        serde_json::to_string(&word).expect("a word is plain data")
    }

    pub(super) fn standing(&self) -> Standing {
        if self.shared.is_on_duty() { Standing::OnDuty } else { Standing::StandingBy }
    }

    /// What was heard since the last call.
    pub(super) fn take_heard(&self) -> Option<(Readout, bool)> {
        self.heard.lock().expect("nobody panics while holding it").take()
    }

    fn hear(&self, readout: Readout, is_on_duty: bool) {
        *self.heard.lock().expect("nobody panics while holding it") = Some((readout, is_on_duty));
    }

    fn clock_offset(&self) -> Option<i64> {
        *self.clock_offset.lock().expect("nobody panics while holding it")
    }
}

pub(super) struct Beater {
    pub(super) speaker: Arc<Speaker>,
    pub(super) clock: Arc<dyn Clock>,
    /// A connection of its own.
    pub(super) link: Link,
    pub(super) began_at: Moment,
    pub(super) beaten_at: Option<Moment>,
    pub(super) is_clock_off: bool,
    /// What was last said to be wrong.
    pub(super) trouble: Option<String>,
}

impl Beater {
    /// Beats when it is time, and says once what is wrong.
    pub(super) async fn step(&mut self) {
        let now = self.clock.moment();
        let is_due = |at: Moment| now.since(at) >= self.clock.pace(BEAT);
        if self.beaten_at.is_some_and(|at| !is_due(at)) || !self.speaker.shared.copies() {
            return;
        }
        match self.beat(now).await {
            Ok(()) => self.trouble = None,
            // Whoever follows the shared log says so.
            Err(error) if error.is_away() => {}
            Err(error) => {
                let reason = error.to_string();
                if self.trouble.as_ref() != Some(&reason) {
                    error!(error = reason, "no sign of life can be given to the other nodes");
                    self.trouble = Some(reason);
                }
            }
        }
    }

    /// Leaves the duty to others.
    pub(super) async fn end(mut self) {
        drop(self.link.leave(self.speaker.session).await);
        self.link.close().await;
    }

    async fn beat(&mut self, now: Moment) -> Result<(), SharedError> {
        let speaker = Arc::clone(&self.speaker);
        let body = speaker.word(speaker.standing());
        let sent = self.clock.now().timestamp_millis();
        let readout = self.link.beat(speaker.session, &speaker.shared.node, &body).await?;
        self.beaten_at = Some(now);
        self.measure(sent, readout.server_now);
        let is_on_duty = self.take_in(now, &readout).await?;
        speaker.shared.has_beaten(now, is_on_duty);
        speaker.hear(readout, is_on_duty);
        Ok(())
    }

    /// Compares the clocks; the answer came later than the reading of this machine's.
    fn measure(&mut self, sent: i64, server_now: i64) {
        let came = self.clock.now().timestamp_millis();
        let offset = sent + (came - sent) / 2 - server_now;
        let known = &self.speaker.clock_offset;
        *known.lock().expect("nobody panics while holding it") = Some(offset);
        self.speaker.shared.set_clock_offset(offset);
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
    async fn take_in(&mut self, now: Moment, readout: &Readout) -> Result<bool, SharedError> {
        let Speaker { shared, session, writer, .. } = &*self.speaker;
        let beats = readout.nodes.iter().map(|node| (node.session, node.beat));
        shared.liveness().read(now, beats);
        if *writer != Writer::Daemon {
            return Ok(false);
        }
        let holder = readout.duty.session;
        let yields = self.yields_to_a_better_clock(readout);
        if holder == *session {
            if yields {
                warn!("the duty is left to a node whose clock is right");
                self.link.give_duty(*session).await?;
            }
            return Ok(!yields);
        }
        let is_free = match holder {
            0 => !self.comes_after_others(now, readout),
            _ => shared.liveness().is_dead(holder),
        };
        if !is_free || yields {
            return Ok(false);
        }
        let is_mine = self.link.take_duty(*session, readout.duty).await?;
        if is_mine {
            let (node, term) = (&shared.node, readout.duty.term + 1);
            info!(node, term, "on duty");
        }
        Ok(is_mine)
    }

    /// Whether this node has only just begun where others may be: they take what is free at their
    /// next beats. A node that lost its copy, and makes another, is not on duty meanwhile.
    fn comes_after_others(&self, now: Moment, readout: &Readout) -> bool {
        let is_other = |node: &NodeRow| {
            let word: NodeWord = serde_json::from_str(&node.body).unwrap_or_default();
            node.session != self.speaker.session && word.writer == Writer::Daemon.as_str()
        };
        now.since(self.began_at) < self.clock.pace(2 * BEAT) && readout.nodes.iter().any(is_other)
    }

    /// Whether this clock is wrong, and another living node's is nearer to the server's.
    fn yields_to_a_better_clock(&self, readout: &Readout) -> bool {
        let Speaker { shared, session, .. } = &*self.speaker;
        let own = self.speaker.clock_offset().map(i64::abs);
        let Some(own) = own.filter(|own| *own > WRONG) else { return false };
        // Nearer by more than readings differ, or two would hand it to and fro.
        let is_nearer = |theirs: i64| theirs.abs() + OFF < own;
        readout.nodes.iter().any(|node| {
            let word: NodeWord = serde_json::from_str(&node.body).unwrap_or_default();
            let is_ready = matches!(word.standing, Standing::OnDuty | Standing::StandingBy);
            node.session != *session
                && word.writer == Writer::Daemon.as_str()
                && is_ready
                && !shared.liveness().is_dead(node.session)
                && word.clock_offset_ms.is_some_and(is_nearer)
        })
    }
}
