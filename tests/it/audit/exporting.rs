//! The export, by which alone the chain is computed anew.

use std::time::Duration;

use chrono::DateTime;
use lightsout::audit::{AuditError, Writer};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::chain::write_everywhere;
use super::tampering::verify;
use super::{World, pruning};

async fn export(world: &World, since: Option<DateTime<chrono::Utc>>) -> Vec<String> {
    let mut lines = Vec::new();
    let write = |line: &str| -> Result<(), AuditError> {
        lines.push(line.to_owned());
        Ok(())
    };
    world.reader().await.export(since, None, write).await.unwrap();
    lines
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// What the hash of a line covers, apart from hashes.
fn covered(line: &str) -> String {
    let (_, body) = line.split_once("\"body\":").unwrap();
    let body = &body[..body.len() - 1];
    let fields: Value = serde_json::from_str(line).unwrap();
    let at = DateTime::parse_from_rfc3339(fields["at"].as_str().unwrap()).unwrap();
    let (seq, session) = (&fields["seq"], &fields["session"]);
    format!("{seq} {} {session} {} {body}", at.timestamp_millis(), fields["kind"].as_str().unwrap())
}

/// Follows migrations/README.md with nothing but the lines: the last hash.
fn recompute(lines: &[String]) -> String {
    let fields = |line: &String| -> Value { serde_json::from_str(line).unwrap() };
    let hash = |line: &String| bytes(fields(line)["hash"].as_str().unwrap());
    let anchor = lines.iter().position(|line| fields(line).get("kind").is_none()).unwrap();
    let (kept, chained) = (&lines[..anchor], &lines[anchor + 1..]);
    let mut before = hash(&lines[anchor]);
    let mut seq = fields(&lines[anchor])["seq"].as_i64().unwrap();
    let mut over_kept = before.clone();
    for line in kept {
        let digest = Sha256::new().chain_update(&over_kept).chain_update(hash(line));
        over_kept = digest.chain_update(covered(line)).finalize().to_vec();
    }
    let mut newest = None;
    for line in chained {
        seq += 1;
        assert_eq!(fields(line)["seq"], seq, "{line}");
        let digest = Sha256::new().chain_update(&before).chain_update(covered(line));
        before = digest.finalize().to_vec();
        assert_eq!(hash(line), before, "{line}");
        if fields(line)["kind"] == "prune" {
            newest = Some(fields(line)["body"]["kept"].as_str().unwrap().to_owned());
        }
    }
    if !kept.is_empty() {
        assert_eq!(newest, Some(hex(&over_kept)));
    }
    hex(&before)
}

async fn head(world: &World) -> String {
    verify(world, None).await.head.unwrap().to_string()
}

#[tokio::test]
async fn the_chain_can_be_computed_anew_from_the_lines_alone() {
    let world = World::new();
    for said in ["it's \"quoted\" \\ / </x>", "\u{1}\u{7f}\u{2028}", "서버", "\"body\":{}"] {
        write_everywhere(&world, said).await;
    }
    let lines = export(&world, None).await;
    assert_eq!(lines[0], format!("{{\"seq\":0,\"hash\":\"{}\"}}", "0".repeat(64)));
    assert!(lines[1].starts_with(
        "{\"seq\":1,\"at\":\"2026-11-23T12:00:00.123Z\",\"session\":1,\"kind\":\"session\",\
         \"hash\":\""
    ));
    assert_eq!(recompute(&lines), head(&world).await);
}

#[tokio::test]
async fn an_export_from_a_time_on_begins_with_the_hash_before_it() {
    let world = World::new();
    write_everywhere(&world, "before").await;
    let before = (head(&world).await, verify(&world, None).await.last.unwrap());
    world.clock.skip(Duration::from_secs(60));
    write_everywhere(&world, "after").await;
    let lines = export(&world, Some(world.now())).await;
    assert_eq!(lines[0], format!("{{\"seq\":{},\"hash\":\"{}\"}}", before.1, before.0));
    assert_eq!(recompute(&lines), head(&world).await);
    world.clock.skip(Duration::from_secs(60));
    let none = export(&world, Some(world.now())).await;
    assert_eq!((none.len(), recompute(&none)), (1, head(&world).await));
}

#[tokio::test]
async fn what_a_prune_kept_can_be_proved_from_the_lines_too() {
    let world = World::new();
    pruning::thirty_nights(&world).await;
    let pruned = pruning::prune(&world, 5).await;
    world.open(Writer::Fire).await.end("done").await.unwrap();
    let lines = export(&world, None).await;
    assert_eq!(recompute(&lines), head(&world).await);
    let anchor = lines.iter().position(|line| !line.contains("\"kind\"")).unwrap();
    assert_eq!(anchor as u64, pruned.kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_an_export_slowly_does_not_keep_the_write_ahead_log_from_being_emptied() {
    let world = World::new();
    let (log, file) = world.writer().await;
    world.fire(&log, "night", file).await;
    let reader = world.reader().await;
    let mut left = Vec::new();
    let handle = tokio::runtime::Handle::current();
    let write = |_: &str| -> Result<(), AuditError> {
        let checkpoint = || handle.block_on(log.checkpoint());
        let checkpoint = std::thread::scope(|scope| scope.spawn(checkpoint).join().unwrap());
        left.push(checkpoint?);
        Ok(())
    };
    reader.export(None, None, write).await.unwrap();
    assert_eq!(left, [0; 5]);
}
