//! The log about one instance: its observed states, and who turned it.

pub(crate) mod attribution;
pub(crate) mod attribution_rows;
pub(crate) mod directory;
pub(crate) mod external_change;
pub(crate) mod external_start;
pub(crate) mod last_state;
pub(crate) mod lookup;
pub(crate) mod observe;
pub(crate) mod product;
pub(crate) mod stopped_by;
pub(crate) mod stopped_since;
