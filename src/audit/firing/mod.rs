//! What a firing writes, in the order of its life: claim, request, settle, resume; and what it must
//! know of others first.

pub(crate) mod claim;
pub(crate) mod open;
pub(crate) mod precedent;
pub(crate) mod request;
pub(crate) mod resume;
pub(crate) mod settle;
