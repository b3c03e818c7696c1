//! Tests of the week.

use std::path::Path;

use super::*;

fn week(rules: &str, now: &str) -> Vec<WeekRow> {
    let text = format!("timezone = 'Asia/Seoul'\naccounts.main.platform = 'vpc'\n{rules}");
    let (file, _) = Schedules::parse(Path::new("s.toml"), &text).unwrap();
    Week::of_rules(&file, &[], (now.parse().unwrap(), Language::English)).rows
}

fn drawn(day: &DayPlan) -> String {
    let hour = |hour| match day.hour_off(hour) {
        HourOff::No => '.',
        HourOff::Part => '~',
        HourOff::Whole => '#',
    };
    (0..24).map(hour).collect()
}

#[test]
fn the_hours_off_of_a_window_are_known_to_the_minute() {
    let rows = week(
        "[[rules]]\nname = 'r'\noff = '20:30-08:00'\noff_days = ['SUN']\n\
         select.names = ['dev-*']\n\
         [[overrides]]\nrules = ['r']\nfrom = '2026-12-01'\nuntil = '2026-12-01'\nskip = true\n",
        "2026-11-28T03:10:00Z",
    );
    let days = &rows[0].days;
    assert_eq!(days.len(), 7);
    assert_eq!(days[0].now, Some(12 * 60 + 10));
    let drawn: Vec<String> = days.iter().take(5).map(drawn).collect();
    assert_eq!(
        drawn,
        [
            "########............~###",
            "########################",
            "########............~###",
            "########................",
            "....................~###",
        ]
    );
    assert_eq!(days[2].off, [(0, 480), (1230, 1440)]);
    assert!(days[3].changed.as_ref().unwrap().starts_with("skipped on 2026-12-01"));
}

#[test]
fn a_rule_that_fires_every_second_has_one_mark_an_hour() {
    let rows = week(
        "[[rules]]\nname = 'r'\naction = 'stop'\ncron = '* * 20-21 * * *'\n\
         select.names = ['dev-*']\n",
        "2026-11-28T03:10:00Z",
    );
    assert!(rows[0].days.iter().all(|day| day.stops == [1200, 1260] && day.off.is_empty()));
}
