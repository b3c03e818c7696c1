//! What rules do where clocks jump: the cases that the contract decides, as tables.

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::schedule::cron::Cron;
use lightsout::time::zone::Zone;

/// Zone, expression, a local day, and what fires first from that day on: local times with offset,
/// and a note where there is one.
type Case<'a> = (&'a str, &'a str, &'a str, &'a [&'a str]);

const NEW_YORK: &str = "America/New_York";

/// Clocks in New York go from 02:00 to 03:00 on 2027-03-14.
const SPRING: [Case<'static>; 6] = [
    (
        NEW_YORK,
        "30 2 * * *",
        "2027-03-13",
        &[
            "2027-03-13T02:30:00-05:00",
            "2027-03-14T03:00:00-04:00 (02:30 does not exist on 2027-03-14, clocks go from 02:00 to 03:00: fires at 03:00)",
            "2027-03-15T02:30:00-04:00",
        ],
    ),
    // Two local times that land on the same instant are one firing.
    (
        NEW_YORK,
        "0,30 2,3 * * *",
        "2027-03-14",
        &[
            "2027-03-14T03:00:00-04:00 (02:00 does not exist on 2027-03-14, clocks go from 02:00 to 03:00: fires at 03:00)",
            "2027-03-14T03:30:00-04:00",
        ],
    ),
    // A range is a list of times, as a single number is one.
    (
        NEW_YORK,
        "0 1-3 * * *",
        "2027-03-14",
        &[
            "2027-03-14T01:00:00-05:00",
            "2027-03-14T03:00:00-04:00 (02:00 does not exist on 2027-03-14, clocks go from 02:00 to 03:00: fires at 03:00)",
        ],
    ),
    // The clock never shows 02:30, and the minute field begins with `*`.
    (
        NEW_YORK,
        "*/30 2 * * *",
        "2027-03-14",
        &["2027-03-15T02:00:00-04:00", "2027-03-15T02:30:00-04:00"],
    ),
    (
        NEW_YORK,
        "30 */2 * * *",
        "2027-03-14",
        &[
            "2027-03-14T00:30:00-05:00",
            "2027-03-14T04:30:00-04:00",
            "2027-03-14T06:30:00-04:00",
            "2027-03-14T08:30:00-04:00",
            "2027-03-14T10:30:00-04:00",
            "2027-03-14T12:30:00-04:00",
            "2027-03-14T14:30:00-04:00",
            "2027-03-14T16:30:00-04:00",
            "2027-03-14T18:30:00-04:00",
            "2027-03-14T20:30:00-04:00",
            "2027-03-14T22:30:00-04:00",
        ],
    ),
    // Half an hour is skipped on Lord Howe Island, from 02:00 to 02:30 on 2027-10-03.
    (
        "Australia/Lord_Howe",
        "15 2 * * *",
        "2027-10-03",
        &[
            "2027-10-03T02:30:00+11:00 (02:15 does not exist on 2027-10-03, clocks go from 02:00 to 02:30: fires at 02:30)",
        ],
    ),
];

/// Clocks in New York go from 02:00 back to 01:00 on 2027-11-07.
const AUTUMN: [Case<'static>; 5] = [
    (
        NEW_YORK,
        "30 1 * * *",
        "2027-11-07",
        &[
            "2027-11-07T01:30:00-04:00 (01:30 comes twice on 2027-11-07: fires the first time only)",
            "2027-11-08T01:30:00-05:00",
        ],
    ),
    (
        NEW_YORK,
        "*/30 1 * * *",
        "2027-11-07",
        &[
            "2027-11-07T01:00:00-04:00",
            "2027-11-07T01:30:00-04:00",
            "2027-11-07T01:00:00-05:00 (01:00 comes twice on 2027-11-07: second pass of a repeated hour)",
            "2027-11-07T01:30:00-05:00 (01:30 comes twice on 2027-11-07: second pass of a repeated hour)",
        ],
    ),
    // The first time that comes once again fires once.
    (
        NEW_YORK,
        "0 1-2 * * *",
        "2027-11-07",
        &[
            "2027-11-07T01:00:00-04:00 (01:00 comes twice on 2027-11-07: fires the first time only)",
            "2027-11-07T02:00:00-05:00",
        ],
    ),
    // Midnight itself comes twice in Cairo, from 24:00 back to 23:00.
    (
        "Africa/Cairo",
        "30 23 * * *",
        "2026-10-29",
        &[
            "2026-10-29T23:30:00+03:00 (23:30 comes twice on 2026-10-29: fires the first time only)",
            "2026-10-30T23:30:00+02:00",
        ],
    ),
    (
        "Australia/Lord_Howe",
        "45 * * * *",
        "2027-04-04",
        &[
            "2027-04-04T00:45:00+11:00",
            "2027-04-04T01:45:00+11:00",
            "2027-04-04T01:45:00+10:30 (01:45 comes twice on 2027-04-04: second pass of a repeated hour)",
            "2027-04-04T02:45:00+10:30",
            "2027-04-04T03:45:00+10:30",
        ],
    ),
];

/// Other jumps: a whole day that Samoa left out, a midnight that Santiago has not.
const ODD: [Case<'static>; 3] = [
    (
        "Pacific/Apia",
        "0 20 30 12 *",
        "2011-12-29",
        &[
            "2011-12-31T00:00:00+14:00 (20:00 does not exist on 2011-12-30, clocks go from 00:00 to 2011-12-31 00:00: fires at 2011-12-31 00:00)",
        ],
    ),
    (
        "Pacific/Apia",
        "0 */12 * * *",
        "2011-12-29",
        &[
            "2011-12-29T00:00:00-10:00",
            "2011-12-29T12:00:00-10:00",
            "2011-12-31T00:00:00+14:00",
            "2011-12-31T12:00:00+14:00",
        ],
    ),
    (
        "America/Santiago",
        "@daily",
        "2026-09-05",
        &[
            "2026-09-05T00:00:00-04:00",
            "2026-09-06T01:00:00-03:00 (00:00 does not exist on 2026-09-06, clocks go from 00:00 to 01:00: fires at 01:00)",
            "2026-09-07T00:00:00-03:00",
        ],
    ),
];

#[test]
fn clocks_that_jump_fire_rules_as_the_contract_says() {
    for (zone, expression, day, expected) in SPRING.iter().chain(&AUTUMN).chain(&ODD) {
        let cron: Cron = expression.parse().unwrap();
        let zone: Zone = zone.parse().unwrap();
        let noon: DateTime<Utc> = format!("{day}T12:00:00Z").parse().unwrap();
        let fired: Vec<String> = cron
            .occurrences(zone, noon - TimeDelta::days(2))
            .map(|occurrence| {
                let at = zone.show(occurrence.at).to_rfc3339();
                occurrence.note.map_or(at.clone(), |note| format!("{at} ({note})"))
            })
            .skip_while(|at| at.as_str() < *day)
            .take(expected.len())
            .collect();
        assert_eq!(fired, *expected, "{expression} in {zone}");
    }
}
