//! Holds, and the actions that they defer.

pub(crate) mod deferred;
pub(crate) mod deferred_line;
pub(crate) mod entry;
pub(crate) mod hold_rows;
