//! A log with a row of every kind, through PostgreSQL and back.

use std::collections::BTreeSet;

use chrono::SecondsFormat;
use lightsout::audit::{AuditLog, Writer};
use lightsout::clock::RehearsalClock;
use lightsout::schedule::Schedules;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use crate::node::Node;
use crate::wait;
use crate::world::{World, rule};

const FLEET: &str = "[[servers]]\nname = \"dev\"\ncount = 3\nno = \"1\"\nstop_takes = \"1s\"\n";

const OLD_LOG: &str = include_str!("../old_log/log.sql");
const OLD_FILE: &str = include_str!("../old_log/schedules.toml");
const OLD_WORDS: &str = include_str!("../old_log/said.jsonl");

/// Stands where a prune has left a gap, and in the place of the prunes themselves.
const FILLER: &str = r#"{"writer":"fire","version":"0.1.0","pid":1,"host":null}"#;

struct Line {
    seq: i64,
    at: i64,
    session: i64,
    kind: String,
    body: String,
}

async fn open(node: &Node) -> SqliteConnection {
    let path = node.folder.join("lightsout.db");
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// Puts the log of an earlier version there, and brings it up to date.
async fn put_the_old_log(node: &Node) {
    let mut log = open(node).await;
    sqlx::raw_sql(OLD_LOG).execute(&mut log).await.unwrap();
    log.close().await.unwrap();
    node.write_all(OLD_FILE);
    let (mut schedules, _) = Schedules::read(&node.folder.join("schedules.toml")).unwrap();
    schedules.audit.path = node.folder.join("lightsout.db");
    let clock = RehearsalClock::new("2024-11-09T03:00:00Z".parse().unwrap(), 0);
    let log = AuditLog::open(&schedules.audit, Writer::Fire, clock).await.unwrap();
    log.end("done").await.unwrap();
}

/// The entries of a log, without gaps and prunes.
async fn lines(log: &mut SqliteConnection) -> Vec<Line> {
    let there: Vec<(i64, i64, i64, String, String)> = sqlx::query_as(
        "SELECT entry.seq, at, session, kind, body.text
        FROM entry JOIN body ON body.seq = entry.seq
        WHERE kind <> 'prune'
        ORDER BY entry.seq",
    )
    .fetch_all(log)
    .await
    .unwrap();
    let last = there.last().unwrap().0;
    let mut there = there.into_iter().peekable();
    let mut lines = Vec::new();
    for seq in 1..=last {
        lines.push(match there.next_if(|line| line.0 == seq) {
            Some((seq, at, session, kind, body)) => Line { seq, at, session, kind, body },
            None => Line { seq, at: 0, session: seq, kind: "session".into(), body: FILLER.into() },
        });
    }
    lines
}

/// Puts entries into the shared log, with hashes of their own.
async fn put(world: &World, lines: &[Line]) {
    let mut connection = world.postgres.connect().await;
    let mut transaction = connection.begin().await.unwrap();
    let mut prev = vec![0; 32];
    for Line { seq, at, session, kind, body } in lines {
        let hashed = format!("{seq} {at} {session} {kind} {body}");
        let hash = Sha256::new().chain_update(&prev).chain_update(hashed).finalize().to_vec();
        sqlx::query(
            "INSERT INTO lightsout.entry (seq, at, session, kind, prev, hash, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(seq)
        .bind(at)
        .bind(session)
        .bind(kind)
        .bind(prev)
        .bind(&hash)
        .bind(body.as_bytes())
        .execute(&mut *transaction)
        .await
        .unwrap();
        prev = hash;
    }
    transaction.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_of_every_kind_go_through_postgresql_and_back() {
    let Some(world) = World::of(FLEET).await else { return };
    let (old, copy) = (world.node("old"), world.node("copy"));
    put_the_old_log(&old).await;
    // Keys of the file stand before its first table.
    let table = format!("[audit]\nshared = \"{}\"\n[accounts.main]", copy.url);
    let shared = OLD_FILE.replacen("[accounts.main]", &table, 1);
    old.write_all(&shared);
    let refused = old.run("audit share").await;
    assert_eq!(refused.code, Some(5), "{refused:?}");
    assert!(refused.stderr.contains("was pruned"), "{refused:?}");
    old.write_all(OLD_FILE);

    let mut log = open(&old).await;
    let lines = lines(&mut log).await;
    log.close().await.unwrap();
    let kinds: BTreeSet<&str> = lines.iter().map(|line| line.kind.as_str()).collect();
    assert!(kinds.len() >= 22, "every kind but a prune: {kinds:?}");
    copy.write_all(&shared);
    assert_eq!(copy.run("audit share").await.code, Some(0));
    put(&world, &lines).await;
    let done = copy.run("audit share").await;
    assert!(done.stderr.contains("is there already; this copy has entry"), "{done:?}");
    world.is_in(&[&copy]).await;

    let mut log = open(&copy).await;
    let attach = format!("ATTACH '{}' AS old", old.folder.join("lightsout.db").display());
    sqlx::raw_sql(AssertSqlSafe(attach)).execute(&mut log).await.unwrap();
    let mut tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM kind").fetch_all(&mut log).await.unwrap();
    tables.retain(|table| table != "prune");
    tables.push("request_instance".to_owned());
    for table in tables {
        let differences = format!(
            "SELECT
                (SELECT count(*) FROM (SELECT * FROM old.{table} EXCEPT SELECT * FROM {table})),
                (SELECT count(*) FROM (SELECT * FROM {table} EXCEPT SELECT * FROM old.{table}))"
        );
        let (lost, added): (i64, i64) =
            sqlx::query_as(AssertSqlSafe(differences)).fetch_one(&mut log).await.unwrap();
        assert_eq!(lost, 0, "{table}");
        assert!(added == 0 || table == "session", "{table}: {added}");
    }
    // What nodes tell each other beside the chain.
    for table in ["look", "lived", "life"] {
        let copied = format!("INSERT INTO {table} SELECT * FROM old.{table}");
        sqlx::raw_sql(AssertSqlSafe(copied)).execute(&mut log).await.unwrap();
    }
    log.close().await.unwrap();
    let commands = OLD_WORDS.lines().map(|line| {
        let said: Value = serde_json::from_str(line).unwrap();
        said["command"].as_str().unwrap().to_owned()
    });
    // These say what was pruned, which the copy does not know.
    let depends = |it: &String| ["status", "report ", "why "].iter().any(|of| it.starts_with(of));
    let commands = commands.filter(|it| !depends(it));
    let later = "report --since 2024-11-07T00:00:00+09:00 --until 2024-11-09T12:00:00+09:00";
    let commands = commands.chain([later.to_owned(), "report budget".to_owned()]);
    for command in commands {
        let command = format!("{command} --format json");
        let (was, is) = (old.run(&command).await, copy.run(&command).await);
        assert_eq!((was.code, was.stdout), (is.code, is.stdout), "{command}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_has_seen_and_lived_through_the_other_knows() {
    let Some(world) = World::of(FLEET).await else { return };
    let (a, b) = world.pair().await;
    world.plan(&[&a, &b], |at| rule("night", "stop", "dev*", at)).await;
    world.has("firing_end", 1).await;
    let facts = async |node: &Node| {
        let mut copy = open(node).await;
        let looks: Vec<String> = sqlx::query_scalar(
            "SELECT account || ' ' || instance_no || ' ' || looked_at FROM look ORDER BY 1",
        )
        .fetch_all(&mut copy)
        .await
        .unwrap();
        let lived: Vec<i64> = sqlx::query_scalar("SELECT DISTINCT session FROM lived ORDER BY 1")
            .fetch_all(&mut copy)
            .await
            .unwrap();
        (looks, lived)
    };
    let are_equal = async || {
        let (of_a, of_b) = (facts(&a).await, facts(&b).await);
        of_a == of_b && of_a.0.len() == 3 && !of_a.1.is_empty()
    };
    wait::until_so("both know the same", are_equal).await;
    let until = wait::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    for asked in [
        format!("report --until {until}"),
        "report budget".to_owned(),
        format!("why dev-1 --at {until}"),
    ] {
        let command = format!("{asked} --format json");
        let (of_a, of_b) = (a.run(&command).await, b.run(&command).await);
        assert_eq!((of_a.code, of_a.stdout), (of_b.code, of_b.stdout), "{command}");
    }
}
