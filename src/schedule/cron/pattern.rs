//! An expression that was understood.

use std::sync::Arc;

/// A cron expression that was read without error and can fire. Cheap to clone.
#[derive(Clone)]
pub struct Cron {
    pub(super) text: Arc<str>,
    pub(super) pattern: Arc<croner::Cron>,
    pub(super) follows_clock: bool,
}
