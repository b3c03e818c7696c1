//! Servers that come to a limit of their stop budget, and what is done about it.

mod starts;

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::audit::AuditReader;
use lightsout::clock::Clock;
use lightsout::cloud::codes;
use lightsout::engine::facts::Concerned;
use lightsout::hold::Hold;
use lightsout::model::instance::{AccountName, Instance, InstanceNo, Product, RegionCode, Status};
use lightsout::model::reason::Reason;
use lightsout::model::subject::Subject;
use lightsout::schedule::Schedules;
use lightsout::stop_limit::Allowance;

use super::world::{Daemon, Hand, World, seoul};
use super::{FLEET, MORNING, NIGHT};
use crate::wait::{self, LONG};

/// Looks often enough that every state is known.
const OBSERVE: &str = "[observe]\nevery = \"10m\"\n";

/// Four nights of eleven hours are allowed, and no more.
const TWO_DAYS: &str = "[budget]\nin_a_row = 2\nin_12_months = 2\nat_limit = \"keep_running\"\n";

/// Starts an hour before the morning.
const DAWN: &str = "[[rules]]\nname = \"dawn\"\naction = \"start\"\ncron = \"0 7 * * *\"\n\
    select = { names = [\"dev-*\"] }\n";

const TOLD: &str = "[[notify]]\nname = \"me\"\ncommand = [\"true\"]\non = [\"budget\"]\n";

impl World {
    /// Lets a time come with a look half an hour before it, as somebody who is awake would have.
    async fn live_to(&self, at: &str) {
        self.look_at(seoul(at) - TimeDelta::minutes(30)).await;
        self.clock.skip((seoul(at) - TimeDelta::seconds(10) - self.clock.now()).to_std().unwrap());
    }

    /// A daemon, as soon as it has looked.
    async fn awake(&self, rules: &str) -> Daemon {
        let sql = "SELECT looked_at FROM look WHERE instance_no = '1'";
        let before: i64 = sqlx::query_scalar(sql).fetch_one(&mut self.raw().await).await.unwrap();
        let daemon = self.start(rules).await;
        let looked = async || {
            let at: i64 = sqlx::query_scalar(sql).fetch_one(&mut self.raw().await).await.unwrap();
            at > before
        };
        wait::until_so("it looks", looked).await;
        daemon
    }

    async fn look_at(&self, at: DateTime<Utc>) {
        self.clock.skip((at - self.clock.now()).to_std().expect("a later time"));
        self.is_seen("1").await;
    }

    /// How near instances have come to limits by the log: against what, and from where to where.
    async fn steps(&self) -> Vec<(String, u32, u32)> {
        let sql = "SELECT against, reached_before, reached FROM budget ORDER BY seq";
        sqlx::query_as(sql).fetch_all(&mut self.raw().await).await.unwrap()
    }

    /// The same, as soon as there are so many.
    async fn stepped(&self, count: usize) -> Vec<(String, u32, u32)> {
        self.once(async || Some(self.steps().await).filter(|steps| steps.len() >= count)).await
    }

    /// What notices say of the budget.
    async fn texts(&self) -> Vec<String> {
        let sql = "SELECT body ->> 'text' FROM notice WHERE event = 'budget' ORDER BY seq";
        sqlx::query_scalar(sql).fetch_all(&mut self.raw().await).await.unwrap()
    }

    /// Passes more than the hour after which a daemon looks for what was off too long.
    async fn an_hour(&self) {
        for _ in 0..3 {
            self.look_at(self.clock.now() + TimeDelta::minutes(25)).await;
            self.a_minute().await;
        }
    }

    /// The history, as soon as there are so many lines: time passes until then, but none while
    /// something is being done.
    async fn comes_to(&self, lines: usize) -> Vec<String> {
        let passing = async {
            while self.told().await.len() < lines {
                self.look_at(self.clock.now() + TimeDelta::minutes(25)).await;
                self.a_minute().await;
            }
        };
        tokio::time::timeout(LONG, passing).await.expect("it comes to that");
        self.settled(lines).await
    }

    fn starts(&self) -> (u64, u64) {
        let tally = self.cloud.counts().of(&InstanceNo::new("1").unwrap());
        (tally.start_requests, tally.starts)
    }
}

fn dev(status: Status) -> Instance {
    Instance {
        no: InstanceNo::new("1").unwrap(),
        name: "dev-a".to_owned(),
        region: RegionCode::new("KR").unwrap(),
        status,
        operation: codes::operation("NULL"),
        booted_at: None,
        created_at: None,
        product: Product::default(),
        tags: None,
    }
}

#[tokio::test]
async fn a_server_whose_days_are_used_up_is_not_stopped_any_more() {
    let rules = format!("{OBSERVE}{TWO_DAYS}{NIGHT}{DAWN}");
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let mut daemon = world.start(&rules).await;
    for day in 23..27 {
        world.live_to(&format!("2026-11-{day}T20:00:00")).await;
        world.settled(2 * (day - 23) + 1).await;
        if day == 24 {
            daemon.kill().await;
            daemon = world.start(&rules).await;
        }
        world.live_to(&format!("2026-11-{}T07:00:00", day + 1)).await;
        world.settled(2 * (day - 23) + 2).await;
    }
    world.live_to("2026-11-27T20:00:00").await;
    let told = world.settled(9).await;
    let reason = "stop budget: it was off for at least 1.8 of 2 days in 12 months (unconfirmed \
        limit), and would be for 2.3 until its next start 2026-11-28 07:00+09:00; unknown time is \
        not counted";
    assert_eq!(told[6], "night 26T20:00 schedule stopped");
    assert_eq!(told[8], format!("night 27T20:00 schedule skipped: {reason}"));
    // Nor by hand.
    let hand = world.hand(&rules).await;
    let rule = &hand.in_use.schedules.rules[0];
    let firing = hand.dispatch.claim_by_hand(rule, false, &hand.in_use).await.unwrap();
    hand.dispatch.carry_out(vec![firing], &hand.in_use).await;
    assert_eq!(world.told().await.last(), Some(&format!("night - manual skipped: {reason}")));
    assert_eq!(world.stops(), (4, 4));
    daemon.end().await;
}

