//! Reads the log around one instant of one instance. [`crate::why`] draws the conclusion.

pub(crate) mod around;
pub(crate) mod firings;
#[cfg(test)]
pub(crate) mod growth;
pub(crate) mod lines;
pub(crate) mod matched;
pub(crate) mod rows;
