//! Rows that cannot be decoded are errors that name them, and hold up nobody else.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta};
use lightsout::audit::{Against, AuditError, AuditReader, Step, Writer};
use lightsout::model::ids::FiringId;
use lightsout::model::instance::{Instance, Product};
use lightsout::model::outcome::Outcome;
use lightsout::model::period::Period;
use lightsout::model::reason::Reason;
use lightsout::model::settlement::Settlement;
use lightsout::schedule::budget::Limit;
use lightsout::schedule::budget::spent::Spent;

use super::attacker::Attacker;
use super::{World, ask, kr, main_account, no, running};

/// What each question to the log that reads such rows answers.
async fn asked(log: &AuditReader, world: &World) -> Vec<(&'static str, Option<AuditError>)> {
    let now = world.now();
    let (from, until) = (now - TimeDelta::days(1), now + TimeDelta::days(1));
    let rule = world.rule("night");
    vec![
        ("known", log.directory().await.err()),
        ("by name", log.instances_by_last_name().await.err()),
        ("once named", log.numbers_once_named("web-1").await.err()),
        ("off since", log.off_since(&main_account(), now).await.err()),
        ("fired about", log.fired_about(rule, (from, until)).await.err()),
        ("in short", log.firings_since(from, 10).await.err()),
        ("steps", log.budget_reached().await.err()),
        ("budget", log.budget_facts(now).await.err()),
        ("report", log.report_facts(Period { from, until }, until).await.err()),
    ]
}

async fn written() -> World {
    let world = World::new();
    let (log, file) = world.writer().await;
    let firing = world.fire(&log, "night", file).await;
    let product = Product { spec_code: Some("s2".to_owned()), ..Product::default() };
    let instance = Instance { product, ..running("1", "web-1") };
    log.targets(firing, &[&instance], &[]).await.unwrap();
    log.seen(&main_account(), &[&instance], world.now()).await.unwrap();
    log.request(firing, &main_account(), ask(&kr()), &[no("1")]).await.unwrap();
    let whole = Settlement::of_firing(Outcome::Unknown, Reason::from("silence".to_owned()));
    log.settle(firing, &[Settlement { instance: Some(no("1")), ..whole }]).await.unwrap();
    log.end_firing(firing).await.unwrap();
    let against: Against = (main_account(), no("1"), Limit::InARow);
    let step = Step {
        against,
        region: "KR".to_owned(),
        name: "web-1".to_owned(),
        reached_before: 0,
        reached: 75,
        spent: Spent::Unknown { at_least: TimeDelta::days(80) },
        allowed: TimeDelta::days(90),
    };
    log.budget(&[step]).await.unwrap();
    log.end("done").await.unwrap();
    world
}

/// The number of the only row of a table.
async fn number(world: &World, table: &'static str) -> i64 {
    let sql = format!("SELECT max(seq) FROM {table}");
    let number = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
    number.fetch_one(&mut world.raw().await).await.unwrap()
}

#[tokio::test]
async fn a_row_that_cannot_be_decoded_is_an_error_with_its_table_and_number() {
    for (table, change, expected) in [
        ("target", "instance_no = 'x'", &["known", "once named", "fired about", "report"][..]),
        (
            "seen",
            "instance_no = '1x', status = 'NSTOP', seen_at = 0",
            &["known", "by name", "off since"],
        ),
        ("seen", "account = 'ma in'", &["known", "by name", "report"]),
        ("outcome", "outcome = 'stoped'", &["in short", "report"]),
        ("firing", "scheduled_at = 9000000000000000000", &["in short"]),
        ("budget", "against = 'in_a_month'", &["steps"]),
        ("product", "account = ''", &["report"]),
        ("firing", "action = 'halt'", &["budget", "report"]),
        ("request", "action = 'halt'", &["budget", "report"]),
    ] {
        let world = written().await;
        let log = world.reader().await;
        for (question, error) in asked(&log, &world).await {
            assert!(error.is_none(), "{question} of a sound log: {error:?}");
        }
        let seq = number(&world, table).await;
        let done = Attacker::of(&world).await.run(&[format!("UPDATE {table} SET {change}")]).await;
        assert!(done, "{table}: {change}");
        let answers = asked(&log, &world).await;
        for question in expected {
            let (_, error) = answers.iter().find(|(known, _)| known == question).unwrap();
            let is_named = matches!(
                error,
                Some(AuditError::Damaged { table: named, seq: at }) if (&**named, *at) == (table, seq)
            );
            assert!(is_named, "{table}, {change}, {question}: {error:?}");
        }
    }
}

