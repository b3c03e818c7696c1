//! A log of an earlier version: brought up to date by writers, with all it holds; refused by
//! readers, who do not touch it.

use std::borrow::Cow;

use lightsout::audit::{AuditError, AuditReader};
use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

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

#[tokio::test]
async fn a_log_from_before_notices_is_brought_up_to_date_by_a_writer_and_keeps_its_rows() {
    let world = World::new();
    let path = world.file().path;
    let mut connection = raw(&path).await;
    let first = Migration::new(
        1,
        Cow::Borrowed("audit log"),
        MigrationType::Simple,
        SqlStr::from_static(include_str!("../../../migrations/0001_audit_log.sql")),
        false,
    );
    Migrator::with_migrations(vec![first]).run(&mut connection).await.unwrap();
    sqlx::raw_sql(NIGHT).execute(&mut connection).await.unwrap();
    let before: Vec<(i64, String)> =
        sqlx::query_as("SELECT seq, text FROM body").fetch_all(&mut connection).await.unwrap();
    let read = AuditReader::open(&path).await;
    assert!(matches!(&read, Err(AuditError::Older(older)) if *older == path), "{read:?}");
    drop(world.writer().await);
    let after: Vec<(i64, String)> = sqlx::query_as("SELECT seq, text FROM body WHERE seq <= 5")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(after, before);
    let history = world.reader().await.history(&reading::all()).await.unwrap();
    assert_eq!(history[0].outcome.as_deref(), Some("nothing_matched"));
    assert_eq!(world.reader().await.open_notices().await.unwrap(), []);
}