/// Nights of twelve hours and a minute, as looks show them: it is 20:00 again when they are over.
async fn nights(world: &World, hand: &Hand, count: u32) {
    let account = AccountName::new("main").unwrap();
    let minute = Duration::from_secs(60);
    for _ in 0..count {
        for (status, passes) in [
            (codes::status("RUN"), minute),
            (codes::status("NSTOP"), 719 * minute),
            (codes::status("NSTOP"), minute),
            (codes::status("RUN"), 719 * minute),
        ] {
            let now = world.clock.now();
            hand.dispatch.audit.seen(&account, &[&dev(status)], now).await.unwrap();
            world.clock.skip(passes);
        }
    }
    hand.dispatch
        .audit
        .seen(&account, &[&dev(codes::status("RUN"))], world.clock.now())
        .await
        .unwrap();
}

/// The reason why the first rule must not stop an instance now, if there is one.
async fn overruns(
    world: &World,
    schedules: &Schedules,
    instance: &Instance,
) -> HashMap<InstanceNo, Reason> {
    let rule = &schedules.rules[0];
    let allowance = Allowance::of(schedules, rule);
    let (allowance, now) = (allowance.as_ref(), world.clock.now());
    let concerned = Concerned { rule, allowance, instances: vec![instance], now };
    let log = AuditReader::open(&world.log()).await.unwrap();
    let facts = log.facts_for(&concerned.query()).await.unwrap();
    concerned.excluded(&facts, &facts.holds)
}

#[tokio::test]
async fn of_ninety_days_of_nights_none_is_forgotten() {
    let budget = "[budget]\nin_12_months = 46\nat_limit = \"keep_running\"\n";
    let world = World::paced(0, "2026-08-01T20:00:00", FLEET).await;
    let hand = world.hand(&format!("{budget}{NIGHT}{MORNING}")).await;
    let schedules = &hand.in_use.schedules;
    let running = dev(codes::status("RUN"));
    let spent = "stop budget: it was off for at least 45.5 of 46 days in 12 months (unconfirmed \
        limit), and would be for 46.1 until its next start 2026-11-01 08:00+09:00; unknown time is \
        not counted";
    for (count, expected) in [(90, None), (1, Some(spent))] {
        nights(&world, &hand, count).await;
        let found = overruns(&world, schedules, &running).await;
        let found = found.get(&running.no).map(ToString::to_string);
        assert_eq!(found.as_deref(), expected, "{count} more");
    }
}

#[tokio::test]
async fn what_nobody_saw_counts_for_nothing_and_the_reason_says_so() {
    let budget = "[budget]\nin_12_months = 2\nat_limit = \"keep_running\"\n";
    let rules = format!("{OBSERVE}{budget}{NIGHT}");
    let world = World::at("2026-11-23T19:00:00", FLEET).await;
    let daemon = world.start(&rules).await;
    let no = InstanceNo::new("1").unwrap();
    world.live_to("2026-11-23T20:00:00").await;
    world.settled(1).await;
    world.live_to("2026-11-24T20:00:00").await;
    world.settled(2).await;
    world.look_at(seoul("2026-11-25T17:00:00")).await;
    daemon.end().await;
    // Whoever turned it on meanwhile, nobody knows when.
    world.cloud.set_status(&no, codes::status("RUN"), codes::operation("NULL"));
    world.pass_to("2026-11-26T19:00:00");
    let daemon = world.start(&rules).await;
    world.live_to("2026-11-26T20:00:00").await;
    let reason = "stop budget: it was off for at least 1.8 of 2 days in 12 months (unconfirmed \
        limit), and would be for 2.9 a day from now, no start of it being known; unknown time is \
        not counted";
    let told = world.settled(4).await;
    assert_eq!(told.last(), Some(&format!("night 26T20:00 schedule skipped: {reason}")));
    assert_eq!(world.stops(), (1, 1));
    daemon.end().await;
}

#[tokio::test]
async fn while_what_starts_it_is_held_a_stop_lasts_until_the_hold_is_over() {
    let budget = "[budget]\nin_12_months = 46\nat_limit = \"keep_running\"\n";
    let world = World::paced(0, "2026-08-01T20:00:00", FLEET).await;
    let hand = world.hand(&format!("{budget}{NIGHT}{MORNING}")).await;
    let schedules = &hand.in_use.schedules;
    let running = dev(codes::status("RUN"));
    nights(&world, &hand, 88).await;
    let overruns = async || overruns(&world, schedules, &running).await;
    assert!(overruns().await.is_empty());
    let hold = Hold {
        subject: Subject::Rule(schedules.rules[1].name.to_string()),
        until: seoul("2026-10-31T12:00:00"),
        skip: false,
        why: None,
        who: "kim@desk".to_owned(),
    };
    hand.dispatch.audit.hold(&hold).await.unwrap();
    let reason = overruns().await[&running.no].to_string();
    assert!(reason.contains(" until its next start 2026-10-31 12:00+09:00"), "{reason}");
    let skip = Hold { skip: true, until: hold.until + TimeDelta::hours(1), ..hold };
    hand.dispatch.audit.hold(&skip).await.unwrap();
    let reason = overruns().await[&running.no].to_string();
    assert!(reason.contains(" until its next start 2026-11-01 08:00+09:00"), "{reason}");
}
