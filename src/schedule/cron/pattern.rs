//! Owns an expression that was read without error.
//!
//! `search` and `occurrence` walk through its times.

use std::sync::Arc;

/// A cron expression that can fire. Cheap to clone.
#[derive(Clone)]
pub struct Cron {
    pub(super) text: Arc<str>,
    pub(super) pattern: Arc<croner::Cron>,
    pub(super) follows_clock: bool,
}
