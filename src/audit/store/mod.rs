//! The file itself: opened, brought up to date, chained and written by one session, read by many.

pub(crate) mod audit_log;
pub(crate) mod chain;
pub(crate) mod column;
pub(crate) mod damaged;
pub(crate) mod entry_hash;
pub(crate) mod error;
pub(crate) mod finding;
pub(crate) mod heartbeat;
pub(crate) mod index_repair;
pub(crate) mod log;
pub(crate) mod marks;
mod migrations;
pub(crate) mod millis;
pub(crate) mod permissions;
pub(crate) mod reader;
pub(crate) mod record;
pub(crate) mod row;
pub(crate) mod schema_check;
pub(crate) mod seq_range;
pub(crate) mod session;
pub(crate) mod session_id;
pub(crate) mod through;
pub(crate) mod undecoded;
pub(crate) mod unwritten;
pub(crate) mod wal;
pub(crate) mod writer;
pub(crate) mod wrong_clock;
