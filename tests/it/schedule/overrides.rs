//! `[[overrides]]` in a file: what a rule does on these days, and what is wrong with an entry.

use std::path::Path;

use chrono::{DateTime, Utc};
use lightsout::schedule::readback::read_back;
use lightsout::schedule::{Problem, Rule, Schedules};
use proptest::prelude::*;

const HEAD: &str = "timezone = 'Asia/Seoul'\naccounts.main.platform = 'vpc'\n\
    calendars.off.dates = ['2026-12-09']\n\
    [[rules]]\nname = 'nightly'\naction = 'stop'\ncron = '0 20 * * *'\nselect.names = ['a*']\n\
    [[rules]]\nname = 'workdays'\naction = 'stop'\ncron = '0 21 * * *'\non = 'workdays:off'\n\
    select.names = ['b*']\n\
    [[rules]]\nname = 'hours'\noff = '20:00-08:00'\nselect.names = ['c*']\n";

fn text(overrides: &str) -> String {
    format!("{HEAD}{overrides}")
}

fn read(overrides: &str) -> Schedules {
    let read = Schedules::parse(Path::new("s.toml"), &text(overrides));
    read.unwrap_or_else(|problems| panic!("{problems:?}")).0
}

fn entry(rules: &str, lines: &str) -> String {
    format!("[[overrides]]\nrules = {rules}\nfrom = '2026-12-08'\nuntil = '2026-12-10'\n{lines}\n")
}

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}:00+09:00").parse().unwrap()
}

/// The firings of a week from Monday on, and those that do not take place, in local time.
fn week(rule: &Rule) -> Vec<String> {
    let (from, until) = (at("2026-12-06T23:59"), at("2026-12-13T12:00"));
    let shown = |at| rule.timezone.show(at).format("%a %H:%M").to_string();
    let fired = rule.occurrences(from).take_while(|it| it.at <= until).map(|it| {
        let changed = rule.override_of(&it).map(|it| format!(" {it}")).unwrap_or_default();
        (it.at, format!("{}{changed}", shown(it.at)))
    });
    let skipped = rule.skipped(from).take_while(|it| it.occurrence.at <= until);
    let skipped = skipped
        .map(|it| (it.occurrence.at, format!("not {}: {}", shown(it.occurrence.at), it.skip)));
    let mut week: Vec<_> = fired.chain(skipped).collect();
    week.sort();
    week.into_iter().map(|(_, firing)| firing).collect()
}

#[test]
fn a_skip_leaves_out_the_firings_of_a_cron_rule_and_says_why() {
    let file = read(&entry("['nightly', 'workdays']", "skip = true\nbecause = 'release'"));
    let skipped = ["not Tue 20:00: release", "not Wed 20:00: release", "not Thu 20:00: release"];
    let expected = [&["Mon 20:00"][..], &skipped, &["Fri 20:00", "Sat 20:00"]].concat();
    assert_eq!(week(&file.rules[0]), expected);
    assert_eq!(
        week(&file.rules[1]),
        [
            "Mon 21:00",
            "not Tue 21:00: release",
            "not Wed 21:00: release",
            "not Thu 21:00: release",
            "Fri 21:00",
        ]
    );
}

#[test]
fn a_cron_of_an_override_stands_in_the_place_of_the_rules_own() {
    let later = "cron = '30 22 * * *'\nbecause = 'a demo'";
    let file = read(&entry("['nightly', 'workdays']", later));
    let of = "at `30 22 * * *` from 2026-12-08 until 2026-12-10 (a demo)";
    assert_eq!(
        week(&file.rules[0]),
        [
            "Mon 20:00".to_owned(),
            format!("Tue 22:30 {of}"),
            format!("Wed 22:30 {of}"),
            format!("Thu 22:30 {of}"),
            "Fri 20:00".to_owned(),
            "Sat 20:00".to_owned(),
        ]
    );
    // The holidays of the rule hold on these days too.
    assert_eq!(
        week(&file.rules[1]),
        [
            "Mon 21:00".to_owned(),
            format!("Tue 22:30 {of}"),
            format!("Thu 22:30 {of}"),
            "Fri 21:00".to_owned(),
        ]
    );
}

#[test]
fn a_skip_of_a_window_is_told_of_its_stops() {
    let file = read(&entry("['hours']", "skip = true"));
    let [stop, start] = file.entry("hours").unwrap() else { panic!() };
    assert_eq!(
        week(stop),
        [
            "Mon 20:00",
            "not Tue 20:00: an override",
            "not Wed 20:00: an override",
            "not Thu 20:00: an override",
            "Fri 20:00",
            "Sat 20:00",
        ]
    );
    assert_eq!(week(start), ["Mon 08:00", "Tue 08:00", "Sat 08:00", "Sun 08:00"]);
}

