//! Owns the uptime: the wall-clock time through which daemons have lived, and the gaps that nobody
//! saw.
//!
//! Pure. The wall clock may leap in three ways: (1) the machine slept through a night; (2) a time
//! server set the clock back; (3) the battery died, and the clock jumped from an old year to the
//! present. After a leap, the scheduler looks for missed firings from the last lived instant on.

use chrono::{DateTime, TimeDelta, Utc};

/// The clock leapt if it is ahead by more than this. Less is only a busy machine.
const BREATH: TimeDelta = TimeDelta::minutes(5);
/// The time within which a clock that was set back is noticed. Firings due in that time are handed
/// out again; the claims in the log keep them from running twice.
const NOTICED_WITHIN: TimeDelta = TimeDelta::seconds(10);
/// The longest leap of which each firing is reported. Of a longer one, only the newest firing of
/// each rule is.
pub const LONGEST_ABSENCE: TimeDelta = TimeDelta::days(31);
/// The number of stretches that are kept. More leaps are of no use to anybody.
pub const MOST_STRETCHES: usize = 32;

/// A time without a leap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub from: DateTime<Utc>,
    /// The last instant so far.
    pub until: DateTime<Utc>,
}

/// All stretches in the order in which they were lived. The last one still grows.
#[derive(Clone, Debug, Default)]
pub struct Uptime {
    stretches: Vec<Stretch>,
}

impl Uptime {
    /// The uptime of earlier daemons, the latest stretch last.
    pub fn of(stretches: Vec<Stretch>) -> Self {
        Self { stretches }
    }

    pub fn current(&self) -> Option<Stretch> {
        self.stretches.last().copied()
    }

    /// The instant after which nobody has seen the time up to and including `now`. Without any
    /// stretch this is `now`. After the clock was set back, this is a few seconds before `now`.
    pub fn unseen_after(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let Some(current) = self.current() else {
            return now;
        };
        let gap = now - current.until;
        if (TimeDelta::zero()..=LONGEST_ABSENCE).contains(&gap) {
            return current.until;
        }
        // The clock went back, or leapt very far. A wrong clock is then likelier than a long
        // absence.
        if self.was_lived(now) {
            return now - NOTICED_WITHIN;
        }
        let ends = self.stretches.iter().map(|lived| lived.until).filter(|until| *until <= now);
        match ends.max() {
            Some(until) => until,
            None => now - NOTICED_WITHIN,
        }
    }

    /// Whether a stretch contains this instant.
    pub fn was_lived(&self, at: DateTime<Utc>) -> bool {
        self.stretches.iter().any(|lived| lived.from <= at && at <= lived.until)
    }

    /// Records that everything up to and including `now` has been dealt with.
    pub fn reach(&mut self, now: DateTime<Utc>) {
        match self.stretches.last_mut() {
            Some(current) if (TimeDelta::zero()..=BREATH).contains(&(now - current.until)) => {
                current.until = now;
            }
            _ => {
                self.stretches.push(Stretch { from: now, until: now });
                let surplus = self.stretches.len().saturating_sub(MOST_STRETCHES);
                self.stretches.drain(..surplus);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    type Ends = (&'static str, &'static str);

    fn lived(stretches: &[Ends]) -> Uptime {
        let stretch = |(from, until): &Ends| Stretch { from: at(from), until: at(until) };
        Uptime::of(stretches.iter().map(stretch).collect())
    }

    #[test]
    fn what_went_by_unseen_begins_where_life_was_last_real() {
        let november = ("2026-11-01T00:00:00Z", "2026-11-20T22:00:00Z");
        let future = ("2035-01-01T00:00:00Z", "2035-01-01T00:10:00Z");
        let table: [(&str, &[Ends], &str, &str); 8] = [
            ("nothing is known", &[], "2026-11-20T22:00:00Z", "2026-11-20T22:00:00Z"),
            ("the next tick", &[november], "2026-11-20T22:00:01Z", "2026-11-20T22:00:00Z"),
            ("away for a weekend", &[november], "2026-11-23T10:00:00Z", "2026-11-20T22:00:00Z"),
            ("back by a day", &[november], "2026-11-19T22:00:00Z", "2026-11-19T21:59:50Z"),
            ("years ahead", &[november], "2035-01-01T00:00:00Z", "2026-11-20T22:00:00Z"),
            (
                "years ahead, set right",
                &[november, future],
                "2026-11-23T10:00:00Z",
                "2026-11-20T22:00:00Z",
            ),
            (
                "years behind, set right",
                &[november, ("1970-01-01T00:00:00Z", "1970-01-01T00:01:00Z")],
                "2026-11-23T10:00:00Z",
                "2026-11-20T22:00:00Z",
            ),
            ("years behind", &[november], "1970-01-01T00:00:00Z", "1969-12-31T23:59:50Z"),
        ];
        for (case, stretches, now, expected) in table {
            assert_eq!(lived(stretches).unseen_after(at(now)), at(expected), "{case}");
        }
    }

    #[test]
    fn time_that_is_lived_again_is_handed_out_again_as_it_runs() {
        let mut lived = lived(&[("2026-11-01T00:00:00Z", "2026-11-20T22:00:00Z")]);
        lived.reach(at("2026-11-20T21:00:00Z"));
        assert_eq!(lived.unseen_after(at("2026-11-20T21:00:05Z")), at("2026-11-20T21:00:00Z"));
    }

    #[test]
    fn only_so_many_leaps_are_remembered() {
        let mut lived = Uptime::default();
        for day in 0..100 {
            lived.reach(at("2026-01-01T00:00:00Z") + TimeDelta::days(day));
        }
        assert_eq!(lived.stretches.len(), MOST_STRETCHES);
        assert_eq!(lived.current().unwrap().until, at("2026-04-10T00:00:00Z"));
    }
}
