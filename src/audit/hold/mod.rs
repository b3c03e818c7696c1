//! Holds, and what rules are still to do when they are over.

pub(crate) mod deferred;
pub(crate) mod deferred_line;
pub(crate) mod entry;
pub(crate) mod hold_rows;
