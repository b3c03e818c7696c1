//! What every execution shares.

use std::sync::Arc;

use crate::audit::AuditLog;
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::lifecycle::Shutdown;

/// What firings are carried out with.
#[derive(Clone, Debug)]
pub struct Stopper {
    pub cloud: Arc<dyn Cloud>,
    /// Where everything is recorded first.
    pub audit: Arc<AuditLog>,
    pub clock: Arc<dyn Clock>,
    /// When to leave what is open to the next start.
    pub shutdown: Shutdown,
}
