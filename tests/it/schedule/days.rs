//! The days on which rules fire: what calendars take away, and what they leave.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use lightsout::schedule::calendar::{Calendar, Days, FiringDays, Workdays};
use lightsout::schedule::cron::{Cron, Occurrence};
use lightsout::schedule::overrides::Overrides;
use lightsout::schedule::times::{Pattern, Times};
use lightsout::schedule::{Problem, Rule, Schedules};
use lightsout::time::zone::Zone;
use proptest::prelude::*;
use proptest::sample::select;

const ZONES: [&str; 6] = [
    "Asia/Seoul",
    "America/New_York",
    "America/Havana",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
];

const PATTERNS: [&str; 7] = [
    "0 20 * * *",
    "30 2 * * *",
    "0 0 * * *",
    "*/30 * * * *",
    "15 0,23 * * MON-FRI",
    "0 12 L * *",
    "30 23 * * 0#2",
];

/// A rule of the file's only account, with whatever is said of its days.
fn file(tables: &str, cron: &str, days: &str) -> Result<(Schedules, Vec<Problem>), Vec<Problem>> {
    let text = format!(
        "timezone = \"Asia/Seoul\"\naccounts.main.platform = \"vpc\"\n{tables}\n[[rules]]\n\
         name = \"night\"\naction = \"stop\"\ncron = \"{cron}\"\nselect = {{ names = [\"*\"] }}\n\
         {days}\n"
    );
    Schedules::parse(Path::new("s.toml"), &text)
}

fn rule(tables: &str, cron: &str, days: &str) -> Arc<Rule> {
    Arc::clone(&file(tables, cron, days).unwrap().0.rules[0])
}

/// The local times of a rule's next firings.
fn next(rule: &Rule, from: &str, count: usize) -> Vec<String> {
    let from = from.parse().unwrap();
    let shown = |it: Occurrence| rule.timezone.show(it.at).format("%m-%d %H:%M").to_string();
    rule.occurrences(from).take(count).map(shown).collect()
}

const OFF: &str = "[calendars.off]\ndates = [\"2026-12-25\", \"2026-12-30..2027-01-01\"]\n\
    workdays = [\"2026-12-26\"]";

#[test]
fn days_are_skipped_chosen_or_worked_as_the_rule_says() {
    for (cron, days, expected) in [
        ("0 20 * * *", "skip_on = [\"off\"]", &["12-24 20:00", "12-26 20:00", "12-27 20:00"][..]),
        ("0 20 * * *", "only_on = [\"off\"]", &["12-25 20:00", "12-30 20:00", "12-31 20:00"]),
        ("0 20 * * *", "on = \"workdays\"", &["12-24 20:00", "12-26 20:00", "12-28 20:00"]),
        ("0 20 * * *", "on = \"workdays:off\"", &["12-24 20:00", "12-26 20:00", "12-28 20:00"]),
        ("0 20 * * SAT", "on = \"workdays\"", &["12-26 20:00"]),
        (
            "0 20 * * *",
            "only_on = [\"off\"]\nskip_on = [\"builtin:kr\"]",
            &["12-30 20:00", "12-31 20:00"],
        ),
        ("* * * * *", "only_on = [\"off\"]", &["12-25 00:00", "12-25 00:01", "12-25 00:02"]),
    ] {
        let rule = rule(OFF, cron, days);
        assert_eq!(next(&rule, "2026-12-24T00:00:00Z", 3), expected, "{cron} {days}");
    }
}

/// `shop` works on a day that is off elsewhere.
#[test]
fn a_make_up_day_of_any_calendar_is_worked_for_lists_of_days_as_for_windows() {
    let tables =
        format!("{OFF}\n[calendars.shop]\ndates = [\"2026-12-28\"]\nworkdays = [\"2026-12-25\"]");
    let both = "[\"off\", \"shop\"]";
    let from = "2026-12-24T00:00:00Z";
    for (days, expected) in [
        (format!("skip_on = {both}"), ["12-24 12:00", "12-25 12:00", "12-26 12:00", "12-27 12:00"]),
        (format!("only_on = {both}"), ["12-28 12:00", "12-30 12:00", "12-31 12:00", "01-01 12:00"]),
    ] {
        let rule = rule(&tables, "0 12 * * *", &days);
        assert_eq!(next(&rule, from, 4), expected, "{days}");
    }
    let text = format!(
        "timezone = \"Asia/Seoul\"\naccounts.main.platform = \"vpc\"\n{tables}\n[[rules]]\n\
         name = \"window\"\noff_days = {both}\nselect = {{ names = [\"*\"] }}\n"
    );
    let (window, _) = Schedules::parse(Path::new("s.toml"), &text).unwrap();
    let begins = next(&window.rules[0], from, 2);
    assert_eq!(begins, ["12-28 00:00", "12-30 00:00"]);
}

