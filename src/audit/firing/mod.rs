//! The rows of a firing in the order of its life: claim, request, settle, resume. `precedent` reads
//! the earlier firings that matter to them.

pub(crate) mod awaited;
pub(crate) mod claim;
pub(crate) mod open;
pub(crate) mod precedent;
pub(crate) mod request;
pub(crate) mod resume;
pub(crate) mod settle;
