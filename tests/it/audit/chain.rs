//! The chain, computed anew from what SQLite gives back; and that nothing can be changed.

use chrono::TimeDelta;
use lightsout::audit::{NewNotice, NoticeResult, Through, Writer};
use lightsout::cloud::{Accepted, CloudError};
use lightsout::model::outcome::Outcome;
use lightsout::model::reason::Reason;
use lightsout::model::settlement::Settlement;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::attacker::Attacker;
use super::every_kind::write_every_kind;
use super::{World, ask, kr, main_account, no, noon, running};

type Entry = (i64, i64, i64, String, Vec<u8>, String);

async fn entries(connection: &mut SqliteConnection) -> Vec<Entry> {
    sqlx::query_as(
        "SELECT seq, at, session, kind, hash, text FROM entry JOIN body USING (seq) ORDER BY seq",
    )
    .fetch_all(connection)
    .await
    .unwrap()
}

/// Writes an entry of every kind that takes a text, with this text in it.
pub(super) async fn write_everywhere(world: &World, said: &str) {
    let (log, file) = world.writer().await;
    let firing = world.fire(&log, "night", file).await;
    let instance = running("1", said);
    log.targets(firing, &[&instance], &[]).await.unwrap();
    log.seen(&main_account(), &[&instance], noon()).await.unwrap();
    let kr = kr();
    for accepted in [true, false] {
        let asked = log.request(firing, &main_account(), ask(&kr), &[no("1")]).await.unwrap();
        let answer = Ok(Accepted {
            http_status: 200,
            request_id: Some(said.to_owned()),
            return_code: said.to_owned(),
            return_message: Some(said.to_owned()),
        });
        let failure = Err(CloudError::NotSent(said.to_owned()));
        let answer = if accepted { answer } else { failure };
        log.answer(asked.request.unwrap().0, &answer).await.unwrap();
    }
    let whole = Settlement::of_firing(Outcome::CloudFailed, Reason::from(said.to_owned()));
    let one = Settlement { instance: Some(no("1")), outcome: Outcome::Stopped, ..whole.clone() };
    log.settle(firing, &[whole, one]).await.unwrap();
    log.end_firing(firing).await.unwrap();
    let notice = NewNotice {
        target: said.replace('\0', " "),
        event: "failure",
        firing: Some(firing),
        through: Through::default(),
        body: said.to_owned(),
    };
    log.notices(vec![notice]).await.unwrap();
    let notice = world.reader().await.open_notices().await.unwrap().remove(0);
    log.end_notice(notice.id, NoticeResult::GivenUp, said).await.unwrap();
    log.note_clock(noon() + TimeDelta::hours(2), noon(), true).await.unwrap();
    log.end("done").await.unwrap();
}

async fn assert_chained(world: &World) {
    let entries = entries(&mut world.raw().await).await;
    let mut before = vec![0; 32];
    for (at, (seq, millis, session, kind, hash, body)) in (1..).zip(entries) {
        let text = format!("{seq} {millis} {session} {kind} {body}");
        let expected = Sha256::new().chain_update(&before).chain_update(&text).finalize().to_vec();
        assert_eq!((seq, &hash), (at, &expected), "{text}");
        before = hash;
    }
}

#[tokio::test]
async fn the_views_give_the_very_texts_that_were_hashed() {
    let world = World::new();
    for said in [
        "",
        "it's \"quoted\" \\ / </x>",
        "a\0b",
        "\u{1}\u{8}\t\n\u{c}\r\u{1f}\u{7f}\u{80}",
        "🌙 dev",
        "서버 인스턴스",
        "\u{2028}\u{feff}\u{10ffff}",
        "{\"a\":1}",
        "NULL",
    ] {
        write_everywhere(&world, said).await;
    }
    let mut raw = world.raw().await;
    let count = entries(&mut raw).await.len();
    // Each text: session, file_load, firing, target, seen, two requests, answers, outcomes and
    // ends, a notice and its end, a clock. The text of the file only once.
    assert_eq!(count, 9 * 16 + 1);
    assert_chained(&world).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_text_can_be_chained(said in any::<String>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            write_everywhere(&world, &said).await;
            assert_chained(&world).await;
        });
    }
}

#[tokio::test]
async fn no_row_of_any_table_can_be_changed_or_removed() {
    let world = World::new();
    write_everywhere(&world, "said").await;
    world.open(Writer::Fire).await.sign_of_life(None).await.unwrap();
    let mut raw = Attacker::of(&world).await.0;
    write_every_kind(&mut raw).await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema
        WHERE type = 'table'
            AND name NOT IN (
                'life', 'lived', 'look', 'source', 'node', 'shared', '_sqlx_migrations')",
    )
    .fetch_all(&mut raw)
    .await
    .unwrap();
    assert!(tables.len() >= 26, "{tables:?}");
    for table in tables {
        let column = match &*table {
            "kind" => "name",
            "request_instance" => "request",
            _ => "seq",
        };
        let update = format!("UPDATE {table} SET {column} = {column}");
        for change in [update, format!("DELETE FROM {table}")] {
            let refused = sqlx::query(AssertSqlSafe(change.clone())).execute(&mut raw).await;
            let error = refused.map(|_| change).unwrap_err().to_string();
            assert!(error.contains("the audit log is insert-only"), "{table}: {error}");
        }
        let replace = format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}");
        let refused = sqlx::query(AssertSqlSafe(replace)).execute(&mut raw).await;
        let error = refused.map(|_| &table).unwrap_err().to_string();
        let once = "a row is added once, with its entry";
        let is_refused = error.contains(once) || error.contains("must continue the sequence");
        assert!(is_refused, "{table}: {error}");
    }
    let skipped = "INSERT INTO entry SELECT max(seq) + 2, 0, 1, 'seen', zeroblob(32) FROM entry";
    let error = sqlx::query(skipped).execute(&mut raw).await.unwrap_err().to_string();
    assert!(error.contains("an entry must continue the sequence"), "{error}");
}
