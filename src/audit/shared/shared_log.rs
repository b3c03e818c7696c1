//! The shared log as one process sees it: its connection for writes, who is alive, and whether this
//! process is on duty.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::TimeDelta;

use super::address::Address;
use super::line::Line;
use super::link::Link;
use super::liveness::Liveness;
use super::shared_error::SharedError;
use crate::clock::{Clock, Moment, SinceBoot};
use crate::schedule::Shared;

/// Nothing is sent to the cloud by a process whose own last beat is older: others may soon take its
/// work for left.
const OLDEST_BEAT: Duration = Duration::from_secs(7);
/// A copy that was last found equal, or written, longer ago may not be written any more: its node
/// gives no sign of life, or its firings would hang.
const EQUAL_WITHIN: Duration = Duration::from_secs(7);

#[derive(Debug)]
pub(crate) struct SharedLog {
    pub(crate) address: Address,
    /// The name of this node.
    pub(crate) node: String,
    link: tokio::sync::Mutex<Link>,
    liveness: Mutex<Liveness>,
    clock: Arc<dyn Clock>,
    /// The last beat of this process that arrived, by both clocks: the first stands still while the
    /// machine sleeps.
    beat_at: Mutex<Option<(Moment, Option<SinceBoot>)>>,
    is_on_duty: AtomicBool,
    /// When the copy was last written and equal to the shared log; `None` when it cannot be.
    equal_at: Mutex<Option<Moment>>,
    /// The last entry of the copy, as far as this process knows.
    entry: AtomicI64,
    /// Milliseconds by which this clock is ahead of the server's.
    clock_offset: AtomicI64,
    /// Why the copy cannot follow the shared log.
    trouble: Mutex<Option<String>>,
    /// The hash of what the schedules.toml in use means; empty before it is loaded.
    file: Mutex<String>,
}

impl SharedLog {
    /// Knows the address, and does not connect yet.
    pub(crate) fn of(
        shared: &Shared,
        hostname: Option<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SharedError> {
        let address = Address::of(&shared.place)?;
        let node = shared.node.clone().or(hostname).unwrap_or_else(|| "unnamed".to_owned());
        Ok(Self {
            node,
            link: tokio::sync::Mutex::new(Link::new(address.clone(), Arc::clone(&clock))),
            address,
            liveness: Mutex::default(),
            clock,
            beat_at: Mutex::default(),
            is_on_duty: AtomicBool::new(false),
            equal_at: Mutex::default(),
            entry: AtomicI64::new(0),
            clock_offset: AtomicI64::new(0),
            trouble: Mutex::default(),
            file: Mutex::default(),
        })
    }

    /// A connection of its own, for what must not wait for the writes.
    pub(crate) fn new_link(&self) -> Link {
        Link::new(self.address.clone(), Arc::clone(&self.clock))
    }

    /// See [`Link::append`].
    pub(crate) async fn append(&self, lines: &[Line]) -> Result<(), SharedError> {
        self.link().await.append(lines).await
    }

    /// The connection for writes, in turn.
    pub(crate) async fn link(&self) -> tokio::sync::MutexGuard<'_, Link> {
        self.link.lock().await
    }

    pub(crate) async fn close(&self) {
        self.link.lock().await.close().await;
    }

    pub(crate) fn place(&self) -> &str {
        &self.address.place
    }

    pub(crate) fn liveness(&self) -> MutexGuard<'_, Liveness> {
        self.liveness.lock().expect("nobody panics while holding it")
    }

    /// Notes that a beat arrived that was sent at `sent`, and whether this process is on duty.
    pub(crate) fn has_beaten(&self, sent: Moment, is_on_duty: bool) {
        let beat_at = (sent, self.clock.uptime());
        *self.beat_at.lock().expect("nobody panics while holding it") = Some(beat_at);
        self.is_on_duty.store(is_on_duty, Ordering::Relaxed);
    }

    /// Notes that the copy was written just now, up to this last entry of the shared log.
    pub(crate) fn has_copied(&self, entry: i64) {
        self.entry.fetch_max(entry, Ordering::Relaxed);
        *self.equal_at.lock().expect("nobody panics while holding it") = Some(self.clock.moment());
    }

    /// Notes that the copy cannot be written, or made equal.
    pub(crate) fn cannot_copy(&self) {
        *self.equal_at.lock().expect("nobody panics while holding it") = None;
    }

    /// Whether the copy was equal to the shared log, and could be written, a moment ago.
    pub(crate) fn copies(&self) -> bool {
        let equal_at = *self.equal_at.lock().expect("nobody panics while holding it");
        equal_at.is_some_and(|at| self.clock.moment().since(at) <= EQUAL_WITHIN)
    }

    /// The last entry of the copy, as far as this process knows.
    pub(crate) fn entry(&self) -> i64 {
        self.entry.load(Ordering::Relaxed)
    }

    /// Notes the file that this process uses.
    pub(crate) fn use_file(&self, sha256: String) {
        *self.file.lock().expect("nobody panics while holding it") = sha256;
    }

    pub(crate) fn file_in_use(&self) -> String {
        self.file.lock().expect("nobody panics while holding it").clone()
    }

    /// Whether the others still take this process for alive.
    pub(crate) fn is_heard(&self) -> bool {
        let beat_at = self.beat_at.lock().expect("nobody panics while holding it").clone();
        let Some((at, up)) = beat_at else { return false };
        let slept = self.clock.uptime().zip(up);
        let slept = slept.and_then(|(now, up)| now.since(&up.boot, up.milliseconds()));
        self.clock.moment().since(at).max(slept.unwrap_or_default()) <= OLDEST_BEAT
    }

    pub(crate) fn set_clock_offset(&self, milliseconds: i64) {
        self.clock_offset.store(milliseconds, Ordering::Relaxed);
    }

    pub(crate) fn clock_ahead(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.clock_offset.load(Ordering::Relaxed).max(0))
    }

    pub(crate) fn set_trouble(&self, reason: Option<String>) {
        *self.trouble.lock().expect("nobody panics while holding it") = reason;
    }

    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble.lock().expect("nobody panics while holding it").clone()
    }

    /// Whether the last beat that arrived found this process on duty.
    pub(crate) fn had_duty(&self) -> bool {
        self.is_on_duty.load(Ordering::Relaxed)
    }

    /// Whether this process does what only one shall do. One that cannot write its copy has left it
    /// to others.
    pub(crate) fn is_on_duty(&self) -> bool {
        self.had_duty() && self.is_heard() && self.copies()
    }
}
