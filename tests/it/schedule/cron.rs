//! Cron expressions: vectors on which several implementations agree, and the grammar.

use chrono::{DateTime, FixedOffset, Utc};
use lightsout::schedule::cron::Cron;
use lightsout::time::zone::Zone;
use proptest::prelude::*;

const VECTORS: &str = include_str!("../../schedule/cron_vectors.jsonl");

#[derive(serde::Deserialize)]
struct Vector {
    expr: String,
    tz: String,
    after: DateTime<FixedOffset>,
    expected_next: Vec<DateTime<FixedOffset>>,
}

#[test]
fn every_vector_fires_when_it_should() {
    let mut wrong = Vec::new();
    for line in VECTORS.lines() {
        let vector: Vector = serde_json::from_str(line).unwrap();
        let cron: Cron = vector.expr.parse().unwrap();
        let zone: Zone = vector.tz.parse().unwrap();
        let next: Vec<_> = cron
            .occurrences(zone, vector.after.to_utc())
            .take(vector.expected_next.len())
            .map(|occurrence| zone.show(occurrence.at))
            .collect();
        let expected: Vec<_> = vector.expected_next;
        // Offsets are compared too: `==` on a `DateTime` looks at the instant only.
        let texts = |times: &[DateTime<FixedOffset>]| {
            times.iter().map(DateTime::to_rfc3339).collect::<Vec<_>>()
        };
        if texts(&next) != texts(&expected) {
            wrong.push(format!("{line}\n  got {:?}", texts(&next)));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The days on which an expression at 20:00 fires first, from a day on.
#[test]
fn days_are_found_by_every_form_of_the_day_fields() {
    for (days, from, expected) in [
        ("* * MON-FRI", "2026-11-27", ["2026-11-27", "2026-11-30", "2026-12-01"]),
        ("* * mon,Wed", "2026-11-24", ["2026-11-25", "2026-11-30", "2026-12-02"]),
        ("* * 7", "2026-11-24", ["2026-11-29", "2026-12-06", "2026-12-13"]),
        ("* * 5-7", "2026-11-24", ["2026-11-27", "2026-11-28", "2026-11-29"]),
        ("* * FRI-SUN", "2026-11-24", ["2026-11-27", "2026-11-28", "2026-11-29"]),
        ("* * 1-5/2", "2026-11-24", ["2026-11-25", "2026-11-27", "2026-11-30"]),
        ("* jan,JUL 1", "2026-11-24", ["2027-01-04", "2027-01-11", "2027-01-18"]),
        ("? * 5", "2026-11-24", ["2026-11-27", "2026-12-04", "2026-12-11"]),
        ("13 * ?", "2026-11-24", ["2026-12-13", "2027-01-13", "2027-02-13"]),
        ("L * *", "2026-11-24", ["2026-11-30", "2026-12-31", "2027-01-31"]),
        ("l * *", "2027-02-01", ["2027-02-28", "2027-03-31", "2027-04-30"]),
        ("LW * *", "2026-12-01", ["2026-12-31", "2027-01-29", "2027-02-26"]),
        ("15W * *", "2027-05-01", ["2027-05-14", "2027-06-15", "2027-07-15"]),
        ("1W * *", "2027-05-01", ["2027-05-03", "2027-06-01", "2027-07-01"]),
        ("31W * *", "2026-12-01", ["2026-12-31", "2027-01-29", "2027-03-31"]),
        ("15,L * *", "2026-11-24", ["2026-11-30", "2026-12-15", "2026-12-31"]),
        ("* * 5#2", "2026-11-24", ["2026-12-11", "2027-01-08", "2027-02-12"]),
        ("* * FRI#2", "2026-11-24", ["2026-12-11", "2027-01-08", "2027-02-12"]),
        ("* * 7#5", "2026-11-24", ["2026-11-29", "2027-01-31", "2027-05-30"]),
        ("* * 5L", "2026-11-24", ["2026-11-27", "2026-12-25", "2027-01-29"]),
        ("* * fril", "2026-11-28", ["2026-12-25", "2027-01-29", "2027-02-26"]),
        // Neither day field begins with `*`: either suffices. One does: both must hold.
        ("13 * 5", "2026-12-05", ["2026-12-11", "2026-12-13", "2026-12-18"]),
        ("*/10 * 5", "2026-11-24", ["2026-12-11", "2027-01-01", "2027-05-21"]),
        ("13 * */5", "2026-11-24", ["2026-12-13", "2027-06-13", "2027-08-13"]),
        ("*,13 * 5", "2026-11-24", ["2026-11-27", "2026-12-04", "2026-12-11"]),
        ("13,* * 5", "2026-11-24", ["2026-11-24", "2026-11-25", "2026-11-26"]),
        ("29 2 *", "2026-11-24", ["2028-02-29", "2032-02-29", "2036-02-29"]),
        ("29 2 */7", "2026-11-24", ["2032-02-29", "2060-02-29", "2088-02-29"]),
    ] {
        let cron: Cron = format!("0 20 {days}").parse().unwrap();
        let midnight: DateTime<Utc> = format!("{from}T00:00:00Z").parse().unwrap();
        let fired: Vec<_> = cron
            .occurrences(Zone::UTC, midnight)
            .take(3)
            .map(|occurrence| occurrence.at.format("%F").to_string())
            .collect();
        assert_eq!(fired, expected, "{days}");
    }
}

#[test]
fn nicknames_and_seconds_mean_what_they_say() {
    for (expression, expected) in [
        ("@yearly", "2027-01-01T00:00:00"),
        ("@monthly", "2026-12-01T00:00:00"),
        ("@weekly", "2026-11-29T00:00:00"),
        ("@Daily", "2026-11-24T00:00:00"),
        ("@midnight", "2026-11-24T00:00:00"),
        (" @hourly ", "2026-11-23T13:00:00"),
        ("30 0 20 * * *", "2026-11-23T20:00:30"),
        ("*/20 5 12 * * *", "2026-11-23T12:05:00"),
        ("  0\t20  * * * ", "2026-11-23T20:00:00"),
    ] {
        let cron: Cron = expression.parse().unwrap();
        let noon: DateTime<Utc> = "2026-11-23T12:00:00.250Z".parse().unwrap();
        let next = cron.next_after(Zone::UTC, noon).unwrap().at;
        assert_eq!(next.format("%FT%T").to_string(), expected, "{expression}");
    }
}

/// An expression, the part of it that is wrong, what is said about that, and the hint.
const REFUSED: &[(&str, &str, &str, &str)] = &[
    (
        "0 20 * * SAT-MON",
        "SAT-MON",
        "day of week: the range `SAT-MON` runs backwards",
        "ranges do not wrap: write `SAT,SUN,MON`",
    ),
    (
        "0 22-6 * * *",
        "22-6",
        "hour: the range `22-6` runs backwards",
        "ranges do not wrap: write `22-23,0-6`",
    ),
    (
        "0 0 1 nov-jan *",
        "nov-jan",
        "month: the range `nov-jan` runs backwards",
        "ranges do not wrap: write `NOV-DEC,JAN`",
    ),
    ("0 20 0 * *", "0", "day of month: 0 is not within 1 to 31", "they are counted from 1"),
    (
        "0 20 32 * *",
        "32",
        "day of month: 32 is not within 1 to 31",
        "days go to 31; `L` is the last one of each month",
    ),
    ("0 20 1 13 *", "13", "month: 13 is not within 1 to 12", "write a number from 1 to 12"),
    (
        "0 20 * * 8",
        "8",
        "day of week: 8 is not within 0 to 7",
        "0 and 7 are Sunday, 1 is Monday, 6 is Saturday; names work too",
    ),
    (
        "0 20 32W * *",
        "32",
        "day of month: 32 is not within 1 to 31",
        "days go to 31; `L` is the last one of each month",
    ),
    (
        "0 20 5#2 * *",
        "5#2",
        "day of month: `5#2` is no day of month",
        "`5#2` belongs into the last field, the day of week",
    ),
    (
        "0 20 * * 1-5#2",
        "1-5#2",
        "day of week: `1-5#2` is about a range",
        "write each day on its own, each with its week",
    ),
    (
        "0 20 1-15W * *",
        "15W",
        "day of month: `15W` is no day of month",
        "`L` is the last day, `LW` the last weekday, `15W` the weekday nearest to the 15th",
    ),
    (
        "0 20 L,LW * *",
        "L,LW",
        "day of month: `L` and `LW` cannot stand in one list",
        "two rules can say it: one with `L`, one with `LW`",
    ),
    ("/10 20 * * *", "/10", "minute: `/10` has no range to step through", "write `*/10`"),
    ("*/x 20 * * *", "x", "minute: `x` is no step", "a step is a number behind the `/`"),
    ("*/+5 20 * * *", "+5", "minute: `+5` is no step", "a step is a number behind the `/`"),
    (
        "1-2-3 20 * * *",
        "1-2-3",
        "minute: `1-2-3` is no range",
        "a range goes from its first value to its last, with `-` between; any value is `*`",
    ),
    (
        "0 -5 * * *",
        "-5",
        "hour: `-5` is no range",
        "a range goes from its first value to its last, with `-` between; any value is `*`",
    ),
    ("0 20 ?,5 * *", "?", "day of month: `?` stands alone in its field", "leave out the rest"),
    (
        "0 LW * * *",
        "LW",
        "hour: `LW` is no hour",
        "write a number from 0 to 23, a list, a range or `*`",
    ),
    (
        "99999999999 20 * * *",
        "99999999999",
        "minute: 99999999999 is not within 0 to 59",
        "write a number from 0 to 59",
    ),
    (
        "٣ 20 * * *",
        "٣",
        "minute: `٣` is no minute",
        "write a number from 0 to 59, a list, a range or `*`",
    ),
    ("@annually", "@annually", "there is no nickname `@annually`", "write `@yearly`"),
    ("@daily 5", "@daily 5", "there is no nickname `@daily 5`", "a nickname stands alone"),
    (
        "0 0 30,31 2 *",
        "30,31 2 *",
        "`30,31 2 *` can never fire: no year has such a day",
        "the last day of every month is `L` in the day-of-month field",
    ),
    (
        "0 0 31 4,6,9,11 ?",
        "31 4,6,9,11 ?",
        "`31 4,6,9,11 ?` can never fire: no year has such a day",
        "the last day of every month is `L` in the day-of-month field",
    ),
    (
        "0 0 15W * */6",
        "15W * */6",
        "`15W * */6` can never fire: no year has such a day",
        "the last day of every month is `L` in the day-of-month field",
    ),
];

#[test]
fn an_expression_outside_the_grammar_is_refused_by_field() {
    for (expression, meant, message, hint) in REFUSED {
        let error = expression.parse::<Cron>().unwrap_err();
        let said = (&expression[error.span.clone()], error.to_string(), error.hint.as_str());
        assert_eq!(said, (*meant, (*message).to_owned(), *hint), "{expression}");
    }
}

#[test]
fn a_pattern_is_put_in_words_where_the_words_are_right() {
    let words = |expression: &str| expression.parse::<Cron>().unwrap().describe();
    assert_eq!(words("0 20 1,15 * *").as_deref(), Some("At 20:00, on day 1 and 15."));
    assert_eq!(words("0 20 LW * *"), None);
}

proptest! {
    #[test]
    fn reading_rubbish_never_panics_and_points_into_the_text(
        text in "[0-9*/,?LW# @a-zA-Z+-]{0,24}|.{0,24}"
    ) {
        if let Err(error) = text.parse::<Cron>() {
            prop_assert!(text.get(error.span.clone()).is_some(), "{:?} in {:?}", error.span, text);
            prop_assert!(!error.hint.is_empty());
        }
    }
}
