//! The parts that all executions share.

use std::sync::Arc;

use crate::audit::AuditLog;
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::lifecycle::Shutdown;

#[derive(Clone, Debug)]
pub struct Stopper {
    pub cloud: Arc<dyn Cloud>,
    /// Everything is recorded here first.
    pub audit: Arc<AuditLog>,
    pub clock: Arc<dyn Clock>,
    /// Tells when to leave the rest to the next start.
    pub shutdown: Shutdown,
}
