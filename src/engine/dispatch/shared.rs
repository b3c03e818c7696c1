//! The common parts of all that dispatches, and the file in use.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{Mutex, Semaphore};

use super::in_flight::InFlight;
use crate::audit::AuditLog;
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::engine::account_health::AccountHealth;
use crate::lifecycle::Shutdown;
use crate::model::ids::FileId;
use crate::model::instance::AccountName;
use crate::schedule::Schedules;
use crate::select::unmatched::Told;

/// One cloud for each account of the file.
pub type Clouds = BTreeMap<AccountName, Arc<dyn Cloud>>;

/// A schedules.toml in use: its rules, its text's number in the log, and its accounts' clouds.
#[derive(Clone, Debug)]
pub struct ActiveConfig {
    pub schedules: Arc<Schedules>,
    pub file: FileId,
    pub clouds: Arc<Clouds>,
}

#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Everything is recorded here first.
    pub audit: Arc<AuditLog>,
    pub clock: Arc<dyn Clock>,
    /// Tells when to leave the rest to the next start.
    pub shutdown: Shutdown,
    /// Learns whether accounts can be read; only a daemon has it.
    pub(crate) health: Option<AccountHealth>,
    pub(super) in_flight: InFlight,
    /// The places for firings at work. Others wait.
    pub(super) places: Arc<Semaphore>,
    /// Gives places in the order of claims.
    pub(super) turn: Arc<Mutex<()>>,
    /// The selector entries that were reported to match nothing.
    pub(super) told: Told,
}
