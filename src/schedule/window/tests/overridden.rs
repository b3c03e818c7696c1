//! Windows on the days of overrides, and around them.

use std::sync::Arc;

use super::*;
use crate::schedule::overrides::{Change, Override, Overrides};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn hours(off: &[&str]) -> Hours {
    off.iter().map(|span| span.parse::<OffHours>().unwrap()).collect()
}

/// Overrides from a day until another, with other hours off, or without any.
fn overrides(all: &[(&str, &str, &[&str])]) -> Overrides {
    let mut overrides = Overrides::NONE;
    for (from, until, off) in all {
        let change = if off.is_empty() { Change::Skip } else { Change::Off(hours(off)) };
        let it = Override { from: day(from), until: day(until), change, because: None };
        overrides.add(Arc::new(it)).unwrap();
    }
    overrides
}

/// The firings of some days with a star at those that an override makes what they are.
fn starred(
    (window, overrides): (&Window, &Overrides),
    zone: Zone,
    (from, days): (&str, u64),
) -> Vec<String> {
    let first = day(from);
    let midnight =
        |day: NaiveDate| Occurrence::once(zone, day.into()).at - TimeDelta::milliseconds(1);
    let mut firings = Vec::new();
    for action in [Action::Stop, Action::Start] {
        let mut after = midnight(first);
        while let Some(next) = window.next_after(overrides, (action, zone), after)
            && next.at <= midnight(first + Days::new(days))
        {
            let changed = window.changed_by(overrides, (action, zone), &next);
            let star = changed.map_or("", |_| " *");
            let at = zone.show(next.at).format("%a %d %H:%M");
            firings.push((next.at, format!("{action} {at}{star}")));
            after = next.at;
        }
    }
    firings.sort();
    firings.into_iter().map(|(_, firing)| firing).collect()
}

/// The hours and days of a window, its overrides, the first of the days and their number, and the
/// expected firings.
type Case<'a> = (
    (&'a [&'a str], &'a [&'a str]),
    &'a [(&'a str, &'a str, &'a [&'a str])],
    (&'a str, u64),
    &'a [&'a str],
);

const NIGHTS: (&[&str], &[&str]) = (&["20:00-08:00"], &["weekends"]);

