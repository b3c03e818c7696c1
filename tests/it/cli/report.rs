//! `lightsout report` of a rehearsed quarter: what it says, and that the log says the same.

mod quarter;

use chrono::TimeDelta;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use super::shell::{ONE, Shell};
use quarter::quarter;

const RULES: &str = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n\
    [[rules]]\nname = \"night\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
    select = { names = [\"*\"] }\n\
    [[rules]]\nname = \"morning\"\naction = \"start\"\ncron = \"0 8 * * *\"\n\
    select = { names = [\"*\"] }\n\
    [prices.specs.\"s2-*\"]\nhour = 100\nstopped = 10\n";

/// July to September, in Seoul.
const QUARTER: &str = "--since 2026-07-01 --until 2026-10-01";
const NIGHTS: i64 = 92;

/// The lines of a kind.
fn of_kind<'l>(lines: &'l [Value], kind: &str) -> Vec<&'l Value> {
    lines.iter().filter(|line| line["kind"] == kind).collect()
}

/// Milliseconds of a number of hours.
fn millis(hours: &Value) -> i64 {
    let hours = hours.as_f64().unwrap();
    format!("{:.0}", hours * 3_600_000.0).parse().unwrap()
}

#[tokio::test]
async fn the_report_of_a_quarter_says_what_a_reader_finds_in_the_views_of_the_log() {
    let shell = quarter().await;
    let lines = shell.json(&format!("report {QUARTER}")).await;
    let total = &of_kind(&lines, "total")[0];
    for (place, expected) in [
        ("/servers", json!(3)),
        ("/stops/due", json!(92)),
        ("/stops/on_time", json!(90)),
        ("/stops/missed", json!(2)),
        ("/stops/came_true", json!(82)),
        ("/stops/fell_short", json!(8)),
        ("/starts/due", json!(91)),
        ("/starts/came_true", json!(91)),
        ("/nights", json!({ "off": 259, "running": 14, "unknown": 0 })),
        ("/unpriced_servers", json!(1)),
        ("/known", json!(1.0)),
    ] {
        assert_eq!(total.pointer(place), Some(&expected), "{place}: {total}");
    }
    let options = SqliteConnectOptions::new().filename(shell.path().join("lightsout.db"));
    let mut raw = SqliteConnection::connect_with(&options).await.unwrap();
    let outcomes: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT instance_no, outcome, count(*)
        FROM history
        WHERE coalesce(scheduled_at, started_at) >= '2026-06-30T15:00:00.000Z'
            AND coalesce(scheduled_at, started_at) < '2026-09-30T15:00:00.000Z'
            AND instance_no IS NOT NULL
        GROUP BY instance_no, outcome",
    )
    .fetch_all(&mut raw)
    .await
    .unwrap();
    assert_eq!(outcomes.iter().map(|(.., count)| count).sum::<i64>(), 543);
    let off: Vec<(String, i64)> = sqlx::query_as(
        "SELECT instance_no, sum(min(on_at, unixepoch('2026-09-30T15:00:00Z') * 1000) - seen_at)
        FROM (
            SELECT
                instance_no, status, seen_at,
                lead(booted_at) OVER (PARTITION BY instance_no ORDER BY seq) AS on_at
            FROM seen
        )
        WHERE status = 'NSTOP'
        GROUP BY instance_no
        ORDER BY instance_no",
    )
    .fetch_all(&mut raw)
    .await
    .unwrap();
    let missed: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM history WHERE rule = 'night' AND outcome = 'missed'",
    )
    .fetch_one(&mut raw)
    .await
    .unwrap();
    assert_eq!(total["stops"]["missed"], missed);
    raw.close().await.unwrap();
    let of = |no: &str| {
        of_kind(&lines, "instance").into_iter().find(|line| line["instance_no"] == no).unwrap()
    };
    for (no, outcome, count) in &outcomes {
        assert_eq!(of(no)["outcomes"][outcome], *count, "{no} {outcome}");
    }
    assert_eq!(off.len(), 3);
    for (no, off) in &off {
        // Hours are rounded to the thousandth: to less than two seconds.
        assert!((millis(&of(no)["hours"]["off"]) - off).abs() < 1_900, "{no}: {off}");
        assert_eq!(of(no)["hours"]["off"], of(no)["hours"]["off_by_us"]);
    }
    let night = TimeDelta::hours(12) - TimeDelta::minutes(1);
    let last = TimeDelta::hours(4) - TimeDelta::minutes(2);
    let hours = f64::from(i32::try_from((night * 81 + last).num_minutes()).unwrap()) / 60.0;
    let saved = of("1")["saved"].as_f64().unwrap();
    assert!((saved - 90.0 * hours).abs() < 0.001, "{saved}");
    assert_eq!(of("2")["saved"], 0.0, "what is stopped costs the same");
    assert_eq!(of("3")["saved"], Value::Null, "nobody knows its price");
    assert_eq!(total["saved"], of("1")["saved"]);
}

