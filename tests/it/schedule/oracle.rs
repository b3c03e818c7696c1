//! Cron rules against an oracle that knows no shortcuts: it looks at every minute there is, and
//! reads expressions with a few lines of its own.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use lightsout::schedule::cron::Cron;
use lightsout::time::zone::Zone;
use proptest::prelude::*;

/// Zones and the days around which their clocks jump.
const JUMPS: [(&str, &str); 16] = [
    ("America/New_York", "2027-03-14"),
    ("America/New_York", "2027-11-07"),
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/Santiago", "2026-04-05"),
    ("America/Santiago", "2026-09-06"),
    ("Australia/Lord_Howe", "2027-04-04"),
    ("Australia/Lord_Howe", "2027-10-03"),
    ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2026-10-29"),
    ("America/St_Johns", "2026-03-08"),
    ("America/St_Johns", "2006-10-29"),
    ("Pacific/Apia", "2011-12-30"),
    ("Africa/Casablanca", "2026-02-15"),
    ("Asia/Seoul", "2026-11-23"),
    ("Antarctica/Troll", "2026-03-29"),
];

/// A field as plain sets: its text, and what it allows.
fn field(low: u32, high: u32) -> impl Strategy<Value = String> {
    let number = low..=high;
    let range =
        (number.clone(), number.clone()).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b)));
    let item = prop_oneof![
        3 => number.prop_map(|n| n.to_string()),
        2 => range.clone(),
        1 => (range, 1..=high).prop_map(|(range, step)| format!("{range}/{step}")),
        1 => (1..=high).prop_map(|step| format!("*/{step}")),
        1 => Just("*".to_owned()),
    ];
    prop_oneof![
        3 => Just("*".to_owned()),
        6 => prop::collection::vec(item, 1..4).prop_map(|items| items.join(",")),
    ]
}

/// Hours close to where clocks jump, so that jumps matter.
fn hours() -> impl Strategy<Value = String> {
    prop_oneof![
        field(0, 23),
        (0_u32..=4).prop_map(|hour| hour.to_string()),
        Just("0-4".to_owned()),
        Just("23,0,1,2".to_owned()),
    ]
}

prop_compose! {
    fn expression()(
        minute in field(0, 59),
        hour in hours(),
        day in prop_oneof![2 => Just("*".to_owned()), 1 => field(1, 31)],
        month in prop_oneof![4 => Just("*".to_owned()), 1 => field(1, 12)],
        weekday in prop_oneof![2 => Just("*".to_owned()), 1 => field(0, 7)],
    ) -> String {
        format!("{minute} {hour} {day} {month} {weekday}")
    }
}

fn allows(field: &str, (low, high): (u32, u32), value: u32) -> bool {
    field.split(',').any(|item| {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (low, high),
            Some((first, last)) => (first.parse().unwrap(), last.parse().unwrap()),
            None => (range.parse().unwrap(), range.parse().unwrap()),
        };
        let step: u32 = step.parse().unwrap();
        (first..=last).contains(&value) && (value - first).is_multiple_of(step)
    })
}

fn matches(expression: &str, local: NaiveDateTime) -> bool {
    let fields: Vec<_> = expression.split(' ').collect();
    let weekday = local.weekday().num_days_from_sunday();
    let by_date = allows(fields[2], (1, 31), local.day());
    let by_weekday =
        allows(fields[4], (0, 7), weekday) || weekday == 0 && allows(fields[4], (0, 7), 7);
    let day = if fields[2].starts_with('*') || fields[4].starts_with('*') {
        by_date && by_weekday
    } else {
        by_date || by_weekday
    };
    local.second() == 0
        && allows(fields[0], (0, 59), local.minute())
        && allows(fields[1], (0, 23), local.hour())
        && allows(fields[3], (1, 12), local.month())
        && day
}

/// Every firing in (from, to], minute by minute.
fn oracle(
    expression: &str,
    zone: Tz,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let follows_clock = expression.split(' ').take(2).any(|field| field.starts_with('*'));
    let minutes = |from: NaiveDateTime, to: NaiveDateTime| {
        std::iter::successors(Some(from), |at| Some(*at + TimeDelta::minutes(1)))
            .take_while(move |at| *at <= to)
    };
    let shown = |at: NaiveDateTime| zone.from_utc_datetime(&at).naive_local();
    let fired: BTreeSet<_> = if follows_clock {
        minutes(from.naive_utc(), to.naive_utc())
            .filter(|at| matches(expression, shown(*at)))
            .map(|at| at.and_utc())
            .collect()
    } else {
        // Each local time of the days around, at the first minute whose clock shows that time
        // or, where none does, at the first one that shows a later time.
        let day = TimeDelta::days(2);
        let clock: Vec<_> = minutes(from.naive_utc() - day, to.naive_utc() + day)
            .map(|at| (at, shown(at)))
            .collect();
        minutes(shown(from.naive_utc()) - day / 2, shown(to.naive_utc()) + day / 2)
            .filter(|local| matches(expression, *local))
            .filter_map(|local| {
                let exact = clock.iter().find(|(_, shown)| *shown == local);
                exact.or_else(|| clock.iter().find(|(_, shown)| *shown > local))
            })
            .map(|(at, _)| at.and_utc())
            .collect()
    };
    fired.into_iter().filter(|at| from < *at && *at <= to).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_rule_fires_at_the_minutes_that_the_oracle_finds(
        expression in expression(),
        (zone, day) in prop::sample::select(&JUMPS[..]),
        start in -1_500_i64..1_500,
    ) {
        let Ok(cron) = expression.parse::<Cron>() else {
            // Day and month may never come together; the oracle has nothing to say to that.
            return Ok(());
        };
        let noon: DateTime<Utc> = format!("{day}T12:00:00Z").parse().unwrap();
        let from = noon + TimeDelta::minutes(start);
        let to = from + TimeDelta::hours(30);
        let expected = oracle(&expression, zone.parse().unwrap(), from, to);
        let zone: Zone = zone.parse().unwrap();
        let fired: Vec<_> = cron
            .occurrences(zone, from)
            .map(|occurrence| occurrence.at)
            .take_while(|at| *at <= to)
            .collect();
        prop_assert_eq!(fired, expected, "{} in {} from {}", expression, zone, from);
    }

    #[test]
    fn the_next_firing_is_the_same_from_wherever_it_is_asked_for(
        expression in expression(),
        (zone, day) in prop::sample::select(&JUMPS[..]),
        start in -90_000_i64..90_000,
        shares in prop::collection::vec(0.0_f64..1.0, 4),
    ) {
        let Ok(cron) = expression.parse::<Cron>() else { return Ok(()) };
        let zone: Zone = zone.parse().unwrap();
        let noon: DateTime<Utc> = format!("{day}T12:00:00Z").parse().unwrap();
        let from = noon + TimeDelta::seconds(start);
        let next = cron.next_after(zone, from).unwrap();
        prop_assert!(next.at > from);
        let between = (next.at - from).num_milliseconds();
        for share in shares {
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any instant in between will do")]
            let later = from + TimeDelta::milliseconds((between as f64 * share) as i64);
            prop_assert_eq!(cron.next_after(zone, later), Some(next), "from {}", later);
        }
    }
}
