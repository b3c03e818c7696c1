//! Usage of the stop budget, as tables and against a count by quarters of an hour.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::schedule::budget::Count;
use crate::time::zone::Zone;

const QUARTER: TimeDelta = TimeDelta::minutes(15);

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Intervals that end at a time, from their states and lengths.
fn intervals(states: &[(State, TimeDelta)], end: DateTime<Utc>) -> Vec<Interval> {
    let mut until = end;
    let interval = |(state, length): &(State, TimeDelta)| {
        let from = until - *length;
        let interval = Interval { from, until, state: *state, by: None };
        until = from;
        interval
    };
    let mut intervals: Vec<Interval> = states.iter().rev().map(interval).collect();
    intervals.reverse();
    intervals
}

/// In a row, the longest, in 12 months: in days if known, else `at least`.
fn told(past: &PastYear) -> String {
    let standing = past.standing();
    let word = |spent: Spent| match spent {
        Spent::Known(time) => format!("{}", crate::stop_limit::days(time)),
        Spent::Unknown { at_least } => format!("at least {}", crate::stop_limit::days(at_least)),
    };
    let all = [standing.in_a_row, standing.longest, standing.in_12_months];
    all.map(word).join(", ")
}

#[test]
fn a_server_stands_where_its_spells_put_it() {
    use State::{Off, Running, Unknown};
    let hours = TimeDelta::hours;
    let end = at("2026-11-23T03:00:00Z");
    for (states, by_hours, by_days) in [
        (&[(Running, 9000)][..], "0, 0, 0", "0, 0, 0"),
        (&[(Running, 9000), (Off, 12)], "0.5, 0.5, 0.5", "1, 1, 1"),
        (&[(Running, 9000), (Off, 13)], "0.5, 0.5, 0.5", "2, 2, 2"),
        (&[(Running, 9000), (Off, 60), (Running, 3)], "0, 2.5, 2.5", "0, 4, 4"),
        (&[(Off, 9000)], "at least 365, 365, 365", "at least 365, 365, 365"),
        (
            &[(Unknown, 9000), (Running, 24), (Off, 24)],
            "1, at least 1, at least 1",
            "2, at least 2, at least 2",
        ),
        (
            &[(Running, 9000), (Unknown, 2), (Off, 24)],
            "at least 1, at least 1, at least 1",
            "2, 2, 2",
        ),
        (
            &[(Running, 9000), (Off, 24), (Unknown, 2)],
            "at least 0, at least 1, at least 1",
            "at least 0, 2, 2",
        ),
        // Found turned within the hour.
        (&[(Running, 9000), (Unknown, 1), (Off, 23)], "1, 1, 1", "2, 2, 2"),
        (&[(Running, 9000), (Off, 23), (Unknown, 1), (Running, 1)], "0, 1, 1", "0, 2, 2"),
        (
            &[(Running, 9000), (Off, 23), (Unknown, 1), (Off, 24)],
            "at least 1, at least 1, at least 1.9",
            "at least 2, at least 2, 3",
        ),
    ] {
        let states: Vec<_> = states.iter().map(|(state, long)| (*state, hours(*long))).collect();
        let seoul = zone("Asia/Seoul");
        for (counting, expected) in [(Counting::Hours, by_hours), (Counting::Days(seoul), by_days)]
        {
            let from = counting.instant(counting.year_until(end).0);
            let mut cut = intervals(&states, end);
            cut.retain(|interval| interval.until > from);
            cut[0].from = from;
            assert_eq!(
                told(&PastYear::new(cut, counting, end)),
                expected,
                "{states:?} {counting:?}"
            );
        }
    }
}

