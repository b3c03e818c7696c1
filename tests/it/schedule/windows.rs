//! Windows in a file: what an entry with `off` or `off_days` comes to.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lightsout::model::instance::Action;
use lightsout::schedule::{Problem, Rule, Schedules, Start};
use lightsout::select::simulate::Outlook;
use proptest::prelude::*;
use serde_json::Value;

/// Korean New Year of 2027, from Saturday to Tuesday, and a Saturday that is worked instead.
const HEAD: &str = "timezone = 'Asia/Seoul'\naccounts.main.platform = 'vpc'\n\
    calendars.kr = { dates = ['2027-02-06..2027-02-09'], workdays = ['2027-02-20'] }\n";

const NIGHTS: &str = "off = '20:00-08:00'\noff_days = ['weekends', 'kr']";

fn read(rules: &str) -> (Schedules, Vec<Problem>) {
    let text = format!("{HEAD}{rules}");
    Schedules::parse(Path::new("schedules.toml"), &text).unwrap_or_else(|it| panic!("{it:?}"))
}

fn window(lines: &str) -> String {
    format!("[[rules]]\nname = 'hours'\n{lines}\nselect.names = ['dev-*']\n")
}

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}:00+09:00").parse().unwrap()
}

/// What a file fires after one time and up to another, in local time.
fn fired(file: &Schedules, from: &str, until: &str) -> Vec<String> {
    let of = |rule: &Rule| {
        let firings = rule.occurrences(at(from)).take_while(|it| it.at <= at(until));
        let shown = |at| rule.timezone.show(at).format("%a %m-%d %H:%M").to_string();
        firings.map(|it| (it.at, format!("{} {}", rule.action, shown(it.at)))).collect::<Vec<_>>()
    };
    let mut firings: Vec<_> = file.rules.iter().flat_map(|rule| of(rule)).collect();
    firings.sort();
    firings.into_iter().map(|(_, firing)| firing).collect()
}

#[test]
fn a_window_is_two_rules_of_one_name_that_share_the_rest() {
    let lines = "patience = '5m'\nmax_instances = 3\ndry_run = true\nexcept.names = ['dev-db']";
    let (file, _) = read(&window(&format!("{NIGHTS}\n{lines}")));
    let [stop, start] = file.entry("hours").unwrap() else { panic!("{:?}", file.rules) };
    let shown = "off 20:00-08:00 and on weekends, kr";
    assert_eq!([stop.times.to_string(), start.times.to_string()], [shown, shown]);
    assert_eq!([stop.action, start.action], [Action::Stop, Action::Start]);
    assert_eq!([stop.late, start.late], [Duration::from_secs(3600), Duration::ZERO]);
    assert_eq!([stop.start, start.start], [Start::All, Start::Ours]);
    assert_eq!((stop.patience, stop.max_instances), (Duration::from_secs(300), 3));
    let as_start = Rule {
        action: Action::Start,
        times: start.times.clone(),
        late: start.late,
        start: Start::Ours,
        ..Rule::clone(stop)
    };
    assert_eq!(as_start, **start);
    assert_eq!((file.rule("hours", Action::Start), file.entries().count()), (Some(start), 1));
}

#[test]
fn what_is_said_of_late_and_start_holds_for_a_window_too() {
    let (file, _) = read(&window("off = '20:00-08:00'\nlate = '2h'\nstart = 'all'"));
    let late: Vec<Duration> = file.rules.iter().map(|rule| rule.late).collect();
    assert_eq!(late, [Duration::from_secs(7200); 2]);
    assert_eq!(file.rule("hours", Action::Start).unwrap().start, Start::All);
}

#[test]
fn holidays_between_nights_and_weekends_are_one_stop_and_one_start() {
    for (lines, from, until, expected) in [
        // From Friday evening over the weekend and the holidays to Wednesday morning.
        (
            NIGHTS,
            "2027-02-05T12:00",
            "2027-02-11T12:00",
            &[
                "stop Fri 02-05 20:00",
                "start Wed 02-10 08:00",
                "stop Wed 02-10 20:00",
                "start Thu 02-11 08:00",
            ][..],
        ),
        // The Saturday is worked, its nights are off, and so is the Sunday.
        (
            NIGHTS,
            "2027-02-19T12:00",
            "2027-02-22T12:00",
            &[
                "stop Fri 02-19 20:00",
                "start Sat 02-20 08:00",
                "stop Sat 02-20 20:00",
                "start Mon 02-22 08:00",
            ],
        ),
        // The calendar alone knows nothing of weekends.
        (
            "off_days = 'kr'",
            "2027-02-01T12:00",
            "2028-01-01T12:00",
            &["stop Sat 02-06 00:00", "start Wed 02-10 00:00"],
        ),
        // Where the calendar is not named, its make-up day is a weekend like others.
        (
            "off_days = 'weekends'",
            "2027-02-19T12:00",
            "2027-02-22T12:00",
            &["stop Sat 02-20 00:00", "start Mon 02-22 00:00"],
        ),
        // Off around the clock, but for make-up days.
        (
            "off_days = ['MON-FRI', 'weekends', 'kr']",
            "2027-02-01T12:00",
            "2028-01-01T12:00",
            &["start Sat 02-20 00:00", "stop Sun 02-21 00:00"],
        ),
    ] {
        let (file, warnings) = read(&window(lines));
        assert_eq!(fired(&file, from, until), expected, "{lines}");
        assert_eq!(warnings, [], "{lines}");
    }
}