fn compare(cases: &[Case<'_>], name: &str) {
    for ((off, days), all, span, expected) in cases {
        let (window, overrides) = (window(off, days), overrides(all));
        assert_eq!(starred((&window, &overrides), zone(name), *span), *expected, "{all:?}");
    }
}

#[test]
fn an_override_replaces_the_hours_off_that_begin_on_its_days() {
    // 2026-12-07 is a Monday.
    let cases: [Case<'_>; 6] = [
        // A week of later nights. The last one joins the weekend.
        (
            NIGHTS,
            &[("2026-12-07", "2026-12-11", &["23:00-09:00"])],
            ("2026-12-06", 10),
            &[
                "start Mon 07 08:00",
                "stop Mon 07 23:00 *",
                "start Tue 08 09:00 *",
                "stop Tue 08 23:00 *",
                "start Wed 09 09:00 *",
                "stop Wed 09 23:00 *",
                "start Thu 10 09:00 *",
                "stop Thu 10 23:00 *",
                "start Fri 11 09:00 *",
                "stop Fri 11 23:00 *",
                "start Mon 14 08:00",
                "stop Mon 14 20:00",
                "start Tue 15 08:00",
                "stop Tue 15 20:00",
            ],
        ),
        // No night begins on these days. The night before ends, and the weekend begins by itself.
        (
            NIGHTS,
            &[("2026-12-09", "2026-12-11", &[])],
            ("2026-12-08", 7),
            &[
                "start Tue 08 08:00",
                "stop Tue 08 20:00",
                "start Wed 09 08:00",
                "stop Sat 12 00:00 *",
                "start Mon 14 08:00",
                "stop Mon 14 20:00",
            ],
        ),
        // The day before a weekend.
        (
            NIGHTS,
            &[("2026-12-11", "2026-12-11", &[])],
            ("2026-12-10", 5),
            &[
                "start Thu 10 08:00",
                "stop Thu 10 20:00",
                "start Fri 11 08:00",
                "stop Sat 12 00:00 *",
                "start Mon 14 08:00",
                "stop Mon 14 20:00",
            ],
        ),
        // The first day of a weekend: the night from Friday on ends as nights do.
        (
            NIGHTS,
            &[("2026-12-12", "2026-12-12", &[])],
            ("2026-12-11", 4),
            &[
                "start Fri 11 08:00",
                "stop Fri 11 20:00",
                "start Sat 12 08:00 *",
                "stop Sun 13 00:00 *",
                "start Mon 14 08:00",
                "stop Mon 14 20:00",
            ],
        ),
        // The last day of a weekend: the night that began on Saturday ends on Sunday.
        (
            NIGHTS,
            &[("2026-12-13", "2026-12-13", &[])],
            ("2026-12-11", 5),
            &[
                "start Fri 11 08:00",
                "stop Fri 11 20:00",
                "start Sun 13 08:00 *",
                "stop Mon 14 20:00",
                "start Tue 15 08:00",
                "stop Tue 15 20:00",
            ],
        ),
        // A weekend that is worked, with its nights off.
        (
            NIGHTS,
            &[("2026-12-12", "2026-12-13", &["22:00-06:00"])],
            ("2026-12-11", 4),
            &[
                "start Fri 11 08:00",
                "stop Fri 11 20:00",
                "start Sat 12 08:00 *",
                "stop Sat 12 22:00 *",
                "start Sun 13 06:00 *",
                "stop Sun 13 22:00 *",
                "start Mon 14 06:00 *",
                "stop Mon 14 20:00",
            ],
        ),
    ];
    compare(&cases, "Asia/Seoul");
}

#[test]
fn at_the_edges_of_an_override_hours_and_days_off_run_together() {
    let cases: [Case<'_>; 6] = [
        // The new hours begin before the night before has ended, so the two are one.
        (
            NIGHTS,
            &[("2026-12-08", "2026-12-08", &["07:00-10:00"])],
            ("2026-12-07", 4),
            &[
                "start Mon 07 08:00",
                "stop Mon 07 20:00",
                "start Tue 08 10:00 *",
                "stop Wed 09 20:00",
                "start Thu 10 08:00",
                "stop Thu 10 20:00",
            ],
        ),
        // The last of the new hours go on into the next day's own.
        (
            (&["06:00-08:00"], &[]),
            &[("2026-12-08", "2026-12-08", &["22:00-07:00"])],
            ("2026-12-08", 2),
            &["stop Tue 08 22:00 *", "start Wed 09 08:00"],
        ),
        // Two overrides one after the other.
        (
            NIGHTS,
            &[
                ("2026-12-08", "2026-12-08", &["22:00-07:00"]),
                ("2026-12-09", "2026-12-09", &["12:00-13:00"]),
            ],
            ("2026-12-08", 3),
            &[
                "start Tue 08 08:00",
                "stop Tue 08 22:00 *",
                "start Wed 09 07:00 *",
                "stop Wed 09 12:00 *",
                "start Wed 09 13:00 *",
                "stop Thu 10 20:00",
            ],
        ),
        // Whole days alone.
        (
            (&[], &["weekends"]),
            &[("2026-12-12", "2026-12-12", &[]), ("2026-12-16", "2026-12-16", &["20:00-08:00"])],
            ("2026-12-11", 9),
            &[
                "stop Sun 13 00:00 *",
                "start Mon 14 00:00",
                "stop Wed 16 20:00 *",
                "start Thu 17 08:00 *",
                "stop Sat 19 00:00",
            ],
        ),
        // The same hours as ever: nothing but the mark is different.
        (
            NIGHTS,
            &[("2026-12-08", "2026-12-08", &["20:00-08:00"])],
            ("2026-12-08", 2),
            &[
                "start Tue 08 08:00",
                "stop Tue 08 20:00 *",
                "start Wed 09 08:00",
                "stop Wed 09 20:00",
            ],
        ),
        // Hours that begin at midnight begin on their own day.
        (
            (&["00:00-08:00"], &[]),
            &[("2026-12-08", "2026-12-08", &[])],
            ("2026-12-07", 3),
            &["stop Mon 07 00:00", "start Mon 07 08:00", "stop Wed 09 00:00", "start Wed 09 08:00"],
        ),
    ];
    compare(&cases, "Asia/Seoul");
}

#[test]
fn an_override_follows_the_clock_on_the_wall_where_that_jumps() {
    let cases: [Case<'_>; 4] = [
        // 02:30 does not exist on Sunday, 2027-03-14.
        (
            (&["20:00-08:00"], &[]),
            &[("2027-03-13", "2027-03-13", &["23:00-02:30"])],
            ("2027-03-13", 2),
            &[
                "start Sat 13 08:00",
                "stop Sat 13 23:00 *",
                "start Sun 14 03:00 *",
                "stop Sun 14 20:00",
            ],
        ),
        (
            (&["20:00-08:00"], &[]),
            &[("2027-03-14", "2027-03-14", &["02:15-02:45"])],
            ("2027-03-13", 3),
            &["start Sat 13 08:00", "stop Sat 13 20:00", "start Sun 14 08:00", "stop Mon 15 20:00"],
        ),
        // 01:30 comes twice on Sunday, 2027-11-07.
        (
            (&["20:00-08:00"], &[]),
            &[("2027-11-06", "2027-11-06", &["23:00-01:30"])],
            ("2027-11-06", 2),
            &[
                "start Sat 06 08:00",
                "stop Sat 06 23:00 *",
                "start Sun 07 01:30 *",
                "stop Sun 07 20:00",
            ],
        ),
        (
            (&["20:00-01:30"], &[]),
            &[("2027-11-07", "2027-11-07", &[])],
            ("2027-11-06", 3),
            &["start Sat 06 01:30", "stop Sat 06 20:00", "start Sun 07 01:30", "stop Mon 08 20:00"],
        ),
    ];
    compare(&cases, "America/New_York");
}
