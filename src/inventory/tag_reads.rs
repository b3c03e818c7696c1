//! How many tags are read at once, and when they count as read.

use std::sync::atomic::AtomicUsize;

/// How many tags one look reads instance by instance, to be shown to whoever waits.
#[derive(Debug, Default)]
pub struct TagReads {
    /// How many there are to read, as far as is known.
    pub wanted: AtomicUsize,
    /// How many were read, or could not be.
    pub done: AtomicUsize,
}
