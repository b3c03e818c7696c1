//! Keeps the log trustworthy: verifies, exports, copies and prunes it.

pub(crate) mod backup;
pub(crate) mod checker;
pub(crate) mod entry_reader;
pub(crate) mod export;
pub(crate) mod prune;
pub(crate) mod prune_line;
pub(crate) mod retention;
pub(crate) mod sqlite_check;
pub(crate) mod verification;
pub(crate) mod verify;
