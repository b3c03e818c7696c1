//! Machines whose clocks are wrong by half a minute, in both directions.

use std::path::{Path, PathBuf};

use chrono::{SubsecRound, TimeDelta};
use rustix::process::Signal;

use crate::wait;
use crate::world::{World, rule};

/// The stop takes so long that another one comes meanwhile.
const FLEET: &str = "[[servers]]\nname = \"dev\"\nno = \"1\"\nstop_takes = \"20s\"\n";

/// A library that tells a program another time (Debian: faketime).
fn library() -> Option<PathBuf> {
    let folders =
        ["x86_64-linux-gnu", "aarch64-linux-gnu"].map(|it| Path::new("/usr/lib").join(it));
    let mut paths = folders.into_iter().map(|it| it.join("faketime/libfaketime.so.1"));
    let found = paths.find(|path| path.is_file());
    if found.is_none() {
        wait::tell("SKIPPED: clocks that differ: libfaketime is not there (Debian: faketime)");
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_a_minute_apart_double_nothing() {
    let Some(library) = library() else { return };
    let Some(world) = World::of(FLEET).await else { return };
    let node = |name, off: &str| {
        let node = world.node(name).with("LD_PRELOAD", library.to_str().unwrap());
        node.with("FAKETIME", off).with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    };
    let (a, b) = world.pair_from(node("a", "+30s"), node("b", "-30s")).await;
    // Some seconds ahead of the clock that is ahead itself.
    let at = (wait::now() + TimeDelta::seconds(38)).trunc_subsecs(0);
    for node in [&a, &b] {
        node.write(&rule("night", "stop", "dev", at));
        node.signal(Signal::HUP);
    }
    world.has("request", 1).await;
    assert!(wait::now() < at, "it is early by as much as its clock is ahead");
    // By hand on the other one, while it stops.
    let fired = b.run("fire night --yes").await;
    assert_eq!(fired.code, Some(0), "{fired:?}");
    world.has("firing_end", 2).await;
    world.were_stopped_once(1..=1).await;
    let status = b.run("status").await;
    let is_shown = |off| status.stdout.contains(off);
    assert!(is_shown("clock +30.") || is_shown("clock +29."), "{status:?}");
    // The instant comes for the other one, too, and it stands back for five seconds.
    wait::pass_to(at + TimeDelta::seconds(30 + 7)).await;
    world.were_stopped_once(1..=1).await;
    let entries = world.entries().await;
    assert_eq!(entries.firings("night").count(), 2, "{:?}", entries.0);
    assert_eq!(entries.of("takeover").count(), 0);
    world.is_whole(&[&a, &b]).await;
}