#[tokio::test]
async fn a_damaged_row_keeps_no_other_from_being_taken_over_or_made_up() {
    let world = World::new();
    let (dead, file) = world.writer().await;
    let open = world.fire(&dead, "night", file).await;
    dead.targets(open, &[&running("1", "web-1"), &running("2", "web-2")], &[]).await.unwrap();
    drop(dead);
    let damage = "UPDATE target SET instance_no = 'x' WHERE instance_no = '1'".to_owned();
    assert!(Attacker::of(&world).await.run(&[damage]).await);
    let heir = world.open(Writer::Daemon).await;
    let taken = heir.take_over(&HashSet::new()).await.unwrap();
    let left: Vec<&str> =
        taken.iter().flat_map(|open| &open.targets).map(|it| it.instance.no.as_str()).collect();
    assert_eq!(left, ["2"]);
    let none = heir.owed(DateTime::UNIX_EPOCH).await.unwrap();
    assert_eq!(none, []);
}

#[tokio::test]
async fn texts_that_are_not_utf_8_keep_no_other_firing_from_being_taken_over() {
    let world = World::new();
    let (dead, file) = world.writer().await;
    let lost = world.fire(&dead, "late-night", file).await;
    let open = world.fire(&dead, "night", file).await;
    dead.targets(open, &[&running("1", "web-1"), &running("2", "web-2")], &[]).await.unwrap();
    drop(dead);
    let damage = [
        format!("UPDATE firing SET account = CAST(x'ff' AS TEXT) WHERE seq = {}", i64::from(lost)),
        "UPDATE target SET instance_name = CAST(x'ff' AS TEXT) WHERE instance_no = '1'".to_owned(),
    ];
    assert!(Attacker::of(&world).await.run(&damage).await);
    let heir = world.open(Writer::Daemon).await;
    let taken = heir.take_over(&HashSet::new()).await.unwrap();
    let left: Vec<(FiringId, &str)> = taken
        .iter()
        .flat_map(|firing| firing.targets.iter().map(|it| (firing.id, it.instance.no.as_str())))
        .collect();
    assert_eq!(left, [(open, "2")]);
}

/// Every column with a text, with its table.
async fn texts(world: &World) -> Vec<(String, String)> {
    let sql = "SELECT one.name, of.name
        FROM sqlite_schema AS one
        JOIN pragma_table_info(one.name) AS of
        WHERE one.type = 'table' AND one.sql LIKE '%STRICT%' AND of.type = 'TEXT'";
    sqlx::query_as(sql).fetch_all(&mut world.raw().await).await.unwrap()
}

#[tokio::test]
async fn whichever_text_of_the_log_is_not_utf_8_its_row_is_found() {
    let world = written().await;
    let mut tried = 0;
    for (table, column) in texts(&world).await {
        let key = if table == "request_instance" { "request" } else { "seq" };
        let sql = format!("SELECT count(*) FROM pragma_table_info('{table}') WHERE name = '{key}'");
        let raw = &mut world.raw().await;
        let has_number: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *raw).await.unwrap();
        if has_number == 0 {
            continue;
        }
        let sql = format!("SELECT max({key}) FROM {table}");
        let number: Option<i64> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *raw).await.unwrap();
        let Some(number) = number else { continue };
        let damaged = world.copy();
        let damage =
            format!("UPDATE {table} SET {column} = CAST(x'61ff' AS TEXT) WHERE {key} = {number}");
        if !Attacker::of(&damaged).await.run(&[damage]).await {
            continue;
        }
        let found = damaged.reader().await.undecoded().await.unwrap();
        let is_named = matches!(
            &found,
            Some(AuditError::Damaged { table: named, seq }) if (&**named, *seq) == (&table, number)
        );
        assert!(is_named, "{table}.{column}, {number}: {found:?}");
        tried += 1;
    }
    assert!(tried > 30, "{tried}");
}
