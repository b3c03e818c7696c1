//! Forecasts of the stop budget, as tables and against an hour-by-hour count.

mod hour_by_hour;

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::audit::LastHad;
use crate::hold::{Hold, HoldEntry, Via};
use crate::model::ids::HoldId;
use crate::model::instance::{AccountName, InstanceNo};
use crate::model::known_instance::KnownInstance;
use crate::model::subject::Subject;
use crate::schedule::Schedules;
use crate::schedule::budget::Count;
use crate::state_history::Interval;
use crate::stop_limit::acting_rules::acting;
use crate::time::zone::Zone;

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("{text}:00+09:00")).unwrap().to_utc()
}

/// The one instance of these tests: its name and its number are both this.
fn dev() -> KnownInstance {
    KnownInstance {
        account: AccountName::new("main").unwrap(),
        no: InstanceNo::new("7").unwrap(),
        name: "dev-1".to_owned(),
    }
}

fn file(budget: &str, rules: &[&str]) -> Schedules {
    let head = "timezone = \"Asia/Seoul\"\naccounts.main.platform = \"vpc\"\n";
    let rule = |(n, rule): (usize, &&str)| {
        let select = "select = { names = [\"dev-*\"] }";
        let select = if rule.contains("select") { "" } else { select };
        let name = if rule.contains("name =") { "" } else { &format!("name = \"r{n}\"") };
        format!("[[rules]]\n{name}\n{rule}\n{select}\n")
    };
    let rules: Vec<String> = rules.iter().enumerate().map(rule).collect();
    let rules = rules.concat();
    let text = format!("{head}[budget]\n{budget}\n{rules}");
    Schedules::parse(Path::new("s.toml"), &text).unwrap().0
}

/// The past up to a time: a state, its author, and its length in hours.
fn past(
    intervals: &[(State, Option<By>, i64)],
    counting: Counting,
    now: DateTime<Utc>,
) -> PastYear {
    let mut until = now;
    let interval = |(state, by, hours): &(State, Option<By>, i64)| {
        let interval = Interval {
            from: until - TimeDelta::hours(*hours),
            until,
            state: *state,
            by: by.clone(),
        };
        until = interval.from;
        interval
    };
    let mut intervals: Vec<Interval> = intervals.iter().rev().map(interval).collect();
    intervals.reverse();
    let from = counting.instant(counting.year_until(now).0);
    intervals.retain(|interval| interval.until > from);
    intervals[0].from = from;
    PastYear::new(intervals, counting, now)
}

/// The forecast from Monday, 2026-11-23, at noon in Seoul: `2027-02-22 08:00 in a row by r0`.
fn foreseen(
    (budget, rules): (&str, &[&str]),
    intervals: &[(State, Option<By>, i64)],
    holds: &[HoldEntry],
) -> String {
    let (file, now) = (file(budget, rules), at("2026-11-23T12:00"));
    let counting = Counting::new(file.budget.count, file.timezone);
    let past = past(intervals, counting, now);
    let acting = acting(&file, &dev(), &LastHad::new(), holds);
    match Forecaster::new(&file.budget, counting, now).forecast(&past, &acting) {
        Forecast::Passes(Passing { at, at_the_latest, limit, by }) => {
            let at = file.timezone.show(at).format("%F %H:%M");
            let latest = if at_the_latest { " at the latest" } else { "" };
            let by = by.map(|by| format!(" by {by}")).unwrap_or_default();
            format!("{at}{latest} {limit}{by}")
        }
        Forecast::Passed(limit) => format!("passed {limit}"),
        other => format!("{other:?}"),
    }
}

const WEEKNIGHTS: [&str; 2] = [
    "action = \"stop\"\ncron = \"0 20 * * MON-FRI\"",
    "action = \"start\"\ncron = \"0 8 * * MON-FRI\"",
];
const STOP: &str = "action = \"stop\"\ncron = \"0 20 * * *\"";
const WINDOW: &str = "off = \"20:00-08:00\"\noff_days = \"weekends\"";

