//! Sessions: one living daemon at a time, and the dead are known to be dead.

use std::time::Duration;

use lightsout::audit::{AuditError, AuditLog, DaemonLife, Writer};
use lightsout::schedule::AuditFile;
use lightsout::time::uptime::Stretch;

use super::{World, noon};

/// Of the text of the rules, by another program.
const RULES_SHA256: &str = "c3f0fb42dd959ca848b424de4e79e3b23c1f58c531655b9faa97dbbdc904e8bd";

#[tokio::test]
async fn a_second_daemon_is_refused_and_a_fire_is_not() {
    let world = World::new();
    let daemon = world.open(Writer::Daemon).await;
    let second = AuditLog::open(&world.file(), Writer::Daemon, world.clock.clone()).await;
    let refused = matches!(second, Err(AuditError::AnotherDaemon { pid }) if pid == pid_of_this());
    assert!(refused, "{second:?}");
    world.open(Writer::Fire).await.end("done").await.unwrap();
    daemon.end("told to").await.unwrap();
    let after = world.open(Writer::Daemon).await;
    after.end("told to").await.unwrap();
    let mut left: Vec<_> =
        world.dir.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["audit.db"], "nothing is left behind but the log");
}

#[tokio::test]
async fn a_daemon_that_died_is_not_alive() {
    let world = World::new();
    drop(world.open(Writer::Daemon).await);
    assert_eq!(world.reader().await.daemon().await.unwrap(), None);
    world.open(Writer::Daemon).await;
}

#[tokio::test]
async fn the_living_daemon_is_told_with_its_file_and_its_last_sign_of_life() {
    let world = World::new();
    let daemon = world.open(Writer::Daemon).await;
    let reader = world.reader().await;
    let mut expected = DaemonLife {
        pid: pid_of_this(),
        host: reader.daemon().await.unwrap().and_then(|life| life.host),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        since: "2026-11-23T12:00:00.123Z".to_owned(),
        last_sign_of_life: None,
        file_path: None,
        file_sha256: None,
    };
    assert_eq!(reader.daemon().await.unwrap().as_ref(), Some(&expected));
    daemon.load_file(&world.schedules).await.unwrap();
    let lived = Stretch { from: noon(), until: noon() };
    for lived in [None, Some(lived)] {
        world.clock.skip(Duration::from_secs(1));
        daemon.sign_of_life(lived).await.unwrap();
    }
    expected.last_sign_of_life = Some("2026-11-23T12:00:02.123Z".to_owned());
    expected.file_path = Some(world.schedules.path.display().to_string());
    expected.file_sha256 = Some(RULES_SHA256.to_owned());
    assert_eq!(reader.daemon().await.unwrap(), Some(expected));
}

fn pid_of_this() -> i64 {
    i64::from(std::process::id())
}

#[tokio::test]
async fn a_second_daemon_is_refused_on_a_log_that_it_reaches_by_a_link() {
    let world = World::new();
    let first = world.open(Writer::Daemon).await;
    let link = world.dir.path().join("elsewhere");
    std::fs::create_dir(&link).unwrap();
    let link = link.join("link.db");
    std::os::unix::fs::symlink(&world.file().path, &link).unwrap();
    let file = AuditFile { path: link, ..world.file() };
    let second = AuditLog::open(&file, Writer::Daemon, world.clock.clone()).await;
    assert!(matches!(second, Err(AuditError::AnotherDaemon { .. })), "{second:?}");
    first.end("done").await.unwrap();
}
