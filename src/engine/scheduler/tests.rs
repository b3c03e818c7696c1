//! Due and missed firings, under clocks of every kind.

mod deferred;

use std::path::Path;

use super::*;
use crate::audit::Deferred;
use crate::model::instance::{AccountName, Action, InstanceNo, RuleName};

const FILE: &str = r#"
    timezone = "Asia/Seoul"
    [accounts.main]
    platform = "vpc"
    [[rules]]
    name = "night"
    action = "stop"
    cron = "0 20 * * *"
    select = { names = ["dev-*"] }
    [[rules]]
    name = "morning"
    action = "start"
    cron = "0 8 * * *"
    select = { names = ["dev-*"] }
"#;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn file(text: &str) -> Schedules {
    Schedules::parse(Path::new("schedules.toml"), text).unwrap().0
}

/// A daemon ran the rules of `FILE` up to `until`.
fn scheduler(until: &str) -> Scheduler {
    let stretch = Stretch { from: at("2026-11-01T00:00:00Z"), until: at(until) };
    Scheduler::after(Some(&file(FILE)), Uptime::of(vec![stretch]))
}

/// Hands out due firings, and marks them as dealt with.
fn take(scheduler: &mut Scheduler, now: &str) -> Vec<(String, String, Fate)> {
    let due = told(&scheduler.due(at(now)));
    scheduler.dealt_with(at(now));
    due
}

fn told(due: &[Due]) -> Vec<(String, String, Fate)> {
    let told = |due: &Due| (due.rule.name.to_string(), due.scheduled_at.to_rfc3339(), due.fate);
    due.iter().map(told).collect()
}

fn night(day: &str, fate: Fate) -> (String, String, Fate) {
    ("night".to_owned(), format!("2026-11-{day}T11:00:00+00:00"), fate)
}

fn morning(day: &str, fate: Fate) -> (String, String, Fate) {
    ("morning".to_owned(), format!("2026-11-{day}T23:00:00+00:00"), fate)
}

#[test]
fn a_rule_falls_due_once_at_its_instant() {
    let mut scheduler = scheduler("2026-11-23T10:59:50Z");
    assert_eq!(take(&mut scheduler, "2026-11-23T10:59:59.999Z"), []);
    assert_eq!(scheduler.next_at(), Some(at("2026-11-23T11:00:00Z")));
    assert_eq!(take(&mut scheduler, "2026-11-23T11:00:00Z"), [night("23", Fate::OnTime)]);
    assert_eq!(take(&mut scheduler, "2026-11-23T11:00:01Z"), []);
}

#[test]
fn what_fell_due_just_before_a_start_is_late_and_not_on_time() {
    let mut woken = scheduler("2026-11-23T10:59:00Z");
    assert_eq!(told(&woken.due(at("2026-11-23T11:00:01Z"))), [night("23", Fate::Late)]);
    let mut alive = scheduler("2026-11-23T10:59:00Z");
    take(&mut alive, "2026-11-23T10:59:58Z");
    assert_eq!(told(&alive.due(at("2026-11-23T11:00:01Z"))), [night("23", Fate::OnTime)]);
}

#[test]
fn what_could_not_be_recorded_is_handed_out_again_and_grows_late() {
    let mut scheduler = scheduler("2026-11-23T10:59:59Z");
    assert_eq!(told(&scheduler.due(at("2026-11-23T11:00:00Z"))), [night("23", Fate::OnTime)]);
    assert_eq!(told(&scheduler.due(at("2026-11-23T11:30:00Z"))), [night("23", Fate::Late)]);
    assert_eq!(told(&scheduler.due(at("2026-11-23T13:00:00Z"))), [night("23", Fate::Missed)]);
}

#[test]
fn of_what_was_slept_through_only_the_newest_within_late_still_runs() {
    let mut scheduler = scheduler("2026-11-20T12:00:00Z");
    assert_eq!(
        take(&mut scheduler, "2026-11-22T11:30:00Z"),
        [
            morning("20", Fate::Missed),
            night("21", Fate::Missed),
            morning("21", Fate::Missed),
            night("22", Fate::Late),
        ]
    );
}