#[test]
fn rules_pass_the_limit_that_they_come_to_first() {
    use State::{Off, Running, Unknown};
    let ran = [(Running, None, 9000)];
    let by_us = || Some(By::Us("old".to_owned()));
    for (file, intervals, expected) in [
        // 108 hours a week.
        (("", &WEEKNIGHTS[..]), &ran[..], "2027-08-30 20:00 in 12 months by r0"),
        (("", &[WINDOW][..]), &ran, "2027-08-30 20:00 in 12 months by r0"),
        (("count = \"days\"", &WEEKNIGHTS[..]), &ran, "2027-05-22 00:00 in 12 months by r0"),
        (("in_12_months = 235", &WEEKNIGHTS[..]), &ran, "Never"),
        (("in_12_months = 234", &WEEKNIGHTS[..]), &ran, "2027-11-22 20:00 in 12 months by r0"),
        (("in_a_row = 2", &WEEKNIGHTS[..]), &ran, "2026-11-29 20:00 in a row by r0"),
        (("in_a_row = 3", &WEEKNIGHTS[..]), &ran, "2027-08-30 20:00 in 12 months by r0"),
        (
            ("in_a_row = 3\ncount = \"days\"", &WEEKNIGHTS[..]),
            &ran,
            "2026-11-30 00:00 in a row by r0",
        ),
        (("", &[][..]), &ran, "Never"),
        (("", &[][..]), &[(Running, None, 9000), (Off, None, 240)], "2027-02-11 12:00 in a row"),
        (
            ("", &[][..]),
            &[(Running, None, 9000), (Off, by_us(), 240)],
            "2027-02-11 12:00 in a row by old",
        ),
        (("", &[][..]), &[(Off, None, 24 * 91)], "passed in a row"),
        (
            ("", &[][..]),
            &[
                (Running, None, 5000),
                (Off, None, 24 * 80),
                (Running, None, 1),
                (Off, None, 24 * 30),
            ],
            "2027-01-22 12:00 in a row",
        ),
        (
            ("", &[][..]),
            &[
                (Running, None, 5000),
                (Off, None, 24 * 80),
                (Running, None, 1),
                (Off, None, 24 * 80),
                (Running, None, 1),
                (Off, None, 24),
            ],
            "2026-12-12 12:00 in 12 months",
        ),
        (("", &[STOP][..]), &ran, "Unknown(StartedByPeople(\"r0\"))"),
        (
            ("", &[STOP][..]),
            &[(Running, None, 9000), (Off, by_us(), 16)],
            "2027-02-20 20:00 in a row by old",
        ),
        // Part of the past is unknown.
        (
            ("", &WEEKNIGHTS[..]),
            &[(Unknown, None, 9000)],
            "2027-08-30 20:00 at the latest in 12 months by r0",
        ),
        (("in_12_months = 235", &WEEKNIGHTS[..]), &[(Unknown, None, 9000)], "Unknown(Past)"),
        (
            ("in_12_months = 235", &WEEKNIGHTS[..]),
            &[(Running, None, 9000), (Unknown, None, 2), (Running, None, 1)],
            "Never",
        ),
    ] {
        assert_eq!(foreseen(file, intervals, &[]), expected, "{file:?} {intervals:?}");
    }
}

#[test]
fn what_starts_only_its_own_leaves_off_what_others_stopped() {
    use State::{Off, Running};
    let off = |by: Option<By>| [(Running, None, 9000), (Off, by, 24)];
    let all = "action = \"start\"\ncron = \"0 8 * * *\"";
    for (rule, by, expected) in [
        (WINDOW, Some(By::Others), "2027-02-20 12:00 in a row"),
        (WINDOW, Some(By::Us("r0".to_owned())), "2027-08-29 00:00 in 12 months by r0"),
        (WINDOW, None, "2027-08-29 00:00 at the latest in 12 months by r0"),
        (all, Some(By::Others), "Never"),
    ] {
        assert_eq!(foreseen(("", &[rule]), &off(by.clone()), &[]), expected, "{rule} {by:?}");
    }
}

#[test]
fn a_stop_and_a_start_at_one_instant_leave_it_open() {
    let rules = [STOP, "action = \"start\"\ncron = \"0 20 * * *\""];
    let expected = "Unknown(Torn(\"r0\", \"r1\"))";
    assert_eq!(foreseen(("", &rules), &[(State::Running, None, 9000)], &[]), expected);
    let often =
        ["action = \"stop\"\ncron = \"* * * * *\"", "action = \"start\"\ncron = \"30 * * * * *\""];
    let expected = "Unknown(TooOften)";
    assert_eq!(foreseen(("", &often), &[(State::Running, None, 9000)], &[]), expected);
}