#[test]
fn the_stop_of_an_override_is_undone_when_its_own_hours_end() {
    let file = read(&entry("['hours']", "off = '23:00-10:00'"));
    let stop = &file.entry("hours").unwrap()[0];
    for (stop_at, start_at) in
        [("2026-12-07T20:00", "2026-12-08T08:00"), ("2026-12-10T23:00", "2026-12-11T10:00")]
    {
        assert_eq!(stop.undone_after(at(stop_at)), Some(at(start_at)));
    }
}

#[test]
fn a_rule_is_read_back_with_its_overrides() {
    let file = read(&(entry("['hours']", "off = '23:00-10:00'") + "because = 'a demo'\n"));
    assert_eq!(
        read_back(file.entry("hours").unwrap()),
        "rule `hours` stops and starts off 20:00-08:00; off 23:00-10:00 from 2026-12-08 until \
         2026-12-10 (a demo), Asia/Seoul: names `c*`"
    );
}

#[test]
fn each_mistake_in_an_override_is_told_at_its_place_with_what_to_do() {
    let both = |lines: &str| entry("['nightly']", "skip = true") + lines;
    let cases = [
        (entry("['nightl']", "skip = true"), "20:10 there is no rule `nightl`", "did you mean"),
        (entry("['zzz']", "skip = true"), "20:10 there is no rule `zzz`", "by their `name`"),
        (entry("[]", "skip = true"), "20:9 no rule is named", "name the rules"),
        (
            entry("['hours', 'hours']", "skip = true"),
            "20:19 `hours` is named twice",
            "once is enough",
        ),
        (
            entry("['hours', 'nightly']", "off = '23:00-08:00'"),
            "20:19 `off` says nothing to `nightly`, which is a rule with `cron`",
            "an override of its own",
        ),
        (
            entry("['nightly', 'hours']", "cron = '0 23 * * *'"),
            "20:21 `cron` says nothing to `hours`, which is a window",
            "an override of its own",
        ),
        (
            entry("['hours']", "off = '23:00-08:00'\nskip = true"),
            "24:8 `skip` cannot stand beside `off`",
            "has one of",
        ),
        (entry("['hours']", "skip = false"), "23:8 `skip = false` leaves", "skip = true"),
        (entry("['hours']", ""), "19:1 `off` is missing in an override", "or `skip`"),
        (entry("['hours']", "off = '23:00'"), "23:7 `23:00` does not say", "HH:MM-HH:MM"),
        (
            entry("['hours']", "off = ['08:00-20:00', '20:00-08:00']"),
            "23:7 the off-time never ends",
            "some time",
        ),
        (
            entry("['nightly']", "cron = '0 23 * * SUN'"),
            "23:8 `0 23 * * SUN` falls on none of these days",
            "skip = true",
        ),
        (entry("['nightly']", "cron = '0 25 * * *'"), "23:11 ", "23"),
        (
            entry("['nightly']", "skip = true")
                .replace("until = '2026-12-10'", "until = '2026-12-01'"),
            "22:9 an override from 2026-12-08 does not end on 2026-12-01",
            "the first day",
        ),
        (
            entry("['nightly']", "skip = true").replace("'2026-12-10'", "'2026-12-32'"),
            "22:9 `2026-12-32` is no day",
            "YYYY-MM-DD",
        ),
        (
            both(
                "[[overrides]]\nrules = ['hours', 'nightly']\nfrom = '2026-12-10'\nuntil = '2026-12-20'\nskip = true",
            ),
            "25:19 two overrides of `nightly` overlap: both have 2026-12-10",
            "line 19",
        ),
        (
            entry("['nightly']", "skip = true\nreason = 'x'"),
            "24:1 unknown key `reason` in an override",
            "because",
        ),
        (
            entry("['nightly']", "skip = true").replace("[[overrides]]", "[overrides]"),
            "19:1 `overrides` must be a list, not a table",
            "[[overrides]]",
        ),
    ];
    let mut wrong = Vec::new();
    for (overrides, place, hint) in cases {
        let problems = Schedules::parse(Path::new("s.toml"), &text(&overrides)).unwrap_err();
        let errors: Vec<&Problem> = problems.iter().filter(|it| it.is_error()).collect();
        let [error] = errors.as_slice() else { panic!("{overrides}: {problems:?}") };
        let said = format!("{}:{} {}", error.line, error.column, error.message);
        if !said.starts_with(place) || !error.hint.contains(hint) {
            wrong.push(format!("{said}: {}, not {place}: {hint}", error.hint));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_bare_day_of_an_override_is_one_that_lacks_its_quotes() {
    let bare = entry("['nightly']", "skip = true").replace("'2026-12-08'", "2026-12-08");
    let problems = Schedules::parse(Path::new("s.toml"), &text(&bare)).unwrap_err();
    let fixes: Vec<_> = problems.iter().filter_map(|it| it.fix.clone()).collect();
    let [fix] = fixes.as_slice() else { panic!("{problems:?}") };
    assert_eq!(fix.replacement, "\"2026-12-08\"");
}

#[test]
fn two_overrides_of_different_rules_or_days_stand_beside_each_other() {
    let next = "[[overrides]]\nrules = ['nightly']\nfrom = '2026-12-11'\nuntil = '2026-12-11'\n\
        cron = '0 23 * * *'\n";
    let file =
        read(&(entry("['nightly']", "skip = true") + &entry("['hours']", "skip = true") + next));
    let firings = week(&file.rules[0]);
    assert_eq!(firings[4], "Fri 23:00 at `0 23 * * *` on 2026-12-11", "{firings:?}");
}

#[test]
fn an_override_by_cron_on_holidays_of_its_rule_alone_is_warned_of() {
    let one = entry("['workdays']", "cron = '0 23 * * *'")
        .replace("2026-12-08", "2026-12-09")
        .replace("2026-12-10", "2026-12-09");
    let (_, warnings) = Schedules::parse(Path::new("s.toml"), &text(&one)).unwrap();
    let said: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["s.toml:23:8: `workdays` does not fire on these days"]);
}

#[test]
fn an_override_is_over_once_the_last_of_its_hours_has_ended() {
    for (rules, lines, over_at) in [
        ("['nightly']", "skip = true", "2026-12-11T00:00"),
        ("['nightly']", "cron = '0 23 * * *'", "2026-12-11T00:00"),
        ("['hours']", "off = '23:00-10:00'", "2026-12-11T10:00"),
        ("['hours']", "off = '12:00-13:00'", "2026-12-11T00:00"),
    ] {
        let file = read(&entry(rules, lines));
        let said = |at| -> Vec<String> {
            file.ended_overrides(at).iter().map(ToString::to_string).collect()
        };
        let over_at = at(over_at);
        assert_eq!(said(over_at - chrono::TimeDelta::seconds(1)), Vec::<String>::new(), "{lines}");
        let [told] = &*said(over_at) else { panic!("{lines}") };
        assert!(told.starts_with("s.toml:19:1: this override is over: "), "{told}");
    }
}

proptest! {
    /// Outside of its days an override by cron changes nothing, and on them only its own times
    /// count.
    #[test]
    fn an_override_by_cron_changes_its_days_alone(
        cron in prop::sample::select(&["0 20 * * *", "*/15 1-3 * * *", "30 2 * * *", "0 */6 * * *"][..]),
        other in prop::sample::select(&["15 21 * * *", "*/20 0-2 * * *", "skip"][..]),
        zone in prop::sample::select(&["Asia/Seoul", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"][..]),
        from in 0_u64..700,
        length in 0_u64..4,
    ) {
        let first = "2026-10-20".parse::<chrono::NaiveDate>().unwrap() + chrono::Days::new(from);
        let last = first + chrono::Days::new(length);
        let rule = |cron: &str, overrides: &str| {
            let text = format!(
                "timezone = '{zone}'\naccounts.main.platform = 'vpc'\n[[rules]]\nname = 'r'\n\
                 action = 'stop'\ncron = '{cron}'\nselect.names = ['*']\n{overrides}"
            );
            Schedules::parse(Path::new("s.toml"), &text).unwrap().0.rules[0].clone()
        };
        let change = if other == "skip" { "skip = true".to_owned() } else { format!("cron = '{other}'") };
        let entry = format!("[[overrides]]\nrules = ['r']\nfrom = '{first}'\nuntil = '{last}'\n{change}\n");
        let firings = |rule: &Rule| -> Vec<_> {
            let begin = (first - chrono::Days::new(3)).and_time(chrono::NaiveTime::MIN).and_utc();
            let until = begin + chrono::TimeDelta::days(12);
            rule.occurrences(begin).take_while(|it| it.at <= until).collect()
        };
        let usual = firings(&rule(cron, ""));
        let instead = if other == "skip" { Vec::new() } else { firings(&rule(other, "")) };
        let zone = rule(cron, "").timezone;
        let is_within = |day| (first..=last).contains(&day);
        let mut expected: Vec<_> = usual.into_iter().filter(|it| !is_within(it.day(zone))).collect();
        expected.extend(instead.into_iter().filter(|it| is_within(it.day(zone))));
        expected.sort_by_key(|it| it.at);
        expected.dedup_by_key(|it| it.at);
        let now: Vec<_> = firings(&rule(cron, &entry)).iter().map(|it| it.at).collect();
        prop_assert_eq!(now, expected.iter().map(|it| it.at).collect::<Vec<_>>());
    }
}