#[test]
fn workdays_of_no_calendar_are_monday_to_friday() {
    let rule = rule("", "0 20 * * *", "on = \"workdays\"");
    assert_eq!(next(&rule, "2026-12-25T00:00:00Z", 2), ["12-25 20:00", "12-28 20:00"]);
}

#[test]
fn a_calendar_is_one_of_local_days_in_the_zone_of_the_rule() {
    let days = "skip_on = [\"off\"]\ntimezone = \"America/New_York\"";
    let rule = rule(OFF, "0 20 * * *", days);
    let skipped: Vec<_> = rule.skipped("2026-12-25T01:00:00Z".parse().unwrap()).take(2).collect();
    let told: Vec<_> = skipped
        .iter()
        .map(|it| (rule.timezone.show(it.occurrence.at).to_rfc3339(), it.skip.to_string()))
        .collect();
    assert_eq!(
        told,
        [
            ("2026-12-25T20:00:00-05:00".to_owned(), "a day of off".to_owned()),
            ("2026-12-30T20:00:00-05:00".to_owned(), "a day of off".to_owned()),
        ]
    );
}

/// There was no 30 December 2011 in Apia: what was written for it fires as the 31st begins.
#[test]
fn what_a_jump_moves_to_another_day_counts_for_the_day_it_was_written_for() {
    let dates = |day: &str| format!("[calendars.off]\ndates = [\"{day}\"]");
    for (cron, off, expected) in [
        ("0 20 * * *", "2011-12-30", &["12-29 20:00", "12-31 20:00"][..]),
        ("0 20 * * *", "2011-12-31", &["12-29 20:00", "12-31 00:00", "01-01 20:00"]),
        ("0 0 * * *", "2011-12-30", &["12-29 00:00", "12-31 00:00", "01-01 00:00"]),
        ("0 0 * * *", "2011-12-31", &["12-29 00:00", "12-31 00:00", "01-01 00:00"]),
    ] {
        let days = "skip_on = [\"off\"]\ntimezone = \"Pacific/Apia\"";
        let rule = rule(&dates(off), cron, days);
        let found = next(&rule, "2011-12-29T09:00:00Z", expected.len());
        assert_eq!(found, expected, "{cron}, off on {off}");
    }
}

#[test]
fn a_rule_whose_calendar_has_ended_is_done_at_once() {
    let rule = rule(OFF, "* * * * *", "only_on = [\"off\"]");
    assert_eq!(rule.next_after("2027-01-01T14:59:00Z".parse().unwrap()), None);
}

#[test]
fn an_empty_calendar_keeps_a_rule_from_firing_and_is_warned_of() {
    let (file, warnings) =
        file("[calendars.off]\ndates = []", "0 20 * * *", "only_on = [\"off\"]").unwrap();
    assert_eq!(file.rules[0].next_after(DateTime::UNIX_EPOCH), None);
    assert_eq!(warnings.iter().map(|it| &it.message).collect::<Vec<_>>(), ["`off` has no day"]);
}

#[test]
fn a_text_that_was_good_is_recalled_after_its_calendar_has_gone() {
    let tables = "[calendars.off]\nics = \"off.ics\"";
    let refused = file(tables, "0 20 * * *", "only_on = [\"off\"]").unwrap_err();
    assert_eq!(refused.len(), 1, "{refused:?}");
    let text = format!(
        "timezone = \"Asia/Seoul\"\naccounts.main.platform = \"vpc\"\n{tables}\n[[rules]]\n\
         name = \"night\"\naction = \"stop\"\ncron = \"0 20 * * *\"\nonly_on = [\"off\"]\n\
         select = {{ names = [\"*\"] }}\n"
    );
    let (file, _) = Schedules::recall(Path::new("s.toml"), &text).unwrap();
    assert_eq!(file.rules[0].name.as_str(), "night");
    assert!(file.rules[0].times.days.only_on[0].holidays.is_empty());
}

