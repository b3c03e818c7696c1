//! How far a target has been told: of everything, and of the firings of each account.
//!
//! The first firings of an account are told one by one, each at once. More within the same half
//! minute wait for a pause, which grows while several that need somebody come together. All of this
//! is read from the log, so a death in between loses and repeats nothing. [`super::ended`] finds the
//! firings.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{FiringNotice, Through};

/// So many firings of an account are told one by one within [`FIRST_PAUSE`].
const ALONE: usize = 5;
/// The pause after a notice about firings of an account.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);
/// The longest pause.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(10);
/// How far the log is looked back at. No firing waits for more than half of it, so all firings of an
/// account whose last notice is older were told by then.
pub(super) const LOOKED_BACK_AT: TimeDelta = TimeDelta::minutes(2 * LONGEST_PAUSE.num_minutes());
/// Notices with more time between them do not make a pause grow.
const CALM: TimeDelta = TimeDelta::minutes(20);

/// How far a target has been told.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    /// The last entry that it was told of, but for the firings of some accounts.
    pub(super) through: Through,
    /// The accounts of whose firings it was told lately.
    accounts: HashMap<String, ReachInAccount>,
}

/// How far a target has been told of the firings of one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ReachInAccount {
    through: Through,
    /// The time of the last notice, and the pause after it.
    at: DateTime<Utc>,
    pause: TimeDelta,
    /// How many more are told one by one, and until when.
    room: usize,
    until: DateTime<Utc>,
}

/// The firings that a notice tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tells {
    One,
    /// None of them needs somebody, so that a failure must not wait long for them.
    SeveralWell,
    SeveralInTrouble,
}

impl Tells {
    fn of(notice: &FiringNotice) -> Self {
        match (notice.is_of_several, notice.is_trouble) {
            (false, _) => Self::One,
            (true, false) => Self::SeveralWell,
            (true, true) => Self::SeveralInTrouble,
        }
    }
}

impl Reach {
    /// `through` is the last entry of all notices, `notices` are those about firings, the newest
    /// first. Nothing before `since` is told.
    pub(super) fn of(through: Through, notices: &[FiringNotice], since: Through) -> Self {
        let mut accounts: HashMap<String, ReachInAccount> = HashMap::new();
        for it in notices.iter().rev() {
            let last = accounts.get(&it.account);
            let mut told = ReachInAccount::after(last, it.at, Tells::of(it));
            told.through = it.through.max(last.map_or(since, |last| last.through));
            accounts.insert(it.account.clone(), told);
        }
        Self { through: through.max(since), accounts }
    }

    /// The entry from which on something may be left to tell of firings.
    pub(super) fn oldest(&self) -> Through {
        self.accounts.values().map(|it| it.through).fold(self.through, Ord::min)
    }

    /// The last entry of a firing of this account that was told.
    pub(super) fn through_of(&self, account: &str) -> Through {
        self.accounts.get(account).map_or(self.through, |told| told.through)
    }

    /// Whether nothing is left to tell of the entries up to this one.
    pub(super) fn is_at(&self, newest: Through) -> bool {
        self.through == newest && self.accounts.values().all(|it| it.through == newest)
    }

    /// Whether so many firings of this account wait.
    pub(super) fn waits(&self, account: &str, count: usize, now: DateTime<Utc>) -> bool {
        let told = self.accounts.get(account);
        told.is_some_and(|told| told.waits(now) && count > told.room(now))
    }

    /// How many firings of this account may be told one by one.
    pub(super) fn room(&self, account: &str, now: DateTime<Utc>) -> usize {
        self.accounts.get(account).map_or(ALONE, |told| told.room(now))
    }

    /// Takes in that a notice about firings of this account is recorded.
    pub(super) fn note(&mut self, account: &str, now: DateTime<Utc>, tells: Tells) {
        let told = ReachInAccount::after(self.accounts.get(account), now, tells);
        self.accounts.insert(account.to_owned(), told);
    }

    /// Takes in that everything up to an entry was told, but for the firings of these accounts.
    pub(super) fn advance(&mut self, newest: Through, waiting: &HashSet<String>) {
        for (account, told) in &mut self.accounts {
            if !waiting.contains(account) {
                told.through = newest;
            }
        }
        self.through = newest;
    }
}

impl ReachInAccount {
    /// A notice is recorded at `at`, after the last one.
    fn after(last: Option<&Self>, at: DateTime<Utc>, tells: Tells) -> Self {
        let between = last.map(|last| at - last.at);
        let between = between.filter(|it| tells == Tells::SeveralInTrouble && *it < CALM);
        let pause = between.map_or(FIRST_PAUSE, |it| (it * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE));
        let counted = last.filter(|last| last.is_counting(at));
        let room = counted.map_or(ALONE, |last| last.room).saturating_sub(1);
        let (room, until) = match counted {
            _ if tells != Tells::One => (0, at + pause),
            Some(last) => (room, last.until),
            None => (room, at + FIRST_PAUSE),
        };
        Self { through: Through::default(), at, pause, room, until }
    }

