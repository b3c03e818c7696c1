//! Tests of rules and of the days that they give.

use chrono::{DateTime, TimeZone};
use proptest::prelude::*;
use proptest::sample::select;
use rrule::{RRule, RRuleSet, Unvalidated};

use super::*;
use crate::schedule::calendar::ics::lines::Lines;

struct Nothing;

impl Except for Nothing {
    fn concerns(&self, _: NaiveDate) -> bool {
        false
    }

    fn takes(&mut self, _: NaiveDateTime) -> bool {
        false
    }
}

fn rule(text: &str) -> Result<Rule, String> {
    let text = format!("RRULE:{text}");
    let line = Lines::of(text.as_bytes()).next().unwrap().unwrap();
    Rule::of(&line).map_err(|error| error.message)
}

/// The first days of a rule that begins on a day.
fn days(text: &str, start: &str, most: usize) -> Result<Vec<String>, String> {
    let rule = rule(text)?;
    let start = NaiveDate::parse_from_str(start, "%Y%m%d").unwrap().and_time(NaiveTime::MIN);
    let mut found = Vec::new();
    let series = Series::of_days(&rule, start, None);
    let told = series.expand(&mut Nothing, &mut Work::new(), &mut |_, span| {
        found.push(span.first.date().to_string());
        if found.len() == most { Err(Stop) } else { Ok(()) }
    });
    assert!(told.is_ok() || found.len() == most);
    Ok(found)
}

#[test]
fn rules_come_to_their_days() {
    for (rule, start, expected) in [
        ("FREQ=YEARLY", "20241225", &["2024-12-25", "2025-12-25", "2026-12-25"][..]),
        ("FREQ=YEARLY;COUNT=2", "20241225", &["2024-12-25", "2025-12-25"]),
        ("FREQ=YEARLY", "20240229", &["2024-02-29", "2028-02-29", "2032-02-29"]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", "20260130", &["2026-01-30", "2026-02-27"]),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=2", "20261126", &["2026-11-26", "2027-11-25"]),
        ("FREQ=DAILY;INTERVAL=2;COUNT=2;WKST=MO", "20261126", &["2026-11-26", "2026-11-28"]),
        ("freq=weekly; byday=fr ;count=2;", "20261204", &["2026-12-04", "2026-12-11"]),
        // The last workday of a month.
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "20261130",
            &["2026-11-30", "2026-12-31", "2027-01-29"],
        ),
        // The start gives the day of the week.
        ("FREQ=YEARLY;BYWEEKNO=20", "20260514", &["2026-05-14", "2027-05-20", "2028-05-18"]),
        // A week belongs to the year that has most of its days.
        (
            "FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU",
            "20200101",
            &["2021-01-03", "2027-01-03", "2033-01-02"],
        ),
        ("FREQ=YEARLY;BYYEARDAY=-1", "20261231", &["2026-12-31", "2027-12-31", "2028-12-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "20261031", &["2026-10-31", "2026-12-31", "2027-01-31"]),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO",
            "20261129",
            &["2026-11-29", "2026-12-07", "2026-12-13"],
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
            "20261129",
            &["2026-11-29", "2026-11-30", "2026-12-13"],
        ),
    ] {
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        assert_eq!(days(rule, start, 3), Ok(expected), "{rule}");
    }
}

#[test]
fn what_is_no_rule_is_refused() {
    for text in [
        "",
        "FREQ",
        "FREQ=FORTNIGHTLY",
        "FREQ=매년",
        "INTERVAL=2",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=some",
        "FREQ=WEEKLY;BYDAY=XXMO",
        "FREQ=WEEKLY;BYDAY=MONDAY",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYDAY=휴",
        "FREQ=MONTHLY;BYYEARDAY=1",
        "FREQ=MONTHLY;BYWEEKNO=1",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=1,",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYSETPOS=367",
        "FREQ=YEARLY;WKST=1",
        "FREQ=YEARLY;BYEASTER=0",
        "FREQ=HOURLY;BYSETPOS=1",
        "RSCALE=CHINESE;FREQ=YEARLY",
    ] {
        assert!(rule(text).is_err(), "{text}");
    }
}