#[test]
fn a_clock_set_back_hands_the_instant_out_again_and_loses_none() {
    let mut scheduler = scheduler("2026-11-23T10:59:50Z");
    take(&mut scheduler, "2026-11-23T11:00:05Z");
    assert_eq!(take(&mut scheduler, "2026-11-23T10:50:00Z"), []);
    assert_eq!(take(&mut scheduler, "2026-11-23T11:00:00Z"), [night("23", Fate::OnTime)]);
}

#[test]
fn a_clock_that_jumps_back_a_day_runs_nothing_of_yesterday_at_once() {
    let mut scheduler = scheduler("2026-11-23T12:00:00Z");
    assert_eq!(take(&mut scheduler, "2026-11-22T12:00:00Z"), []);
    assert_eq!(scheduler.next_at(), Some(at("2026-11-22T23:00:00Z")));
}

#[test]
fn a_clock_that_was_years_behind_owes_what_fell_due_since_life_was_real() {
    let mut scheduler = scheduler("2026-11-21T12:00:00Z");
    assert_eq!(take(&mut scheduler, "1970-01-01T00:00:10Z"), []);
    let owed = take(&mut scheduler, "2026-11-22T11:30:00Z");
    assert_eq!(owed, [morning("21", Fate::Missed), night("22", Fate::Late)]);
}

#[test]
fn a_clock_that_was_years_ahead_tells_one_firing_a_rule_and_then_what_was_owed() {
    let mut scheduler = scheduler("2026-11-21T12:00:00Z");
    let ahead = scheduler.due(at("2035-01-01T00:00:00Z"));
    scheduler.dealt_with(at("2035-01-01T00:00:00Z"));
    let told_of: Vec<_> = ahead.iter().map(|due| (due.fate, due.leaves_out)).collect();
    assert_eq!(told_of, [(Fate::Missed, true), (Fate::Missed, true)]);
    let owed = take(&mut scheduler, "2026-11-22T11:30:00Z");
    assert_eq!(owed, [morning("21", Fate::Missed), night("22", Fate::Late)]);
}

#[test]
fn a_firing_that_a_holiday_prevents_is_neither_due_nor_missed() {
    let rules = FILE.replacen("[[rules]]", "[[rules]]\nskip_on = [\"off\"]", 1);
    let skipping = file(&format!("{rules}\n[calendars.off]\ndates = [\"2026-11-22\"]\n"));
    let stretch = Stretch { from: at("2026-11-01T00:00:00Z"), until: at("2026-11-21T12:00:00Z") };
    let mut scheduler = Scheduler::after(Some(&skipping), Uptime::of(vec![stretch]));
    let owed = take(&mut scheduler, "2026-11-22T11:30:00Z");
    assert_eq!(owed, [morning("21", Fate::Missed)]);
    let due = take(&mut scheduler, "2026-11-23T11:00:00Z");
    assert_eq!(due, [morning("22", Fate::Missed), night("23", Fate::OnTime)]);
}

#[test]
fn a_rule_that_is_new_or_fires_at_other_times_never_acts_for_the_past() {
    let changes = [
        FILE.replace("0 20 * * *", "15 20 * * *"),
        FILE.replace("\"night\"", "\"evening\""),
        FILE.replace("action = \"stop\"", "action = \"start\""),
        FILE.replace("timezone = \"Asia/Seoul\"", "timezone = \"Asia/Taipei\""),
    ];
    for text in changes {
        let mut scheduler = scheduler("2026-11-23T10:00:00Z");
        scheduler.load(&file(&text), at("2026-11-23T13:00:00Z"));
        assert_eq!(take(&mut scheduler, "2026-11-23T13:00:00Z"), [], "{text}");
    }
}