fn calendar(name: &str, days: &BTreeSet<NaiveDate>) -> Arc<Calendar> {
    Arc::new(Calendar {
        name: name.to_owned(),
        holidays: days.iter().map(|day| (*day, None)).collect(),
        listed: days.clone(),
        ..Calendar::default()
    })
}

fn times(pattern: &str, days: Days) -> Times {
    Times {
        pattern: Pattern::Cron(pattern.parse::<Cron>().unwrap()),
        days,
        overrides: Overrides::NONE,
    }
}

fn all(times: &Times, zone: Zone, from: DateTime<Utc>) -> Vec<Occurrence> {
    let until = from + TimeDelta::days(60);
    times.occurrences(zone, from).take_while(|it| it.at <= until).collect()
}

proptest! {
    /// Sixty days around a turn of the clocks, of which some are off.
    #[test]
    fn what_is_skipped_and_what_alone_is_chosen_are_the_two_parts_of_all_firings(
        zone in select(&ZONES[..]),
        pattern in select(&PATTERNS[..]),
        begin in select(&["2026-03-01", "2026-10-01", "2027-02-20", "2027-10-10"][..]),
        off in prop::collection::btree_set(0_i64..60, 1..30),
    ) {
        let zone: Zone = zone.parse().unwrap();
        let first: NaiveDate = begin.parse().unwrap();
        let from = first.and_hms_opt(12, 0, 0).unwrap().and_utc();
        let off: BTreeSet<NaiveDate> = off.iter().map(|at| first + TimeDelta::days(*at)).collect();
        let off = calendar("off", &off);
        let skip_on = Days { skip_on: vec![Arc::clone(&off)], ..Days::default() };
        let only_on = Days { only_on: vec![Arc::clone(&off)], ..Days::default() };
        let everything = all(&times(pattern, Days::default()), zone, from);
        let is_off = |it: &Occurrence| off.holidays.contains_key(&it.day(zone));
        let (chosen, left): (Vec<_>, Vec<_>) = everything.iter().copied().partition(is_off);
        prop_assert_eq!(all(&times(pattern, skip_on.clone()), zone, from), left);
        prop_assert_eq!(all(&times(pattern, only_on), zone, from), chosen.clone());
        let skipped = times(pattern, skip_on);
        let until = from + TimeDelta::days(60);
        let skipped: Vec<_> = skipped.skipped(zone, from).map(|it| it.occurrence)
            .take_while(|it| it.at <= until).collect();
        let mut of_day = chosen;
        of_day.dedup_by_key(|it| it.day(zone));
        prop_assert_eq!(skipped, of_day);
    }

    #[test]
    fn workdays_are_weekdays_less_holidays_and_make_up_days_besides(
        off in prop::collection::btree_set(0_i64..60, 0..20),
        worked in prop::collection::btree_set(0_i64..60, 0..20),
    ) {
        let first: NaiveDate = "2026-11-01".parse().unwrap();
        let day = |at: &i64| first + TimeDelta::days(*at);
        let off: BTreeSet<NaiveDate> = off.difference(&worked).map(day).collect();
        let mut calendar = Arc::unwrap_or_clone(calendar("off", &off));
        calendar.workdays = worked.iter().map(day).collect();
        let on = Some(Workdays { of: Some(Arc::new(calendar.clone())) });
        let days = Days { on, ..Days::default() };
        let is_weekday = |day: &NaiveDate| !["Sat", "Sun"].contains(&&*day.format("%a").to_string());
        for at in 0..60 {
            let day = day(&at);
            let is_worked = calendar.workdays.contains(&day)
                || (is_weekday(&day) && !off.contains(&day));
            prop_assert_eq!(days.skips(day).is_none(), is_worked, "{}", day);
            let next = (0..).map(|more| day + TimeDelta::days(more));
            let expected = next.take(400).find(|day| days.skips(*day).is_none());
            prop_assert_eq!(days.first_from(day), expected);
        }
    }
}
