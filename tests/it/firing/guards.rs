//! What a firing leaves alone, and why.

use super::world::World;
use super::{ALL, ONE};

#[tokio::test]
async fn protected_and_excepted_instances_are_left_alone() {
    let fleet = "[[servers]]\nname = \"prod\"\nno = \"1\"\n\
        [[servers]]\nname = \"dev-db\"\nno = \"2\"\n\
        [[servers]]\nname = \"dev-x\"\nno = \"3\"\ntags = { keep = \"yes\" }\n\
        [[servers]]\nname = \"dev-a\"\nno = \"4\"\nstop_takes = \"5s\"\n";
    let rules = format!(
        "[protect]\nnames = [\"prod\"]\ntags = {{ keep = \"*\" }}\n{ALL}\
         except = {{ names = [\"*-db\"] }}\n"
    );
    let world = World::of(fleet, &rules).await;
    assert_eq!(
        world.fire().await,
        [
            "1 skipped RUN: protected",
            "2 skipped RUN: excepted",
            "3 skipped RUN: protected",
            "4 stopped NSTOP",
        ]
    );
    assert_eq!(world.cloud.counts().total().stop_requests, 1);
}

#[tokio::test]
async fn a_stopped_instance_is_already_there_and_not_asked() {
    let world = World::of(&format!("{ONE}status = \"NSTOP\"\n"), ALL).await;
    assert_eq!(world.fire().await, ["1 already NSTOP"]);
    let line = &world.history().await[0];
    assert_eq!((line.requested_at.as_ref(), line.request_id.as_ref()), (None, None));
    assert_eq!(world.stop_requests(), 0);
}

#[tokio::test]
async fn one_instance_too_many_and_nothing_is_sent() {
    let fleet = "[[servers]]\nname = \"dev\"\nno = \"1\"\ncount = 3\n";
    let world = World::of(fleet, &format!("{ALL}max_instances = 2\n")).await;
    assert_eq!(world.fire().await, ["all too_many: 3 instances, max_instances = 2"]);
    assert_eq!(world.stop_requests(), 0);
}

#[tokio::test]
async fn max_instances_counts_after_except_and_protect() {
    let fleet = "[[servers]]\nname = \"dev\"\nno = \"1\"\ncount = 3\nstop_takes = \"5s\"\n";
    let rules = format!(
        "[protect]\nnames = [\"dev-1\"]\n{ALL}max_instances = 1\nexcept = {{ names = [\"dev-2\"] }}\n"
    );
    let world = World::of(fleet, &rules).await;
    assert_eq!(
        world.fire().await,
        ["1 skipped RUN: protected", "2 skipped RUN: excepted", "3 stopped NSTOP"]
    );
}

#[tokio::test]
async fn a_rule_that_matches_nothing_says_so() {
    let world =
        World::of(ONE, &ALL.replace('*', "qa-*").replace("0 20 qa-* qa-* qa-*", "0 20 * * *"))
            .await;
    assert_eq!(world.fire().await, ["all nothing_matched"]);
    assert_eq!(world.stop_requests(), 0);
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    let fleet = format!(
        "{ONE}[[servers]]\nname = \"b\"\nno = \"2\"\nstatus = \"NSTOP\"\n\
         [[servers]]\nname = \"c\"\nno = \"3\"\noperation = \"SETUP\"\n"
    );
    let world = World::of(&fleet, &format!("{ALL}dry_run = true\n")).await;
    assert_eq!(
        world.fire().await,
        ["1 dry_run RUN", "2 already NSTOP", "3 skipped RUN: busy: RUN, operation SETUP"]
    );
    assert!(world.story().await.dry_run);
    assert_eq!(world.stop_requests(), 0);
}
