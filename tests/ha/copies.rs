//! A machine that loses its copy, or cannot write it.

use std::fs;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustix::process::{Resource, Rlimit, Signal, prlimit};

use crate::node::Node;
use crate::wait;
use crate::world::{World, rule};

const FLEET: &str = "[[servers]]\nname = \"dev\"\ncount = 2\nno = \"1\"\nstop_takes = \"1s\"\n";

/// From the trouble of a node until another one is on duty.
const SOON: Duration = Duration::from_secs(20);

async fn takes_the_duty_soon(world: &World, node: &Node, trouble: DateTime<Utc>) {
    world.has_duty(node).await;
    let took = (wait::now() - trouble).to_std().unwrap();
    wait::tell(&format!("another node is on duty after {} ms", took.as_millis()));
    assert!(took <= SOON, "{took:?}");
}

fn delete_copy(node: &Node) -> DateTime<Utc> {
    for end in ["", "-wal", "-shm"] {
        fs::remove_file(node.folder.join(format!("lightsout.db{end}"))).unwrap();
    }
    wait::now()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_copy_is_deleted_makes_another_and_nothing_is_lost() {
    let Some(world) = World::of(FLEET).await else { return };
    let (a, b) = world.pair().await;
    world.plan(&[&a, &b], |at| rule("night", "stop", "dev*", at)).await;
    world.has("request", 1).await;
    let deleted = delete_copy(&a);
    takes_the_duty_soon(&world, &b, deleted).await;
    world.has("firing_end", 1).await;
    world.were_stopped_once(1..=2).await;
    world.is_whole(&[&a, &b]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_with_nothing_to_do_whose_copy_is_deleted_leaves_the_duty_and_comes_back() {
    let Some(world) = World::of(FLEET).await else { return };
    let (a, b) = world.pair().await;
    let deleted = delete_copy(&a);
    takes_the_duty_soon(&world, &b, deleted).await;
    a.says("a new audit log was begun").await;
    world.is_whole(&[&a, &b]).await;
    // It is as good as any other by now.
    b.signal(Signal::TERM);
    world.has_duty(&a).await;
    world.plan(&[&a], |at| rule("night", "stop", "dev*", at)).await;
    world.has("firing_end", 1).await;
    world.were_stopped_once(1..=2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_disk_is_full_leaves_its_work_to_another_and_comes_back() {
    let Some(world) = World::of(FLEET).await else { return };
    let mut a = world.node("a");
    let shared = a.run("audit share").await;
    assert_eq!(shared.code, Some(0), "{shared:?}");
    // A write that is too long fails, as on a full disk, and does not end the process.
    let mut command = a.command("");
    command = {
        let mut shell = tokio::process::Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" run --log-format json"]);
        shell.arg(command.as_std().get_program());
        a.at_home(&mut shell);
        shell
    };
    a.start_by(command);
    world.has_duty(&a).await;
    let mut b = world.node("b");
    b.start();
    world.has_node(&b).await;
    let at = world.plan(&[&a, &b], |at| rule("night", "stop", "dev*", at)).await;
    wait::pass_to(at - chrono::TimeDelta::seconds(1)).await;
    let limit = |most| Rlimit { current: most, maximum: None };
    let no_limit = prlimit(Some(a.pid()), Resource::Fsize, limit(Some(1_024))).unwrap();
    takes_the_duty_soon(&world, &b, wait::now()).await;
    world.has("firing_end", 1).await;
    world.were_stopped_once(1..=2).await;
    world.is_whole(&[&b]).await;
    prlimit(Some(a.pid()), Resource::Fsize, no_limit).unwrap();
    world.is_whole(&[&a, &b]).await;
    // It is as good as any other by now.
    b.signal(Signal::TERM);
    world.has_duty(&a).await;
    world.plan(&[&a], |at| rule("again", "stop", "dev*", at)).await;
    world.has("firing_end", 2).await;
}