/// The known state of each quarter of an hour, the last one first.
fn quarters(intervals: &[Interval], end: DateTime<Utc>) -> Vec<(DateTime<Utc>, State)> {
    let mut settled = Vec::new();
    for (place, interval) in intervals.iter().enumerate() {
        let neighbours =
            [place.checked_sub(1), Some(place + 1)].map(|it| it.and_then(|it| intervals.get(it)));
        let mut known =
            neighbours.map(|it| it.map(|it| it.state).filter(|it| *it != State::Unknown));
        known.sort_by_key(|state| format!("{state:?}"));
        let is_turn = known == [Some(State::Off), Some(State::Running)];
        let is_short = interval.until - interval.from <= QUARTER * 4;
        let state = if interval.state == State::Unknown && is_turn && is_short {
            State::Off
        } else {
            interval.state
        };
        let mut quarter = interval.from;
        while quarter < interval.until {
            settled.push((quarter, state));
            quarter += QUARTER;
        }
    }
    assert!(settled.iter().all(|(quarter, _)| *quarter < end));
    settled.reverse();
    settled
}

/// The sum of these quarters: their time, or the days that they touch.
fn amount(quarters: &[DateTime<Utc>], counting: Counting) -> TimeDelta {
    let of_days = |zone: Zone| {
        let days: BTreeSet<NaiveDate> =
            quarters.iter().map(|quarter| zone.local(*quarter).date()).collect();
        TimeDelta::days(i64::try_from(days.len()).unwrap())
    };
    match counting {
        Counting::Hours => QUARTER * i32::try_from(quarters.len()).unwrap(),
        Counting::Days(zone) => of_days(zone),
    }
}

/// In a row, the longest and all, quarter by quarter.
fn counted(
    quarters: &[(DateTime<Utc>, State)],
    counting: Counting,
    is_off: fn(State) -> bool,
) -> [TimeDelta; 3] {
    let rows = quarters.split(|(_, state)| !is_off(*state));
    let rows: Vec<Vec<DateTime<Utc>>> =
        rows.map(|row| row.iter().map(|(quarter, _)| *quarter).collect()).collect();
    let lengths: Vec<TimeDelta> = rows.iter().map(|row| amount(row, counting)).collect();
    let longest = lengths.iter().max().copied().unwrap_or_default();
    [lengths[0], longest, amount(&rows.concat(), counting)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_counted_is_what_a_look_at_every_quarter_of_an_hour_counts(
        states in prop::collection::vec(
            (select(&[State::Running, State::Off, State::Unknown][..]), 1_i32..1500),
            1..80,
        ),
        name in select(
            &["Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "America/Havana"][..]
        ),
        end in 1_180_000..1_220_000_i64,
        count in select(&[Count::Hours, Count::Days][..]),
    ) {
        let end = DateTime::from_timestamp(end * 1500 - end * 1500 % 900, 0).unwrap();
        let counting = Counting::new(count, zone(name));
        let from = counting.instant(counting.year_until(end).0);
        let mut states: Vec<(State, TimeDelta)> =
            states.into_iter().map(|(state, long)| (state, QUARTER * long)).collect();
        states.dedup_by_key(|(state, _)| *state);
        states.insert(0, (if states[0].0 == State::Off { State::Running } else { State::Off },
            TimeDelta::days(400)));
        let mut intervals = intervals(&states, end);
        intervals.retain(|interval| interval.until > from);
        intervals[0].from = from;
        let quarters = quarters(&intervals, end);
        let least = counted(&quarters, counting, |state| state == State::Off);
        let most = counted(&quarters, counting, |state| state != State::Running);
        let standing = PastYear::new(intervals, counting, end).standing();
        let told = [standing.in_a_row, standing.longest, standing.in_12_months];
        let expected: Vec<Spent> =
            least.into_iter().zip(most).map(|(least, most)| Spent::between(least, most)).collect();
        let is_whole = least[0] == TimeDelta::days(365);
        prop_assert_eq!(&told[1..], &expected[1..]);
        prop_assert!(is_whole || told[0] == expected[0], "{:?} {:?}", told[0], expected[0]);
    }
}
