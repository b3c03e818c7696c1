//! How far a target was told of the firings of each account, as its last notices say.

use chrono::TimeDelta;
use lightsout::audit::{AuditLog, Claim, NewNotice, Through, Trigger, Writer};
use lightsout::model::ids::FiringId;
use lightsout::schedule::Schedules;

use super::World;

const RULES: &str = "
timezone = 'UTC'
[accounts.near]
platform = 'vpc'
[accounts.far]
platform = 'vpc'
[[rules]]
name = 'near'
account = 'near'
action = 'stop'
cron = '0 20 * * *'
select = { names = ['*'] }
[[rules]]
name = 'far'
account = 'far'
action = 'stop'
cron = '0 20 * * *'
select = { names = ['*'] }
";

async fn tell(log: &AuditLog, firing: FiringId, times: usize) {
    let notice = NewNotice {
        target: "ops".to_owned(),
        event: "failure",
        firing: Some(firing),
        through: Through::default(),
        body: "{}".to_owned(),
    };
    log.notices(vec![notice; times]).await.unwrap();
}

#[tokio::test]
async fn each_account_that_may_wait_is_looked_back_at_however_many_there_are() {
    let world = World::new();
    let log = world.open(Writer::Daemon).await;
    let (schedules, _) = Schedules::parse(&world.file().path, RULES).unwrap();
    let file = log.load_file(&schedules).await.unwrap();
    let claim =
        |rule| Claim { rule, trigger: Trigger::Manual, file, dry_run: false, makes_up: &[] };
    let claims: Vec<Claim<'_>> = schedules.rules.iter().map(|rule| claim(&**rule)).collect();
    let firings = log.claim(&claims).await.unwrap();
    let [near, far] = [0, 1].map(|place| firings[place].unwrap());
    let reader = world.reader().await;
    let told = async || {
        let notices = reader.firing_notices("ops", TimeDelta::minutes(20)).await.unwrap();
        let accounts = notices.into_iter().map(|it| it.account);
        let mut accounts: Vec<String> = accounts.collect();
        accounts.dedup();
        accounts
    };
    tell(&log, near, 1).await;
    world.clock.step(TimeDelta::minutes(9));
    // Of many other accounts.
    tell(&log, far, 1_100).await;
    assert_eq!(told().await, ["far", "near"]);
    // Nobody waits so long, so everything before the next notice was told.
    world.clock.step(TimeDelta::minutes(25));
    tell(&log, far, 1).await;
    assert_eq!(told().await, ["far"]);
}
