//! A log of an earlier version: brought up to date by writers, with all it holds; refused by
//! readers, who do not touch it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lightsout::audit::{AuditError, AuditReader};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqliteConnection};

use super::attacker::Attacker;
use super::every_kind::write_every_kind;
use super::{World, raw, reading};

/// Entries under the first migration alone, as its own writers left them.
const NIGHT: &str = "
    INSERT INTO entry VALUES (1, 5, 1, 'session', zeroblob(32)), (2, 5, 1, 'file_text', zeroblob(32)),
        (3, 6, 1, 'firing', zeroblob(32)), (4, 7, 1, 'outcome', zeroblob(32)),
        (5, 8, 1, 'request', zeroblob(32));
    INSERT INTO session VALUES (1, 'daemon', '0.1.0', 7, NULL);
    INSERT INTO file_text VALUES (2, 'sha', 'text');
    INSERT INTO firing VALUES (3, 'night', 'stop', 'main', 'schedule', 6, 1, 2, 600000, 0);
    INSERT INTO outcome VALUES (4, 3, NULL, NULL, 'nothing_matched', NULL, NULL);
    INSERT INTO request VALUES (5, 3, 'KR', 'stop');
    INSERT INTO request_instance VALUES (5, 'main', '10'), (5, 'main', '9');
";

/// Every migration there is, in order.
fn migrations() -> Vec<Migration> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|it| it == "sql"));
    files.sort();
    let migration = |(version, file)| {
        let sql = AssertSqlSafe(fs::read_to_string(file).unwrap()).into_sql_str();
        Migration::new(version, "".into(), MigrationType::Simple, sql, false)
    };
    (1..).zip(files).map(migration).collect()
}

/// A log as the version left it that knew so many migrations.
async fn log_of_version(world: &World, version: usize) -> SqliteConnection {
    let mut connection = raw(&world.file().path).await;
    let known = migrations().into_iter().take(version).collect();
    sqlx::query("PRAGMA synchronous = OFF").execute(&mut connection).await.unwrap();
    Migrator::with_migrations(known).run(&mut connection).await.unwrap();
    connection
}

/// The texts that are hashed, by the numbers of their entries.
async fn bodies(log: &mut SqliteConnection) -> BTreeMap<i64, String> {
    let bodies = sqlx::query_as("SELECT seq, text FROM body").fetch_all(log).await.unwrap();
    bodies.into_iter().collect()
}

#[tokio::test]
async fn no_migration_changes_what_is_hashed_of_an_entry_from_before() {
    for version in 1..=migrations().len() {
        let world = World::new();
        drop(log_of_version(&world, version).await);
        let mut log = Attacker::of(&world).await.0;
        write_every_kind(&mut log).await;
        let before = bodies(&mut log).await;
        let kinds: i64 =
            sqlx::query_scalar("SELECT count(*) FROM kind").fetch_one(&mut log).await.unwrap();
        assert_eq!(i64::try_from(before.len()).unwrap(), 2 * kinds, "of version {version}");
        for migration in migrations().into_iter().skip(version) {
            sqlx::raw_sql(migration.sql).execute(&mut log).await.unwrap();
        }
        assert_eq!(bodies(&mut log).await, before, "of version {version}");
    }
}

#[tokio::test]
async fn every_table_that_hangs_on_the_chain_is_a_kind() {
    let world = World::new();
    drop(world.writer().await);
    let mut log = world.raw().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema
        WHERE type = 'table' AND sql LIKE '%seq %PRIMARY KEY REFERENCES entry%'
        ORDER BY name",
    )
    .fetch_all(&mut log)
    .await
    .unwrap();
    let kinds: Vec<String> = sqlx::query_scalar("SELECT name FROM kind ORDER BY name")
        .fetch_all(&mut log)
        .await
        .unwrap();
    assert_eq!(tables, kinds);
}

#[tokio::test]
async fn a_log_from_before_notices_is_brought_up_to_date_by_a_writer_and_keeps_its_rows() {
    let world = World::new();
    let path = world.file().path;
    let mut connection = log_of_version(&world, 1).await;
    sqlx::raw_sql(NIGHT).execute(&mut connection).await.unwrap();
    let before = bodies(&mut connection).await;
    let read = AuditReader::open(&path).await;
    assert!(matches!(&read, Err(AuditError::Older(older)) if *older == path), "{read:?}");
    drop(world.writer().await);
    let mut after = bodies(&mut connection).await;
    after.retain(|seq, _| *seq <= 5);
    assert_eq!(after, before);
    let history = world.reader().await.history(&reading::all()).await.unwrap();
    assert_eq!(history[0].outcome.as_deref(), Some("nothing_matched"));
    assert_eq!(world.reader().await.open_notices().await.unwrap(), []);
}
