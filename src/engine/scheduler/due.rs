//! A due firing and its fate.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::engine::deferred::CatchUp;
use crate::schedule::Rule;
use crate::time::uptime::Stretch;

/// One due firing of a rule.
#[derive(Clone, Debug)]
pub struct Due {
    pub rule: Arc<Rule>,
    pub scheduled_at: DateTime<Utc>,
    /// On time, late, or missed.
    pub fate: Fate,
    /// The unseen period in which it fell due. When the daemon was there, its ends are within a
    /// tick.
    pub unseen: Stretch,
    /// This process lived through that period, asleep or without a log to write to.
    pub was_alive: bool,
    /// Earlier firings of the rule in that period are left out, being too many.
    pub leaves_out: bool,
    /// The deferred actions to catch up on, if the rule itself is not due. Never on time then.
    pub makes_up: Option<CatchUp>,
}

/// The fate of a due firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    OnTime,
    /// Missed, but within the rule's `late`.
    Late,
    Missed,
}