#[test]
fn a_hold_in_force_keeps_rules_back_and_what_it_kept_is_made_up() {
    let entry = |name: &str, until: &str, skip| HoldEntry {
        id: HoldId::from(1),
        held_at: at("2026-11-23T11:00"),
        hold: Hold {
            subject: Subject::Rule(name.to_owned()),
            until: at(until),
            skip,
            why: None,
            who: "somebody".to_owned(),
        },
        via: Via::Command,
        released: None,
    };
    let rules = [STOP, "action = \"start\"\ncron = \"0 8 * * *\""];
    let ran = [(State::Running, None, 9000)];
    let budget = "in_12_months = 1";
    for (hold, expected) in [
        (None, "2026-11-25 20:00 in 12 months by r0"),
        (Some(entry("r0", "2026-11-24T02:00", false)), "2026-11-26 02:00"),
        (Some(entry("r0", "2026-11-24T02:00", true)), "2026-11-26 20:00"),
        (Some(entry("other", "2026-11-24T02:00", false)), "2026-11-25 20:00"),
        // Both are held. The start was wanted last, and wins over the stop.
        (Some(entry("w", "2026-11-24T12:00", false)), "2026-11-26 20:00"),
    ] {
        let window = ["name = \"w\"\noff = \"20:00-08:00\""];
        let is_window =
            hold.as_ref().is_some_and(|it| it.hold.subject == Subject::Rule("w".into()));
        let rules = if is_window { &window[..] } else { &rules[..] };
        let holds: Vec<HoldEntry> = hold.into_iter().collect();
        let foreseen = foreseen((budget, rules), &ran, &holds);
        assert!(foreseen.starts_with(expected), "{foreseen} {expected} {holds:?}");
    }
}

#[test]
fn rules_act_that_name_the_instance_or_whose_last_firing_had_it() {
    let rules = [
        "name = \"named\"\naction = \"stop\"\ncron = \"0 20 * * *\"",
        "name = \"tagged\"\naction = \"stop\"\ncron = \"0 20 * * *\"\nselect = { tags = { env = \"dev\" } }",
        "name = \"other\"\naction = \"stop\"\ncron = \"0 20 * * *\"\nselect = { names = [\"qa\"] }",
        "name = \"off\"\naction = \"stop\"\ncron = \"0 20 * * *\"\nenabled = false",
        "name = \"dry\"\naction = \"stop\"\ncron = \"0 20 * * *\"\ndry_run = true",
        "name = \"but\"\naction = \"stop\"\ncron = \"0 20 * * *\"\nexcept = { names = [\"*-1\"] }",
        "name = \"if\"\naction = \"stop\"\ncron = \"0 20 * * *\"\nexcept = { tags = { keep = \"*\" } }",
        "name = \"hours\"\noff = \"20:00-08:00\"\nselect = { tags = { env = \"dev\" } }",
    ];
    let file = file("", &rules);
    let had = |names: &[&str]| -> LastHad {
        names.iter().map(|name| ((*name).to_owned(), Action::Stop, dev().no)).collect()
    };
    for (had, expected) in [
        (had(&[]), &["named"][..]),
        (had(&["tagged", "other", "off", "dry", "but"]), &["named", "tagged"]),
        (had(&["if"]), &["named", "if"]),
        (had(&["hours"]), &["named", "hours", "hours"]),
    ] {
        let acting = acting(&file, &dev(), &had, &[]);
        let names: Vec<&str> = acting.iter().map(|it| it.rule.name.as_str()).collect();
        assert_eq!(names, expected, "{had:?}");
    }
}

#[test]
fn what_is_foreseen_is_shared_by_instances_that_rules_do_the_same_to() {
    let now = at("2026-11-23T12:00");
    let file = file("in_12_months = 300", &WEEKNIGHTS);
    let acting = acting(&file, &dev(), &LastHad::new(), &[]);
    let mut foresight = Forecaster::new(&file.budget, Counting::Hours, now);
    let ran = past(&[(State::Running, None, 9000)], Counting::Hours, now);
    let off = past(
        &[(State::Running, None, 9000), (State::Off, Some(By::Us("r0".to_owned())), 9)],
        Counting::Hours,
        now,
    );
    for past in [&ran, &off, &ran, &off] {
        assert_eq!(foresight.forecast(past, &acting), Forecast::Never);
    }
    assert_eq!(foresight.known.len(), 2, "one for each state to begin with");
}