    fn room(&self, now: DateTime<Utc>) -> usize {
        if self.is_counting(now) { self.room } else { ALONE }
    }

    fn is_counting(&self, now: DateTime<Utc>) -> bool {
        self.at <= now && now < self.until
    }

    /// Whether the next notice waits. A clock that was set back makes nobody wait.
    fn waits(&self, now: DateTime<Utc>) -> bool {
        self.at <= now && now < self.at + self.pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::NoticeId;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn notices(told: &[(i64, &str, i64, bool)]) -> Vec<FiringNotice> {
        let notice =
            |(seconds, account, through, is_of_several): &(i64, &str, i64, bool)| FiringNotice {
                id: NoticeId::from(*through),
                account: (*account).to_owned(),
                at: at(*seconds),
                through: Through::from(*through),
                is_of_several: *is_of_several,
                is_trouble: true,
            };
        // The newest first, as the log gives them.
        told.iter().rev().map(notice).collect()
    }

    /// The pause after the last of some notices, in seconds.
    fn pause(told: &[(i64, bool)]) -> i64 {
        let told: Vec<_> = told.iter().map(|(at, several)| (*at, "main", 1, *several)).collect();
        let told = Reach::of(Through::from(9), &notices(&told), Through::default());
        told.accounts["main"].pause.num_seconds()
    }

    #[test]
    fn a_pause_grows_while_several_firings_come_together_and_is_short_after_a_calm() {
        let (one, several) = (false, true);
        for (told, seconds) in [
            (&[(0, one)][..], 30),
            (&[(0, several)], 30),
            (&[(0, one), (30, several)], 60),
            (&[(0, one), (30, several), (90, several)], 120),
            (&[(0, one), (30, several), (90, several), (210, several), (450, several)], 480),
            (&[(0, several), (600, several)], 600),
            // One that fires each minute is told each minute.
            (&[(0, one), (60, one), (120, one)], 30),
            // The next night.
            (&[(0, several), (86_400, several)], 30),
            (&[(0, several), (5, several)], 30),
        ] {
            assert_eq!(pause(told), seconds, "{told:?}");
        }
    }

    #[test]
    fn nothing_that_went_well_makes_a_failure_wait_long() {
        let storm = [(0, "main", 1, true), (30, "main", 2, true), (60, "main", 3, true)];
        let mut told = notices(&storm);
        let pause = |told: &[FiringNotice]| {
            let told = Reach::of(Through::from(9), told, Through::default());
            told.accounts["main"].pause.num_seconds()
        };
        assert_eq!(pause(&told), 60);
        for it in &mut told {
            it.is_trouble = false;
        }
        assert_eq!(pause(&told), 30);
    }

    #[test]
    fn the_first_few_of_half_a_minute_are_told_one_by_one() {
        let (one, several) = (false, true);
        for (told, now, room) in [
            (&[][..], 0, 5),
            (&[(0, one)], 1, 4),
            (&[(0, one), (9, one), (9, one), (20, one), (29, one)], 29, 0),
            (&[(0, one), (9, one), (9, one), (20, one), (29, one)], 30, 5),
            (&[(0, several)], 29, 0),
            // While they keep coming, there is no room until the pause ends.
            (&[(0, several), (30, several)], 89, 0),
            (&[(0, several), (30, several)], 90, 5),
            (&[(0, several), (29, one)], 29, 0),
            // A clock that was set back.
            (&[(60, several)], 59, 5),
        ] {
            let all: Vec<_> = told.iter().map(|(at, several)| (*at, "main", 1, *several)).collect();
            let reach = Reach::of(Through::from(9), &notices(&all), Through::default());
            assert_eq!(reach.room("main", at(now)), room, "{told:?}");
        }
    }

    #[test]
    fn each_account_is_told_from_where_its_last_notice_ends() {
        let told = notices(&[(0, "main", 10, true), (9, "far", 30, false), (5, "main", 20, true)]);
        let told = Reach::of(Through::from(40), &told, Through::from(15));
        let through = |account| told.through_of(account).0;
        assert_eq!(["main", "far", "other"].map(through), [20, 30, 40]);
        let late =
            Reach::of(Through::from(40), &notices(&[(0, "main", 10, true)]), Through::from(15));
        assert_eq!(late.through_of("main"), Through::from(15), "nobody is told of what was before");
    }

    #[test]
    fn a_clock_that_was_set_back_makes_nobody_wait() {
        let told = ReachInAccount::after(None, at(100), Tells::SeveralInTrouble);
        let waits = [99, 100, 129, 130].map(|now| told.waits(at(now)));
        assert_eq!(waits, [false, true, true, false]);
    }
}