#[tokio::test]
async fn three_months_add_up_to_the_quarter() {
    let shell = quarter().await;
    let whole = shell.json(&format!("report {QUARTER}")).await;
    let mut months = Vec::new();
    for month in ["2026-07", "2026-08", "2026-09"] {
        months.push(shell.json(&format!("report --month {month}")).await);
    }
    let total = |lines: &Vec<Value>, place: &str| {
        of_kind(lines, "total")[0].pointer(place).and_then(Value::as_f64).unwrap()
    };
    for place in [
        "/stops/due",
        "/stops/missed",
        "/stops/came_true",
        "/starts/due",
        "/outcomes/stopped",
        "/outcomes/refused",
        "/outcomes/already",
        "/nights/off",
        "/nights/running",
        "/hours/off",
        "/hours/running",
        "/hours/unknown",
        "/saved",
    ] {
        let sum: f64 = months.iter().map(|month| total(month, place)).sum();
        assert!((sum - total(&whole, place)).abs() < 0.01, "{place}: {sum}");
    }
}

fn assert_snapshot(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => "../../report",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, { insta::assert_snapshot!(name, text) });
}

#[tokio::test]
async fn the_sentence_comes_first_and_troubles_before_what_went_well() {
    let shell = quarter().await;
    let done = shell.run(&format!("report {QUARTER}")).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_snapshot("table", &done.stdout);
    let markdown = shell.run(&format!("report {QUARTER} --format markdown")).await;
    assert_snapshot("markdown", &markdown.stdout);
    let csv = shell.run(&format!("report {QUARTER} --format csv --by rule")).await;
    assert_snapshot("rules-csv", &csv.stdout);
    let csv = shell.run(&format!("report {QUARTER} --format csv")).await;
    assert_eq!(csv.stdout.lines().count(), 4, "{csv:?}");
}

#[tokio::test]
async fn a_stop_that_fell_due_when_no_daemon_ever_came_back_was_missed() {
    let shell = quarter().await;
    // The daemon ended on the first of October at eight in the morning.
    let lines = shell.json("report --since 2026-10-01 --until 2026-10-04").await;
    let total = of_kind(&lines, "total")[0];
    assert_eq!(total["stops"]["due"], 3, "{total}");
    assert_eq!(total["stops"]["missed"], 3, "{total}");
    assert_eq!(total["starts"]["on_time"], 1, "{total}");
    assert_eq!(total["starts"]["missed"], 2, "{total}");
}

#[tokio::test]
async fn what_lies_before_the_log_is_said_not_to_be_known() {
    let shell = quarter().await;
    let lines = shell.json("report --since 2026-06-01 --until 2026-07-02").await;
    let sentence = of_kind(&lines, "total")[0]["sentence"].as_str().unwrap();
    let begins = " Not known is what was before 2026-06-30 23:00+09:00: the log begins then.";
    assert!(sentence.ends_with(begins), "{sentence}");
}

#[tokio::test]
async fn times_that_make_no_time_are_refused() {
    let shell = Shell::of(ONE, RULES).await;
    for (arguments, expected) in [
        ("report --month 2026-13", "`2026-13` is no month"),
        ("report --month October", "`October` is no month"),
        ("report --since 2026-10-02 --until 2026-10-01", "there is no time"),
        ("report --since 2099-01-01", "there is no time"),
        ("report --month 2026-10 --since 2d", "cannot be used with"),
        ("report", "there is no audit log"),
    ] {
        let done = shell.run(arguments).await;
        assert_eq!(done.silent(), (Some(2), ""), "{arguments}: {done:?}");
        assert!(done.stderr.contains(expected), "{arguments}: {done:?}");
    }
}
