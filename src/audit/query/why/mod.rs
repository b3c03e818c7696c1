//! What the log has on one instance around a time, for `lightsout why`.

pub(crate) mod around;
pub(crate) mod firings;
#[cfg(test)]
pub(crate) mod growth;
pub(crate) mod lines;
pub(crate) mod matched;
pub(crate) mod rows;
