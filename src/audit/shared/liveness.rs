//! Who is alive: a node is dead when its beat has not changed for long enough, by the watcher's own
//! monotonic clock. No two clocks are compared, and while the watcher itself cannot read the beats,
//! nobody dies.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::Moment;

/// The time between two beats.
pub(crate) const BEAT: Duration = Duration::from_secs(3);
/// A node whose beat has not changed for so long is dead.
pub(crate) const DEAD_AFTER: Duration = Duration::from_secs(15);
/// The most that one reading adds to a silence: a watcher that was frozen itself has not watched.
const MOST_AT_ONCE: Duration = Duration::from_secs(4);

/// What the readings so far say about each session.
#[derive(Debug, Default)]
pub(crate) struct Liveness {
    read_at: Option<Moment>,
    silent: HashMap<i64, (i64, Duration)>,
    has_died: bool,
}

impl Liveness {
    /// Takes in a good reading of all beats.
    pub(crate) fn read(&mut self, now: Moment, beats: impl Iterator<Item = (i64, i64)>) {
        let passed = self.read_at.map_or(Duration::ZERO, |before| now.since(before));
        let passed = passed.min(MOST_AT_ONCE);
        self.read_at = Some(now);
        let beats: HashMap<i64, i64> = beats.collect();
        // A session that has no beat any more, or that was asked about, is watched all the same.
        for (session, (beat, silent)) in &mut self.silent {
            if let Some(fresh) = beats.get(session).filter(|fresh| *fresh != beat) {
                (*beat, *silent) = (*fresh, Duration::ZERO);
            } else {
                let was_dead = *silent >= DEAD_AFTER;
                *silent += passed;
                self.has_died |= !was_dead && *silent >= DEAD_AFTER;
            }
        }
        for (session, beat) in beats {
            self.silent.entry(session).or_insert((beat, Duration::ZERO));
        }
    }

    /// For how long a session was seen to be silent. One that was never heard of is silent from now
    /// on.
    pub(crate) fn silent_for(&mut self, session: i64) -> Duration {
        self.silent.entry(session).or_insert((0, Duration::ZERO)).1
    }

    /// Whether a session has died since the last call.
    pub(crate) fn has_died(&mut self) -> bool {
        std::mem::take(&mut self.has_died)
    }

    pub(crate) fn is_dead(&mut self, session: i64) -> bool {
        self.silent_for(session) >= DEAD_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, RehearsalClock};

    #[tokio::test]
    async fn a_node_is_dead_after_15_seconds_of_readings_without_a_new_beat() {
        let clock = RehearsalClock::new(chrono::DateTime::UNIX_EPOCH, 0);
        let begun = clock.moment();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let mut liveness = Liveness::default();
        liveness.read(at(0), [(1, 7), (2, 1)].into_iter());
        for second in 1..15 {
            liveness.read(at(second), [(1, 7), (2, i64::try_from(second).unwrap())].into_iter());
        }
        assert!(!liveness.is_dead(1) && !liveness.is_dead(2) && !liveness.is_dead(3));
        liveness.read(at(15), [(1, 7), (2, 15)].into_iter());
        assert!(liveness.is_dead(1) && !liveness.is_dead(2) && !liveness.is_dead(3));
        // Of the hour in which this watcher was frozen, it has seen nothing.
        liveness.read(at(3_600), [(1, 7), (2, 15)].into_iter());
        assert!(!liveness.is_dead(2));
        liveness.read(at(3_601), [(1, 8)].into_iter());
        assert!(!liveness.is_dead(1));
        // Its row was taken away, and it was never heard of again.
        for second in 3_602..3_615 {
            liveness.read(at(second), [(1, 8)].into_iter());
        }
        assert!(liveness.is_dead(2) && liveness.is_dead(3));
    }
}