#[test]
fn a_rule_that_only_selects_differently_still_owes_what_fell_due() {
    let mut scheduler = scheduler("2026-11-23T10:00:00Z");
    let wider = FILE.replace("dev-*", "test-*");
    scheduler.load(&file(&wider), at("2026-11-23T11:30:00Z"));
    assert_eq!(take(&mut scheduler, "2026-11-23T11:30:00Z"), [night("23", Fate::Late)]);
}

#[test]
fn what_the_window_has_undone_since_does_not_run_late() {
    let head = &FILE[..FILE.find("[[rules]]").unwrap()];
    let window = file(&format!(
        "{head}[[rules]]\nname = \"noon\"\noff = \"12:00-12:30\"\nlate = \"24h\"\n\
         select.names = [\"dev-*\"]"
    ));
    for (now, stop, start) in [
        ("2026-11-23T03:29:59Z", Some(Fate::Late), None),
        ("2026-11-23T03:30:01Z", Some(Fate::Missed), Some(Fate::Late)),
        ("2026-11-23T10:00:00Z", Some(Fate::Missed), Some(Fate::Late)),
    ] {
        let (from, until) = (at("2026-11-01T00:00:00Z"), at("2026-11-23T00:00:00Z"));
        let lived = Uptime::of(vec![Stretch { from, until }]);
        let due = Scheduler::after(Some(&window), lived).due(at(now));
        let fate = |action| due.iter().find(|due| due.rule.action == action).map(|due| due.fate);
        assert_eq!((fate(Action::Stop), fate(Action::Start)), (stop, start), "{now}");
    }
}

#[test]
fn of_a_window_that_is_loaded_again_both_rules_still_owe_what_fell_due() {
    let head = &FILE[..FILE.find("[[rules]]").unwrap()];
    let window = |off: &str, select: &str| {
        file(&format!(
            "{head}[[rules]]\nname = \"hours\"\noff = \"{off}\"\n\
             select.names = [\"{select}\"]"
        ))
    };
    let before = window("20:00-08:00", "dev-*");
    let told = |after: &Schedules| {
        let (from, until) = (at("2026-11-01T00:00:00Z"), at("2026-11-22T22:00:00Z"));
        let lived = Uptime::of(vec![Stretch { from, until }]);
        let mut scheduler = Scheduler::after(Some(&before), lived);
        scheduler.load(after, at("2026-11-23T11:00:05Z"));
        let due = scheduler.due(at("2026-11-23T11:00:05Z"));
        due.iter().map(|due| (due.rule.action, due.fate)).collect::<Vec<_>>()
    };
    let owed = [(Action::Start, Fate::Missed), (Action::Stop, Fate::Late)];
    assert_eq!(told(&window("20:00-08:00", "qa-*")), owed);
    assert_eq!(told(&window("20:00-08:30", "dev-*")), []);
}

#[test]
fn a_rule_that_is_enabled_again_begins_anew() {
    let mut scheduler = scheduler("2026-11-23T10:00:00Z");
    let disabled = FILE.replacen("[[rules]]", "[[rules]]\nenabled = false", 1);
    scheduler.load(&file(&disabled), at("2026-11-23T10:00:00Z"));
    assert_eq!(take(&mut scheduler, "2026-11-23T10:00:01Z"), []);
    scheduler.load(&file(FILE), at("2026-11-23T11:30:00Z"));
    assert_eq!(take(&mut scheduler, "2026-11-23T11:30:00Z"), []);
}

#[test]
fn a_rule_loaded_while_the_clock_was_ahead_fires_when_it_is_set_right() {
    let mut scheduler = scheduler("2026-11-23T10:00:00Z");
    take(&mut scheduler, "2026-11-24T10:00:00Z");
    let moved = FILE.replace("0 20 * * *", "15 20 * * *");
    scheduler.load(&file(&moved), at("2026-11-24T10:00:00Z"));
    take(&mut scheduler, "2026-11-23T11:14:00Z");
    let due = take(&mut scheduler, "2026-11-23T11:15:00Z");
    assert_eq!(due.len(), 1, "{due:?}");
}

