//! Counts the tags that are read instance by instance, so that a waiting person sees progress.

use std::sync::atomic::AtomicUsize;

#[derive(Debug, Default)]
pub struct TagReads {
    /// The number of reads to do, as far as is known.
    pub wanted: AtomicUsize,
    /// The number of reads that are done or have failed.
    pub done: AtomicUsize,
}
