//! Whatever is changed behind the log's back is found, by someone who has its last hash.

use std::cell::Cell;
use std::collections::HashSet;

use lightsout::audit::{EntryHash, Flaw, Verification, Writer};
use proptest::prelude::*;
use proptest::sample::Index;

use super::attacker::{Attacker, Mutation, mutations};
use super::chain::write_everywhere;
use super::pruning::{prune, thirty_nights};
use super::{World, running};

pub(super) async fn verify(world: &World, head: Option<EntryHash>) -> Verification {
    world.reader().await.verify(head).await.unwrap()
}

/// What is wrong, and where.
pub(super) fn places(found: &Verification) -> Vec<(Option<i64>, Flaw)> {
    found.findings.iter().map(|finding| (finding.seq, finding.problem.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn one_change_of_any_row_of_any_table_is_found(
        said in ".{0,8}",
        table in any::<Index>(),
        row in any::<Index>(),
        mutation in mutations(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            write_everywhere(&world, &said).await;
            write_everywhere(&world, "a second time").await;
            let sound = verify(&world, None).await;
            assert!(sound.sound, "{sound:?}");
            assert_found(&world, sound.head, (table, row, mutation)).await;
        });
    }
}

#[test]
fn one_change_of_any_row_of_a_pruned_log_is_found() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (world, head) = runtime.block_on(async {
        let world = World::new();
        let (dead, file) = world.writer().await;
        let open = world.fire(&dead, "late-night", file).await;
        dead.targets(open, &[&running("9", "web-9")], &[]).await.unwrap();
        drop(dead);
        let heir = world.open(Writer::Daemon).await;
        assert_eq!(heir.take_over(&HashSet::new()).await.unwrap().len(), 1);
        heir.end("done").await.unwrap();
        thirty_nights(&world).await;
        prune(&world, 5).await;
        let sound = verify(&world, None).await;
        assert!(sound.sound, "{sound:?}");
        (world, sound.head)
    });
    let changed = Cell::new(0);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) };
    proptest!(config, |(
        table in any::<Index>(), row in any::<Index>(), mutation in mutations(),
    )| {
        let world = world.copy();
        let found = assert_found(&world, head, (table, row, mutation));
        changed.set(changed.get() + u32::from(runtime.block_on(found)));
    });
    // A third of the tables are empty, so that many attacks come to nothing.
    assert!(changed.get() > 32, "attacks change something: {changed:?}");
}

/// Attacks once, and asserts that it is found exactly if it changed anything; whether it did.
async fn assert_found(
    world: &World,
    head: Option<EntryHash>,
    (table, row, mutation): (Index, Index, Mutation),
) -> bool {
    let mut attacker = Attacker::of(world).await;
    let before = attacker.dump().await;
    let done = attacker.mutate(table, row, mutation).await;
    let changed = done && attacker.dump().await != before;
    let found = verify(world, head).await;
    assert_eq!(found.sound, !changed, "{mutation:?} {found:?}");
    changed
}

#[tokio::test]
async fn an_untouched_log_is_sound_and_its_heads_are_found() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let older = verify(&world, None).await;
    world.fire(&log, "night", file).await;
    let found = verify(&world, older.head).await;
    assert_eq!(
        found,
        Verification {
            sound: true,
            rows: 4,
            first: Some(1),
            last: Some(4),
            head: found.head,
            pruned_below: None,
            sought: older.head,
            sought_at: Some(3),
            problems: 0,
            findings: vec![],
        }
    );
    assert_ne!(found.head, older.head);
}

#[tokio::test]
async fn each_kind_of_change_is_named_where_it_was_made() {
    let (gap, below) = (Flaw::Gap { from: 6 }, |name: &str| Flaw::Object(name.to_owned()));
    for (attack, expected) in [
        ("UPDATE target SET status_before = 'NSTOP'", vec![(Some(5), Flaw::HashDiffers)]),
        ("UPDATE entry SET at = at + 1 WHERE seq = 5", vec![(Some(5), Flaw::HashDiffers)]),
        (
            "UPDATE entry SET hash = zeroblob(32) WHERE seq = 5",
            vec![(Some(5), Flaw::HashDiffers), (Some(6), Flaw::HashDiffers)],
        ),
        ("DELETE FROM target", vec![(Some(5), Flaw::NothingSaid)]),
        ("DELETE FROM entry WHERE seq = 6", vec![(Some(6), Flaw::NoEntry), (Some(7), gap)]),
        (
            "INSERT INTO session_end SELECT 5, ''",
            vec![(Some(5), Flaw::HashDiffers), (Some(5), Flaw::SaidTwice)],
        ),
        ("INSERT INTO session_end SELECT 5000, ''", vec![(Some(5000), Flaw::NoEntry)]),
        (
            "UPDATE request_instance SET instance_no = '2' WHERE request = 7",
            vec![(Some(7), Flaw::HashDiffers)],
        ),
        (
            "INSERT INTO request_instance SELECT 7, 'zzz', '9'",
            vec![(Some(7), Flaw::HashDiffers), (Some(7), Flaw::SeveralAccounts)],
        ),
        ("INSERT INTO request_instance SELECT 99, 'main', '9'", vec![(Some(99), Flaw::NoRequest)]),
        (
            "UPDATE kind SET meaning = '' WHERE name = 'seen'",
            vec![(None, Flaw::Kind("seen".to_owned()))],
        ),
        ("DROP TRIGGER seen_is_never_updated", vec![(None, below("seen_is_never_updated"))]),
        (
            "CREATE TRIGGER swallow BEFORE INSERT ON seen BEGIN SELECT raise(IGNORE); END",
            vec![(None, Flaw::ForeignTrigger("swallow".to_owned()))],
        ),
        ("DROP VIEW body", vec![(None, below("body"))]),
    ] {
        let world = World::new();
        write_everywhere(&world, "said").await;
        let mut attacker = Attacker::of(&world).await;
        if attack.contains("TRIGGER") || attack.contains("VIEW") {
            sqlx::query(attack).execute(&mut attacker.0).await.unwrap();
        } else {
            assert!(attacker.run(&[attack.to_owned()]).await, "{attack}");
        }
        let found = verify(&world, None).await;
        assert_eq!(places(&found), expected, "{attack}");
        assert!(!found.sound, "{attack}");
    }
}

#[tokio::test]
async fn a_cut_tail_is_found_by_its_old_head_and_only_by_it() {
    let world = World::new();
    let (log, file) = world.writer().await;
    world.fire(&log, "night", file).await;
    let head = verify(&world, None).await.head;
    let cut = ["DELETE FROM firing", "DELETE FROM entry WHERE kind = 'firing'"];
    assert!(Attacker::of(&world).await.run(&cut.map(str::to_owned)).await);
    let unaware = verify(&world, None).await;
    assert!(unaware.sound, "{unaware:?}");
    let aware = verify(&world, head).await;
    assert_eq!((aware.sound, aware.sought_at, aware.problems), (false, None, 0));
}
