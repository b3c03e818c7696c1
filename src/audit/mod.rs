//! The audit log: every firing, request, answer and resulting status, in SQLite.
//!
//! Owns all SQL. Insert-only and chained (`chain`); what is about to be asked of the cloud is
//! written before it is asked. Writers hold an [`AuditLog`], readers an [`AuditReader`], which
//! never migrates. migrations/README.md explains the tables.

mod chain;
mod error;
mod exposure;
mod firing;
mod history;
mod life;
mod log;
mod millis;
mod outcome;
mod past;
mod reader;
mod record;
mod recovery;
mod request;
mod seen;
mod session;
mod show;
mod status;

pub use error::AuditError;
pub use firing::{Claim, FiringId, Trigger};
pub use history::{HistoryFilter, HistoryLine};
pub use life::Past;
pub use log::{AuditLog, FileId, Writer};
pub use outcome::Settlement;
pub use reader::AuditReader;
pub use recovery::{Asked, OpenFiring, OpenTarget};
pub use request::{Ask, Recorded, RequestId};
pub use session::SessionId;
pub use show::{FiringStory, RequestLine, SessionLine};
pub use status::{DaemonLife, FiringProgress};