#[test]
fn a_rule_that_moves_days_is_known_by_the_days_that_it_can_miss() {
    for (text, start, can_miss) in [
        ("FREQ=YEARLY", "20261224", false),
        ("FREQ=YEARLY", "20240229", true),
        ("FREQ=MONTHLY", "20261228", false),
        ("FREQ=MONTHLY", "20261231", true),
        ("FREQ=MONTHLY;BYMONTHDAY=-30", "20261202", true),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", "20261231", false),
        ("FREQ=YEARLY;BYMONTH=11,12;BYMONTHDAY=31", "20261231", true),
        ("FREQ=YEARLY;BYYEARDAY=366", "20261231", true),
        ("FREQ=MONTHLY;BYDAY=5FR", "20261030", false),
        ("FREQ=DAILY", "20261231", false),
    ] {
        let rule = rule(text).unwrap();
        let start = NaiveDate::parse_from_str(start, "%Y%m%d").unwrap().and_time(NaiveTime::MIN);
        assert_eq!(Series::of_days(&rule, start, None).can_miss_a_day(), can_miss, "{text}");
    }
}

const PARTS: [&str; 24] = [
    "INTERVAL=1",
    "INTERVAL=2",
    "INTERVAL=3",
    "INTERVAL=7",
    "COUNT=1",
    "COUNT=9",
    "COUNT=40",
    "BYDAY=MO",
    "BYDAY=SA,SU",
    "BYDAY=1MO,-1FR",
    "BYDAY=5TU,2WE",
    "BYDAY=MO,TU,WE,TH,FR",
    "BYMONTH=2",
    "BYMONTH=1,6,12",
    "BYMONTHDAY=1,15",
    "BYMONTHDAY=-1,31",
    "BYMONTHDAY=13",
    "BYYEARDAY=1,60,-1",
    "BYWEEKNO=1,20;BYDAY=MO,FR,SU",
    "BYWEEKNO=-10,30;BYDAY=TU,TH",
    "BYSETPOS=1,-1",
    "BYSETPOS=2,3",
    "WKST=SU",
    "WKST=WE",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    // The other reader is wrong in two cases, which are not compared: (1) the first days of January
    // in the last week of the year before; (2) the part of a week before the start.
    #[test]
    fn rules_come_to_the_days_that_another_reader_has(
        every in select(&["YEARLY", "MONTHLY", "WEEKLY", "DAILY"][..]),
        parts in prop::collection::btree_set(select(&PARTS[..]), 0..5),
        start in 0_i64..3650,
    ) {
        let mut keys: Vec<&str> = Vec::new();
        let mut text = format!("FREQ={every}");
        for part in parts.iter().flat_map(|part| part.split(';')) {
            let key = part.split('=').next().unwrap();
            if !keys.contains(&key) {
                keys.push(key);
                text = format!("{text};{part}");
            }
        }
        prop_assume!(every != "WEEKLY" || !keys.contains(&"BYSETPOS"));
        let start = (NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + TimeDelta::days(start)).and_time(NaiveTime::MIN);
        let begin = rrule::Tz::UTC.from_utc_datetime(&start);
        let other: Result<RRule<Unvalidated>, _> = text.parse();
        let other = other.ok().and_then(|other| other.validate(begin).ok());
        let found = days(&text, &start.format("%Y%m%d").to_string(), 40);
        let (Some(other), Ok(found)) = (other, found) else { return Ok(()) };
        let until = rrule::Tz::UTC.with_ymd_and_hms(2099, 12, 31, 0, 0, 0).unwrap();
        let other = RRuleSet::new(begin).rrule(other).before(until).all(40);
        let other: Vec<String> = other.dates.iter().map(DateTime::date_naive).map(|it| it.to_string()).collect();
        prop_assert_eq!(found, other, "{} from {}", text, start);
    }
}