#[test]
fn of_very_many_missed_firings_the_newest_are_told() {
    let often = FILE.replace("0 20 * * *", "* * * * *");
    let stretch = Stretch { from: at("2026-11-01T00:00:00Z"), until: at("2026-11-20T00:00:00Z") };
    let mut scheduler = Scheduler::after(Some(&file(&often)), Uptime::of(vec![stretch]));
    let due = scheduler.due(at("2026-11-23T00:00:30Z"));
    let often: Vec<&Due> = due.iter().filter(|due| due.rule.name.as_str() == "night").collect();
    assert_eq!((often.len(), often[0].leaves_out), (MOST_MISSED, true));
    assert_eq!(often[MOST_MISSED - 1].fate, Fate::Late);
}

#[test]
fn what_fell_due_while_only_the_log_was_away_is_on_time_for_five_minutes() {
    for (now, fate) in [
        ("2026-11-23T23:00:20Z", Fate::OnTime),
        ("2026-11-23T23:04:59Z", Fate::OnTime),
        ("2026-11-23T23:05:01Z", Fate::Missed),
    ] {
        let mut scheduler = scheduler("2026-11-23T22:00:00Z");
        take(&mut scheduler, "2026-11-23T22:59:58Z");
        scheduler.attend(at("2026-11-23T22:59:58Z"), Duration::ZERO);
        let passed = (at(now) - at("2026-11-23T22:59:59Z")).to_std().unwrap();
        // In short steps, like a daemon that keeps trying.
        scheduler.attend(at("2026-11-23T22:59:59Z"), Duration::from_secs(1));
        scheduler.attend(at(now), passed);
        assert_eq!(told(&scheduler.due(at(now))), [morning("23", fate)], "{now}");
    }
}

#[test]
fn what_fell_due_while_the_process_slept_is_not_on_time() {
    let mut scheduler = scheduler("2026-11-23T22:00:00Z");
    take(&mut scheduler, "2026-11-23T22:59:58Z");
    scheduler.attend(at("2026-11-23T22:59:58Z"), Duration::ZERO);
    scheduler.attend(at("2026-11-23T23:00:40Z"), Duration::from_secs(2));
    let due = told(&scheduler.due(at("2026-11-23T23:00:40Z")));
    assert_eq!(due, [morning("23", Fate::Missed)]);
}

#[test]
fn what_is_late_waits_for_a_clock_that_is_doubted_and_what_falls_due_does_not() {
    let mut scheduler = scheduler("2026-11-23T10:00:00Z");
    scheduler.load(&file(&FILE.replace("0 8 * * *", "5 20 * * *")), at("2026-11-23T09:00:00Z"));
    scheduler.distrust(at("2026-11-23T11:04:00Z"));
    assert_eq!(take(&mut scheduler, "2026-11-23T11:04:00Z"), []);
    assert_eq!(scheduler.lived(), None);
    let due = take(&mut scheduler, "2026-11-23T11:05:00Z");
    assert_eq!(due.iter().map(|(_, _, fate)| *fate).collect::<Vec<_>>(), [Fate::OnTime]);
    scheduler.trust();
    let due = told(&scheduler.due(at("2026-11-23T11:05:30Z")));
    assert_eq!(due[0], night("23", Fate::Late));
}

#[test]
fn decades_of_every_second_are_counted_from_their_end() {
    let often = FILE.replace("0 20 * * *", "* * * * * *");
    let stretch = Stretch { from: at("2026-11-01T00:00:00Z"), until: at("2026-11-20T00:00:00Z") };
    let mut scheduler = Scheduler::after(Some(&file(&often)), Uptime::of(vec![stretch]));
    let due = scheduler.due(at("2086-11-23T00:00:00Z"));
    let morning = ("morning".to_owned(), "2086-11-22T23:00:00+00:00".to_owned(), Fate::Missed);
    let night = ("night".to_owned(), "2086-11-23T00:00:00+00:00".to_owned(), Fate::OnTime);
    assert_eq!(told(&due), [morning, night]);
    assert!(due.iter().all(|due| due.leaves_out));
}
