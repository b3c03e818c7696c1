//! The audit log: every firing, request, answer and resulting status, in SQLite.
//!
//! Owns all SQL. Insert-only and chained (`chain`); what is about to be asked of the cloud is
//! written before it is asked. Writers hold an [`AuditLog`], readers an [`AuditReader`], which
//! never migrates. migrations/README.md explains the tables.

mod around;
mod around_rows;
mod bearing;
mod before;
mod blueprint;
mod budget;
mod budget_step;
mod chain;
mod change;
mod checker;
mod error;
mod export;
mod exposure;
mod firing;
mod flaw;
#[cfg(test)]
mod growth;
#[cfg(test)]
mod growth_of_why;
mod history;
mod hold;
mod hold_rows;
mod in_use;
mod kept;
mod known;
mod life;
mod log;
mod matched;
mod millis;
mod nights;
mod notice;
mod outcome;
mod overdue;
mod owed;
mod owed_line;
mod passing;
mod past;
mod place;
mod product;
mod prune;
mod reader;
mod record;
mod recovery;
mod report;
mod request;
mod restart;
mod rows;
mod seen;
mod session;
mod show;
mod sighting;
mod states;
mod status;
mod stopped_by;
mod tally;
mod turn;
mod untold;
mod verify;
mod whom;

pub use around::{Around, FiringAround, OwedAround, SeenLine};
pub use bearing::Bearing;
pub use budget::LastHad;
pub use budget_step::{Against, Rise, Step};
pub use chain::{EntryHash, NoHash};
pub use change::{ChangeFilter, ChangeLine, LastLook};
pub use error::AuditError;
pub use firing::{Claim, FiringId, Trigger};
pub use flaw::{Finding, Flaw};
pub use history::{HistoryFilter, HistoryLine, HistoryPlace};
pub use in_use::FileInUse;
pub use known::KnownInstance;
pub use life::Past;
pub use log::{AuditLog, FileId, Writer, file_sha256, hostname};
pub use nights::FiringSummary;
pub use notice::{NewNotice, NoticeId, NoticeResult, OpenNotice, Through};
pub use outcome::Settlement;
pub use owed::{Owed, OwedId};
pub use owed_line::OwedLine;
pub use prune::Pruned;
pub use reader::AuditReader;
pub use recovery::{Asked, OpenFiring, OpenTarget};
pub use request::{Ask, Recorded, RequestId};
pub use restart::Restart;
pub use session::SessionId;
pub use show::{FiringStory, RequestLine, SessionLine};
pub use sighting::{Sighting, StatusCount};
pub use status::{DaemonLife, FiringProgress};
pub use stopped_by::StoppedBy;
pub use tally::{AnswerCount, EndedOutcome, SettledCount, Tally};
pub use untold::{Ended, FileLoad, Missed};
pub use verify::Verification;
