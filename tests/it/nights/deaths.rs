//! Daemons and firings that die, and logs that cannot be written.

use std::sync::Arc;
use std::time::Duration;

use lightsout::audit::{Ask, Through};
use lightsout::clock::Clock;
use lightsout::cloud::codes;
use lightsout::cloud::{CloudError, Meaning, Refusal};
use lightsout::engine::daemon::DaemonError;
use lightsout::model::instance::{Action, Instance, InstanceNo, Product, RegionCode};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use super::world::World;
use super::{FLEET, MORNING, NIGHT};

/// `ROLLBACK` in a trigger ends the transaction as SQLite itself does on a full disk.
async fn execute(world: &World, sql: &str) {
    let options = SqliteConnectOptions::new().filename(world.log());
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_firing_whose_daemon_died_before_it_asked_is_carried_on_by_the_next() {
    let faulty = format!("{FLEET}[[faults]]\nkind = \"error_before\"\n");
    let world = World::at("2026-11-23T19:00:00", &faulty).await;
    let first = world.start(NIGHT).await;
    world.pass_to("2026-11-23T19:59:50");
    world.claimed().await;
    first.kill().await;
    world.cloud.clear_faults();
    let second = world.start(NIGHT).await;
    assert_eq!(world.settled(1).await, ["night 23T20:00 schedule stopped"]);
    second.end().await;
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn a_daemon_adopts_what_a_dead_fire_left_open() {
    let world = World::at("2026-11-23T15:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    let hand = world.hand(NIGHT).await;
    let rule = Arc::clone(&hand.in_use.schedules.rules[0]);
    hand.dispatch.claim_by_hand(&rule, false, &hand.in_use).await.unwrap();
    drop(hand);
    assert_eq!(world.settled(1).await, ["night - manual stopped"]);
    daemon.end().await;
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn a_daemon_leaves_a_living_fire_alone() {
    let world = World::at("2026-11-23T15:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    let hand = world.hand(NIGHT).await;
    let rule = Arc::clone(&hand.in_use.schedules.rules[0]);
    hand.dispatch.claim_by_hand(&rule, false, &hand.in_use).await.unwrap();
    world.a_minute().await;
    daemon.end().await;
    assert_eq!(world.told().await, ["night - manual open"]);
    assert_eq!(world.stops(), (0, 0));
}

#[tokio::test]
async fn what_could_not_be_recorded_in_time_fires_as_soon_as_it_can() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    execute(
        &world,
        "CREATE TRIGGER full BEFORE INSERT ON firing
        BEGIN
            SELECT raise(ROLLBACK, 'the disk is full');
        END",
    )
    .await;
    world.pass_to("2026-11-23T20:20:00");
    world.a_minute().await;
    assert_eq!((world.told().await.len(), world.stops()), (0, (0, 0)), "no record, no request");
    execute(&world, "DROP TRIGGER full").await;
    assert_eq!(world.settled(1).await, ["night 23T20:00 late stopped"]);
    daemon.end().await;
}

#[tokio::test]
async fn what_could_not_be_settled_is_settled_as_soon_as_it_can() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    execute(
        &world,
        "CREATE TRIGGER full BEFORE INSERT ON outcome
        BEGIN
            SELECT raise(ROLLBACK, 'the disk is full');
        END",
    )
    .await;
    world.pass_to("2026-11-23T19:59:50");
    world.asked("stopServerInstances").await;
    world.a_minute().await;
    assert_eq!(world.told().await, ["night 23T20:00 schedule open"]);
    execute(&world, "DROP TRIGGER full").await;
    assert_eq!(world.settled(1).await, ["night 23T20:00 schedule stopped"]);
    daemon.end().await;
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn an_answer_that_came_while_the_log_was_away_is_written_when_it_is_back() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    execute(
        &world,
        "CREATE TRIGGER full BEFORE INSERT ON answer
        BEGIN
            SELECT raise(ROLLBACK, 'the disk is full');
        END",
    )
    .await;
    world.pass_to("2026-11-23T19:59:50");
    world.asked("stopServerInstances").await;
    world.a_minute().await;
    assert_eq!(world.told().await, ["night 23T20:00 schedule open"]);
    execute(&world, "DROP TRIGGER full").await;
    assert_eq!(world.settled(1).await, ["night 23T20:00 schedule stopped"]);
    daemon.end().await;
    let answers: Vec<(String, bool, String)> =
        sqlx::query_as("SELECT result, request_id IS NOT NULL, detail FROM answer")
            .fetch_all(&mut world.raw().await)
            .await
            .unwrap();
    let [(result, has_id, detail)] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!((result.as_str(), has_id), ("accepted", &true));
    assert!(detail.starts_with("it came at 2026-11-23T11:00:"), "{detail}");
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn a_start_that_fell_due_while_only_the_log_was_away_is_on_time_all_the_same() {
    let world = World::at("2026-11-24T07:58:00", FLEET).await;
    let daemon = world.start(MORNING).await;
    execute(
        &world,
        "CREATE TRIGGER full BEFORE INSERT ON firing
        BEGIN
            SELECT raise(ROLLBACK, 'the disk is full');
        END",
    )
    .await;
    world.pass_to("2026-11-24T07:59:50");
    world.a_minute().await;
    assert_eq!(world.told().await, [""; 0], "no record, no request");
    execute(&world, "DROP TRIGGER full").await;
    assert_eq!(world.settled(1).await, ["morning 24T08:00 schedule already"]);
    daemon.end().await;
}

fn dev_a() -> Instance {
    Instance {
        no: InstanceNo::new("1").unwrap(),
        name: "dev-a".to_owned(),
        region: RegionCode::new("KR").unwrap(),
        status: codes::status("RUN"),
        operation: codes::operation("NULL"),
        booted_at: None,
        created_at: None,
        product: Product::default(),
        tags: None,
    }
}

/// A firing by hand whose process asked for the server, and died with this answer.
async fn left_asked(world: &World, rules: &str, answer: Option<CloudError>) {
    let hand = world.hand(rules).await;
    let rule = Arc::clone(&hand.in_use.schedules.rules[0]);
    let firing = hand.dispatch.claim_by_hand(&rule, false, &hand.in_use).await.unwrap();
    let instance = dev_a();
    let audit = &hand.dispatch.audit;
    audit.targets(firing.id, &[&instance], &[]).await.unwrap();
    let ask = Ask { action: Action::Stop, region: &instance.region, seen: Through::from(i64::MAX) };
    let numbers = [instance.no.clone()];
    let asked = audit.request(firing.id, &rule.account, ask, &numbers).await.unwrap();
    if let Some(error) = answer {
        audit.answer(asked.request.unwrap().0, &Err(error)).await.unwrap();
    }
}

#[tokio::test]
async fn what_a_dead_process_asked_without_effect_is_asked_again_even_with_a_short_patience() {
    let world = World::at("2026-11-23T15:00:00", FLEET).await;
    let hasty = format!("{NIGHT}patience = \"5s\"\n");
    left_asked(&world, &hasty, None).await;
    world.clock.skip(Duration::from_secs(20));
    let daemon = world.start(&hasty).await;
    let told = world.settled(1).await;
    daemon.end().await;
    assert_eq!((told, world.stops()), (vec!["night - manual stopped".to_owned()], (1, 1)));
}

#[tokio::test]
async fn what_a_dead_process_asked_is_never_called_skipped() {
    let refused = || CloudError::Refused {
        refusal: Refusal {
            http_status: 400,
            return_code: Some("25014".to_owned()),
            ..Refusal::default()
        },
        meaning: Meaning::InTheWay,
    };
    let busy = FLEET.replace("stop_takes = \"5s\"", "operation = \"CHNG\"\nbusy_for = \"3h\"");
    let other = NIGHT.replace("\"night\"", "\"another\"");
    for (rules, fleet, answer, outcome) in [
        (NIGHT, &*busy, None, "timed_out: taken up, and still RUN"),
        (
            NIGHT,
            &busy,
            Some(refused()),
            "refused: asked once, with others; HTTP 400, return code 25014",
        ),
        (
            &other,
            FLEET,
            Some(refused()),
            "refused: asked once; HTTP 400, return code 25014; not asked again: ",
        ),
    ] {
        let world = World::at("2026-11-23T15:00:00", fleet).await;
        left_asked(&world, &NIGHT.replace("select", "patience = \"5s\"\nselect"), answer).await;
        world.clock.skip(Duration::from_secs(20));
        let daemon = world.start(rules).await;
        let told = world.settled(1).await;
        daemon.end().await;
        assert!(told[0].starts_with(&format!("night - manual {outcome}")), "{told:?}");
    }
}

#[tokio::test]
async fn what_a_dead_process_had_not_come_to_is_told_of_where_its_rule_is_gone() {
    // It saw `dev-b`, whose tags it was still reading; `dev-c` was made after its death.
    let fleet = format!(
        "{FLEET}[[servers]]\nname = \"dev-b\"\nno = \"3\"\n\
         [[servers]]\nname = \"dev-c\"\nno = \"4\"\n"
    );
    let world = World::at("2026-11-23T15:00:00", &fleet).await;
    let hand = world.hand(NIGHT).await;
    let seen = Instance { no: InstanceNo::new("3").unwrap(), ..dev_a() };
    let account = &hand.in_use.schedules.rules[0].account;
    hand.dispatch.audit.seen(account, &[&seen], world.clock.now()).await.unwrap();
    drop(hand);
    left_asked(&world, NIGHT, None).await;
    let daemon = world.start(&NIGHT.replace("\"night\"", "\"another\"")).await;
    let mut told = world.settled(2).await;
    told.sort();
    daemon.end().await;
    let gone = "its rule is gone";
    let asked = "night - manual refused: asked once; no answer: ";
    assert!(told[0].starts_with(asked) && told[0].ends_with(gone), "{told:?}");
    let unasked =
        format!("night - manual skipped: not asked by the time its process died, and {gone}");
    assert_eq!((&told[1], told.len()), (&unasked, 2), "{told:?}");
    assert_eq!(world.cloud.counts().total().stops, 0);
}

#[tokio::test]
async fn regions_that_may_not_be_named_do_not_end_what_is_followed() {
    let fault = "[[faults]]\nkind = \"forbidden\"\non = \"getRegionList\"\n";
    let world = World::at("2026-11-23T15:00:00", &format!("{FLEET}{fault}")).await;
    left_asked(&world, NIGHT, None).await;
    let daemon = world.start(NIGHT).await;
    let told = world.settled(2).await;
    daemon.end().await;
    assert!(told.contains(&"night - manual stopped".to_owned()), "{told:?}");
    let failed = "night - manual cloud_failed: the keys lack the right to call `getRegionList`";
    assert!(told.iter().any(|word| word.starts_with(failed)), "{told:?}");
    assert_eq!(world.stops(), (1, 1));
}

#[tokio::test]
async fn nothing_is_written_to_a_log_that_was_deleted() {
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    world.a_minute().await;
    std::fs::remove_file(world.log()).unwrap();
    assert!(matches!(daemon.ended().await, Err(DaemonError::LogGone(_))));
    assert_eq!(world.stops(), (0, 0));
}

#[tokio::test]
async fn what_was_taken_over_is_followed_once_however_long_it_takes() {
    let fleet = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"5s\"\n\
        operation = \"CHNG\"\nbusy_for = \"3h\"\n";
    let patient = format!("{NIGHT}patience = \"6h\"\n");
    let world = World::at("2026-11-23T19:00:00", fleet).await;
    let first = world.start(&patient).await;
    world.pass_to("2026-11-23T19:59:50");
    world.claimed().await;
    first.kill().await;
    let second = world.start(&patient).await;
    for _ in 0..2 {
        world.a_minute().await;
    }
    world.pass_to("2026-11-23T23:00:00");
    let told = world.settled(1).await;
    // A machine that stands still for a third of a second is late by ten of this clock's.
    assert!(told.len() == 1 && told[0].ends_with(" stopped"), "{told:?}");
    second.end().await;
    assert_eq!((world.stops(), world.takeovers().await), ((1, 1), 1));
}

#[tokio::test]
async fn what_a_killed_daemon_leaves_beside_the_log_is_cleared_away_by_the_next() {
    let world = World::at("2026-11-23T15:00:00", FLEET).await;
    world.start(NIGHT).await.kill().await;
    assert_eq!(world.locks(), 1, "the file of a session that was killed");
    let second = world.start(NIGHT).await;
    assert_eq!(world.locks(), 1, "only its own");
    second.end().await;
}
