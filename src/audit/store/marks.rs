//! Remembers how far the log had come at moments of this process.
//!
//! Readings and requests of others are compared by entry numbers, never by two clocks: everything
//! up to a mark was written before the moment of that mark.

use std::time::Duration;

use sqlx::SqliteConnection;

use super::audit_log::{AuditLog, Marks};
use super::chain;
use super::error::AuditError;
use super::through::Through;
use crate::clock::Moment;

/// The shortest time between two marks.
const APART: Duration = Duration::from_millis(250);
/// The most marks: some minutes' worth, which is longer than a state counts as fresh.
const MOST_MARKS: usize = 1_000;

impl Marks {
    /// Notes that `last` is the last entry.
    pub(crate) fn note(&self, now: Moment, last: i64) {
        let mut marks = self.0.lock().expect("nobody panics while holding it");
        marks.push_back((now, last));
        if marks.len() > MOST_MARKS {
            marks.pop_front();
        }
    }

    fn is_due(&self, now: Moment) -> bool {
        let marks = self.0.lock().expect("nobody panics while holding it");
        marks.back().is_none_or(|(last, _)| now.since(*last) >= APART)
    }

    fn before(&self, moment: Moment) -> Option<i64> {
        let marks = self.0.lock().expect("nobody panics while holding it");
        marks.iter().rev().find(|(at, _)| *at <= moment).map(|(_, last)| *last)
    }
}

impl AuditLog {
    /// Sets a mark, unless the last one is quite new. Not for use in a transaction: an uncommitted
    /// number may still become another process's.
    pub(crate) async fn mark(&self, connection: &mut SqliteConnection) -> Result<(), AuditError> {
        let now = self.clock.moment();
        if self.marks.is_due(now) {
            let head = chain::head(connection).await?;
            self.marks.note(now, head.0);
            self.lock.remember(head);
        }
        Ok(())
    }

    /// An entry that was in the log at that moment: the last one, as far as this process knows.
    pub fn written_before(&self, moment: Moment) -> Through {
        self.marks.before(moment).map(Through::from).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::store::audit_log::Marks;
    use crate::clock::{Clock, RehearsalClock};

    #[tokio::test]
    async fn a_mark_never_claims_what_came_after_its_moment() {
        let clock = RehearsalClock::new(chrono::DateTime::UNIX_EPOCH, 0);
        let marks = Marks::default();
        let begun = clock.moment();
        let after = |millis| begun + Duration::from_millis(millis);
        assert_eq!(marks.before(after(9)), None);
        for (millis, last) in [(10, 1), (300, 2), (1_000, 4)] {
            assert!(marks.is_due(after(millis)));
            marks.note(after(millis), last);
            assert!(!marks.is_due(after(millis + 249)));
        }
        let known = [9, 10, 299, 300, 999, 1_000, 5_000].map(|at| marks.before(after(at)));
        assert_eq!(known, [None, Some(1), Some(1), Some(2), Some(2), Some(4), Some(4)]);
    }
}
