//! Globs and cron expressions, the two small languages within schedules.toml.

use chrono::{DateTime, Utc};
use lightsout::schedule::cron::Cron;
use lightsout::schedule::glob::Glob;
use lightsout::time::zone::Zone;
use proptest::prelude::*;
use proptest::sample::select;

/// Does the same as a glob without braces and classes, step by step and slowly.
fn matches_slowly(glob: &[char], text: &[char]) -> bool {
    match (glob.first(), text.first()) {
        (None, None) => true,
        (Some('*'), _) if matches_slowly(&glob[1..], text) => true,
        (Some('*'), Some(_)) => matches_slowly(glob, &text[1..]),
        (Some('?'), Some(_)) => matches_slowly(&glob[1..], &text[1..]),
        (Some(c), Some(found)) if c == found => matches_slowly(&glob[1..], &text[1..]),
        _ => false,
    }
}

/// Expressions that are mostly right.
fn expression() -> impl Strategy<Value = String> {
    let part = || {
        select(
            &[
                "*", "0", "5", "1-5", "*/7", "3-20/4", "1,15", "59", "L", "LW", "15W", "5#2", "5L",
                "MON", "jan", "?", "7", "23", "31", "2", "30-10", "60", "*/0", "",
            ][..],
        )
    };
    prop_oneof![
        3 => prop::collection::vec(part(), 5..7).prop_map(|parts| parts.join(" ")),
        1 => "[0-9*/,LW#?A-Z -]{0,20}",
        1 => "@[a-z]{0,9}",
    ]
}

fn begin() -> impl Strategy<Value = DateTime<Utc>> {
    (0_i64..4_000_000_000).prop_map(|at| DateTime::from_timestamp(at, 0).unwrap())
}

proptest! {
    #[test]
    fn stars_and_question_marks_match_as_they_do_step_by_step(
        glob in "[ab가*?]{1,8}", text in "[ab가]{0,8}"
    ) {
        let characters = |text: &str| text.chars().collect::<Vec<_>>();
        let expected = matches_slowly(&characters(&glob), &characters(&text));
        prop_assert_eq!(Glob::new(&glob).unwrap().matches(&text), expected);
    }

    #[test]
    fn a_glob_of_any_kind_is_read_and_matched_in_no_time(
        parts in prop::collection::vec(
            select(&["*", "*a", "a*", "{a,*}", "{,a}", "[a-z]", "[!b]", "\\*", "?", "{a,{b,c}}"][..]),
            1..12,
        ),
    ) {
        if let Ok(glob) = Glob::new(&parts.concat()) {
            let _ = glob.matches(&"a".repeat(2_000));
            prop_assert_eq!(Glob::new(&parts.concat()), Ok(glob));
        }
    }

    #[test]
    fn an_expression_that_is_taken_fires_later_and_later_and_is_in_time(
        text in expression(),
        zone in select(&["Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "UTC"][..]),
        begin in begin(),
    ) {
        let Ok(cron) = text.parse::<Cron>() else { return Ok(()) };
        let zone: Zone = zone.parse().unwrap();
        let mut last = begin;
        for occurrence in cron.occurrences(zone, begin).take(20) {
            prop_assert!(occurrence.at > last, "{text}: {} after {last}", occurrence.at);
            // Asked at any time between the two, it says the same.
            let between = last + (occurrence.at - last) / 2;
            let again = cron.next_after(zone, between);
            prop_assert_eq!(again.map(|it| it.at), Some(occurrence.at), "{} at {}", text, between);
            last = occurrence.at;
        }
        let _ = cron.describe();
        prop_assert_eq!(cron.to_string().parse::<Cron>(), Ok(cron));
    }
}
