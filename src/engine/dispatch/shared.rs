//! What everything that dispatches shares, and the file that it goes by.

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

/// One account's cloud for each account of the file.
pub type Clouds = BTreeMap<AccountName, Arc<dyn Cloud>>;

/// A schedules.toml in use: its rules, its file text in the log, and its accounts' clouds.
#[derive(Clone, Debug)]
pub struct ActiveConfig {
    pub schedules: Arc<Schedules>,
    pub file: FileId,
    pub clouds: Arc<Clouds>,
}

#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Where everything is recorded first.
    pub audit: Arc<AuditLog>,
    pub clock: Arc<dyn Clock>,
    /// When to leave what is open to the next start.
    pub shutdown: Shutdown,
    /// Who hears whether accounts can be read; a daemon's alone.
    pub(crate) health: Option<AccountHealth>,
    pub(super) in_flight: InFlight,
    /// So many firings are worked on at once; the others wait.
    pub(super) places: Arc<Semaphore>,
    /// Whose turn it is to begin: what was claimed earlier begins earlier.
    pub(super) turn: Arc<Mutex<()>>,
    /// Which entries of selectors were told to match nothing.
    pub(super) told: Told,
}
