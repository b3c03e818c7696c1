//! What the daemon does for its log once a day, and once an hour.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use lightsout::audit::{AuditLog, Writer};
use lightsout::engine::dispatch::{ActiveConfig, Dispatch};
use lightsout::engine::maintenance::Maintenance;
use lightsout::lifecycle::ShutdownSwitch;
use lightsout::schedule::Schedules;
use tokio::task::JoinSet;

use super::pruning::{numbers, thirty_nights};
use super::tampering::verify;
use super::{RULES, World};

const HOUR: Duration = Duration::from_secs(3_600);

/// The lines of all prunes, after hours have passed one by one.
async fn lines_after(world: &World, hours: u32, audit: &str) -> Vec<i64> {
    let log =
        Arc::new(AuditLog::open(&world.file(), Writer::Daemon, world.clock.clone()).await.unwrap());
    let text = format!("{RULES}\n{audit}");
    let (schedules, _) = Schedules::parse(&world.schedules.path, &text).unwrap();
    let file = log.load_file(&schedules).await.unwrap();
    let in_use = ActiveConfig { schedules: Arc::new(schedules), file, clouds: Arc::default() };
    let (_switch, shutdown) = ShutdownSwitch::new();
    let dispatch = Dispatch::new(log, world.clock.clone(), shutdown);
    let mut upkeep = Maintenance::new(dispatch.clock.moment());
    for hour in 0..hours {
        if hour > 0 {
            world.clock.skip(HOUR);
        }
        let mut running = JoinSet::new();
        upkeep.poll(&dispatch, &in_use, &mut running);
        running.join_all().await;
    }
    numbers(world, "SELECT below FROM prune ORDER BY seq").await
}

#[tokio::test]
async fn the_daemon_prunes_after_an_hour_and_then_daily() {
    let world = World::new();
    thirty_nights(&world).await;
    let keep = "[audit]\nkeep = '7d'";
    assert_eq!(lines_after(&world.copy(), 1, keep).await, [] as [i64; 0]);
    let once = lines_after(&world.copy(), 24, keep).await;
    let twice = lines_after(&world, 27, keep).await;
    assert_eq!((once.len(), twice.len()), (1, 2));
    assert!(once[0] == twice[0] && twice[0] < twice[1], "{twice:?}");
    assert!(verify(&world, None).await.sound);
}

#[tokio::test]
async fn a_clock_that_leaps_by_decades_has_the_daemon_prune_nothing() {
    let world = World::new();
    thirty_nights(&world).await;
    world.clock.step(TimeDelta::days(20_000));
    assert_eq!(lines_after(&world, 50, "[audit]\nkeep = '90d'").await, [] as [i64; 0]);
}

#[tokio::test]
async fn without_keep_everything_is_kept() {
    let world = World::new();
    thirty_nights(&world).await;
    assert_eq!(lines_after(&world, 50, "").await, [] as [i64; 0]);
}

#[tokio::test]
async fn the_write_ahead_log_is_emptied_once_an_hour() {
    let world = World::new();
    let (log, file) = world.writer().await;
    let log = Arc::new(log);
    let in_use =
        ActiveConfig { schedules: Arc::new(world.schedules.clone()), file, clouds: Arc::default() };
    let (_switch, shutdown) = ShutdownSwitch::new();
    let dispatch = Dispatch::new(Arc::clone(&log), world.clock.clone(), shutdown);
    let mut upkeep = Maintenance::new(dispatch.clock.moment());
    let size = || std::fs::metadata(world.dir.path().join("audit.db-wal")).unwrap().len();
    for (minutes, is_empty) in [(0, true), (59, false), (1, true)] {
        world.fire(&log, "night", file).await;
        assert!(size() > 0);
        world.clock.skip(Duration::from_secs(60 * minutes));
        let mut running = JoinSet::new();
        upkeep.poll(&dispatch, &in_use, &mut running);
        running.join_all().await;
        assert_eq!(size() == 0, is_empty, "after {minutes} minutes");
    }
}