#[test]
fn a_window_clashes_with_what_turns_its_instances_the_other_way_at_one_instant() {
    let nights = window("off = '20:00-08:00'\noff_days = 'weekends'");
    for (when, clashes) in [
        ("action = 'start'\ncron = '0 20 * * FRI'", true),
        ("action = 'start'\ncron = '0 20 * * SAT'", false),
        ("action = 'stop'\ncron = '0 8 * * MON'", true),
        ("action = 'stop'\ncron = '0 8 * * SAT'", false),
        ("action = 'stop'\ncron = '0 20 * * *'", false),
        ("off = '08:00-12:00'", true),
        ("off = '20:00-09:00'", false),
        ("off = '20:00-08:00'\noff_days = 'weekends'", false),
    ] {
        let other = window(when).replace("hours", "other");
        let (_, warnings) = read(&format!("{nights}{other}"));
        let clash = warnings.iter().any(|warning| warning.message.contains("at one instant"));
        assert_eq!(clash, clashes, "{when}: {warnings:?}");
    }
}

#[test]
fn a_window_that_ends_while_another_of_the_same_instances_lasts_on_is_warned_of() {
    let nights = window("off = '20:00-08:00'");
    for (when, expected) in [
        ("off = '20:00-09:00'", Some(("hours", "other", "Friday 08:00"))),
        ("off = '22:00-07:00'", Some(("other", "hours", "Friday 07:00"))),
        ("off_days = 'weekends'", Some(("hours", "other", "Saturday 08:00"))),
        ("off = '06:00-06:30'\ntimezone = 'Asia/Taipei'", Some(("other", "hours", "Friday 06:30"))),
        ("off = '07:30-08:00'\ntimezone = 'Asia/Taipei'", None),
        ("off = '22:00-08:00'", None),
        ("off = '12:00-13:00'", None),
        ("off = '22:00-07:00'\nenabled = false", None),
        ("off = '22:00-07:00'\ndry_run = true", None),
        ("off = '22:00-07:00'\nexcept.names = ['web-*']", None),
        ("action = 'start'\ncron = '0 6 * * MON'", None),
    ] {
        let other = window(when).replace("hours", "other");
        let (_, warnings) = read(&format!("{nights}{other}"));
        let said: Vec<_> = warnings.into_iter().map(|warning| warning.message).collect();
        let told = |(ending, lasting, at)| {
            format!("`{ending}` starts what `{lasting}` is to keep off, such as on {at}")
        };
        assert_eq!(said, Vec::from_iter(expected.map(told)), "{when}");
    }
}

#[test]
fn a_window_does_not_clash_with_itself() {
    for lines in [
        "off = ['20:00-21:00', '21:00-22:00']",
        "off = ['00:00-12:00', '12:01-24:00']",
        "off = '02:15-02:45'\ntimezone = 'America/New_York'",
        NIGHTS,
    ] {
        assert_eq!(read(&window(lines)).1, [], "{lines}");
    }
}

#[test]
fn between_the_stop_and_the_start_of_a_window_an_instance_is_expected_to_be_stopped() {
    for (when, lines, expected) in [
        ("2027-02-05 19:59", NIGHTS.to_owned(), "Running by a start"),
        ("2027-02-05 20:00", NIGHTS.to_owned(), "Stopped by a stop"),
        ("2027-02-10 07:59", NIGHTS.to_owned(), "Stopped by a stop"),
        ("2027-02-10 08:00", NIGHTS.to_owned(), "Running by a start"),
        // What keeps both from it is told once.
        ("2027-02-10 08:00", format!("{NIGHTS}\nenabled = false"), "Untouched but for 1"),
    ] {
        let expect = format!(
            "[[expect]]\nat = '{when}'\ninstance = {{ name = 'dev-a' }}\nstate = 'stopped'\n"
        );
        let (file, _) = read(&format!("{}{expect}", window(&lines)));
        let foresight = file.foresee(|_, foresight| foresight).remove(0);
        let state = foresight.outlook.state().unwrap();
        let why = match foresight.outlook {
            Outlook::Left(last) => format!("by a {}", last.rule.action),
            _ => format!("but for {}", foresight.restrained.len()),
        };
        assert_eq!(format!("{state:?} {why}"), expected, "{when}");
    }
}

proptest! {
    #[test]
    fn no_window_makes_the_reader_panic(off in ".{0,14}", days in "[A-Za-z,: -]{0,10}") {
        let (off, days) = (Value::from(off), Value::from(days));
        let text = format!("{HEAD}{}", window(&format!("off = {off}\noff_days = {days}")));
        drop(Schedules::parse(Path::new("schedules.toml"), &text));
    }
}
