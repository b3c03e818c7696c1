//! The side of PostgreSQL: the shared log as one append-only table of bytes, and what the nodes
//! that share it tell each other.
//!
//! Knows nothing of SQLite. `store` keeps each node's copy; `node` watches both.

pub(crate) mod address;
pub(crate) mod entries;
pub(crate) mod fact;
pub(crate) mod line;
pub(crate) mod link;
pub(crate) mod liveness;
pub(crate) mod nodes;
pub(crate) mod shared_error;
pub(crate) mod shared_log;
pub(crate) mod tables;
