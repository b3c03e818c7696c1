//! Owns the judgement of one assumption.

use super::words;
use crate::cloud::{CloudError, Judgement};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) judgement: Judgement,
    pub(super) seen: String,
    /// The servers that it is about: `NAME (NO)`.
    pub(super) servers: Vec<String>,
}

impl Judged {
    fn new(judgement: Judgement, seen: impl Into<String>) -> Self {
        Self { judgement, seen: seen.into(), servers: Vec::new() }
    }

    pub(super) fn seen(seen: impl Into<String>) -> Self {
        Self::new(Judgement::Seen, seen)
    }

    pub(super) fn not_seen(seen: impl Into<String>) -> Self {
        Self::new(Judgement::NotSeen, seen)
    }

    pub(super) fn different(seen: impl Into<String>) -> Self {
        Self::new(Judgement::Different, seen)
    }

    /// A question that failed shows nothing.
    pub(super) fn unread(error: &CloudError) -> Self {
        Self::not_seen(words::of_failure(error))
    }

    pub(super) fn about(self, servers: Vec<String>) -> Self {
        Self { servers, ..self }
    }
}
