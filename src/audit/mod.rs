//! The audit log: every firing, request, answer and resulting state, in SQLite.
//!
//! Owns all SQL. The log is insert-only and chained (`store::chain`). A request is written before
//! it is sent. Writers hold an [`AuditLog`], readers an [`AuditReader`], which never migrates. The
//! rooms above decide what to write, and what an answer means. migrations/README.md explains the
//! tables.

mod firing;
mod hold;
mod instance;
mod integrity;
mod node;
mod query;
mod shared;
mod store;

pub use firing::awaited::LastStart;
pub use firing::claim::{Claim, Trigger};
pub use firing::request::{Ask, Recorded, RequestId};
pub(crate) use firing::resume::TAKEN_AT_ONCE;
pub use firing::resume::{OpenFiring, OpenTarget, RequestState};
pub use hold::deferred::Deferred;
pub use hold::deferred_line::DeferredLine;
pub use instance::external_change::{ChangeFilter, ChangeLine, LastLook};
pub use instance::external_start::Restart;
pub use instance::last_state::{LastState, StatusCount};
pub use instance::product::Kept;
pub use instance::stopped_by::StoppedBy;
pub use integrity::backup::{BackupError, Copied};
pub use integrity::prune::Pruned;
pub use integrity::verification::Verification;
pub use node::guard::Recording;
pub use node::lost::note_lost;
pub use node::node_lines::{Cluster, NodeLine, Standing};
pub use node::share::{SharedNow, share, share_script, unshare};
pub use node::watcher::NodeWatch;
pub use query::config_versions::ConfigVersion;
pub use query::daemon_place::{DaemonKind, DaemonPlace};
pub use query::ended_in_short::EndedInShort;
pub use query::events_since::{Ended, FileLoad, Missed};
pub use query::facts::{FactsQuery, LogFacts};
pub use query::firing_detail::{FiringStory, RequestLine, SessionLine};
pub use query::firing_summary::{FiringSummary, SumPart};
pub use query::history::{HistoryLine, LineText};
pub use query::history_lines::{HistoryFilter, HistoryPlace, Wanted};
pub use query::metrics::{AnswerCount, EndedOutcome, SettledCount, Tally};
pub use query::notice::{FiringNotice, ForetoldRules, NewNotice, NoticeResult, OpenNotice};
pub use query::report::FoundName;
pub use query::report_facts;
pub use query::source::{Loss, Source, SourceKind, means, unreadable};
pub use query::status::{DaemonLife, FiringProgress};
pub use query::stop_limit::{BudgetFacts, LastHad, Tried};
pub use query::stop_limit_step::{Against, Rise, Step};
pub use query::why::around::{Around, FiringAround};
pub use query::why::firings::Bearing;
pub use query::why::lines::{DeferredAround, SeenLine};
pub use shared::shared_error::SharedError;
pub use store::audit_log::AuditLog;
pub use store::entry_hash::{EntryHash, NoHash};
pub use store::error::{AuditError, Trouble};
pub use store::finding::{Finding, Flaw};
pub use store::heartbeat::LastDaemon;
pub use store::log::file_sha256;
pub use store::permissions::may_write;
pub use store::reader::AuditReader;
pub use store::session::hostname;
pub use store::session_id::SessionId;
pub use store::through::Through;
pub use store::writer::Writer;
pub use store::wrong_clock::{OnceMore, WrongClock};
