//! A quarter of nights in a log.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::audit::{Ask, AuditLog, Claim, Through, Trigger, Writer};
use lightsout::clock::{Clock, RehearsalClock};
use lightsout::cloud::{Accepted, codes};
use lightsout::model::ids::FileId;
use lightsout::model::instance::{
    AccountName, Action, Instance, InstanceNo, Product, RegionCode, Status,
};
use lightsout::model::outcome::Outcome;
use lightsout::model::settlement::Settlement;
use lightsout::schedule::{AuditFile, Rule, Schedules};
use lightsout::time::uptime::Stretch;

use super::super::shell::{ONE, Shell};
use super::{NIGHTS, RULES};

/// Numbers, names, and as what they are sold.
const SERVERS: [(&str, &str, &str, &str); 3] = [
    ("1", "dev-a", "s2-g2-h50", "STAND"),
    ("2", "dev-b", "m1-g1", "MICRO"),
    ("3", "개발-배치", "c9-g9", "HICPU"),
];

/// A quarter of nights, as a daemon would have written them.
struct Quarter {
    log: AuditLog,
    clock: Arc<RehearsalClock>,
    schedules: Schedules,
    file: FileId,
}

/// How a night goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Night {
    /// Everything stops.
    Good,
    /// The cloud refuses to stop `dev-a`.
    Refused,
    /// No daemon is there in the evening.
    Missed,
}

impl Night {
    /// Every tenth is bad, and of those that would be the fortieth and the eightieth are missed.
    fn of(day: i64) -> Self {
        match day {
            40 | 80 => Self::Missed,
            day if day % 10 == 0 => Self::Refused,
            _ => Self::Good,
        }
    }
}

impl Quarter {
    async fn in_folder_of(shell: &Shell) -> Self {
        let clock = RehearsalClock::new(begins() - TimeDelta::hours(1), 0);
        let path = shell.path().join("lightsout.db");
        let file = AuditFile { path, mode: 0o600, keep: None, shared: None };
        let log = AuditLog::open(&file, Writer::Daemon, clock.clone()).await.unwrap();
        let (schedules, _) = Schedules::parse(&shell.path().join("schedules.toml"), RULES).unwrap();
        let file = log.load_file(&schedules).await.unwrap();
        Self { log, clock, schedules, file }
    }

    /// Lets it be so many minutes after the midnight of a day of the quarter.
    fn be(&self, day: i64, minute: i64) {
        let at = begins() + TimeDelta::days(day) + TimeDelta::minutes(minute);
        self.clock.skip((at - self.clock.now()).to_std().unwrap());
    }

    fn rule(&self, action: Action) -> &Rule {
        let name = if action == Action::Stop { "night" } else { "morning" };
        self.schedules.rule(name, action).unwrap()
    }

    async fn look(&self, status: &Status, who: impl Fn(&str) -> bool, booted_at: DateTime<Utc>) {
        let instance = |(no, name, spec, kind): &(&str, &str, &str, &str)| Instance {
            no: InstanceNo::new(*no).unwrap(),
            name: (*name).to_owned(),
            region: kr(),
            status: status.clone(),
            operation: codes::operation("NULL"),
            booted_at: Some(booted_at),
            created_at: None,
            product: Product {
                product_code: None,
                spec_code: Some((*spec).to_owned()),
                server_type: Some((*kind).to_owned()),
            },
            tags: None,
        };
        let seen: Vec<Instance> = SERVERS.iter().filter(|(no, ..)| who(no)).map(instance).collect();
        self.log.seen(&main(), &seen.iter().collect::<Vec<_>>(), self.clock.now()).await.unwrap();
    }

    /// Fires at this time, asks, and settles two minutes later; returns when the servers booted
    /// last.
    async fn fire(&self, action: Action, night: Night, booted_at: DateTime<Utc>) -> DateTime<Utc> {
        let file = self.file;
        let due_at = self.clock.now();
        let trigger = Trigger::Schedule(due_at);
        let rule = self.rule(action);
        let claim = Claim { rule, trigger, file, dry_run: false, makes_up: &[] };
        if night == Night::Missed && action == Action::Stop {
            self.log.miss(&[(claim, "daemon away".to_owned())]).await.unwrap();
            return booted_at;
        }
        let firing = self.log.claim(&[claim]).await.unwrap()[0].unwrap();
        let asks = |no: &str| match action {
            Action::Stop => !(night == Night::Refused && no == "1"),
            Action::Start => night != Night::Missed && !(night == Night::Refused && no == "1"),
        };
        let before = SERVERS.map(|(no, name, ..)| Instance {
            no: InstanceNo::new(no).unwrap(),
            name: name.to_owned(),
            region: kr(),
            status: if asks(no) { at_goal(action.opposite()) } else { codes::status("RUN") },
            operation: codes::operation("NULL"),
            booted_at: Some(booted_at),
            created_at: None,
            product: Product::default(),
            tags: None,
        });
        self.log.targets(firing, &before.each_ref(), &[]).await.unwrap();
        let asked: Vec<InstanceNo> = SERVERS
            .iter()
            .filter(|(no, ..)| asks(no))
            .map(|(no, ..)| InstanceNo::new(*no).unwrap())
            .collect();
        if !asked.is_empty() {
            let ask = Ask { action, region: &kr(), seen: Through::from(i64::MAX) };
            let recorded = self.log.request(firing, &main(), ask, &asked).await.unwrap();
            let (request, _) = recorded.request.unwrap();
            self.log.answer(request, &Ok(accepted())).await.unwrap();
        }
        self.clock.skip(Duration::from_secs(120));
        let booted_at =
            if action == Action::Start { due_at + TimeDelta::minutes(1) } else { booted_at };
        self.look(&at_goal(action), asks, booted_at).await;
        let settled = SERVERS.map(|(no, ..)| Settlement {
            instance: Some(InstanceNo::new(no).unwrap()),
            region: Some(kr()),
            ..Settlement::of_firing(
                match action {
                    Action::Stop if asks(no) => Outcome::Stopped,
                    Action::Stop => Outcome::Refused,
                    Action::Start if asks(no) => Outcome::Started,
                    Action::Start => Outcome::Already,
                },
                None,
            )
        });
        self.log.settle(firing, &settled).await.unwrap();
        self.log.end_firing(firing).await.unwrap();
        booted_at
    }
}

fn accepted() -> Accepted {
    let return_code = "0".to_owned();
    Accepted { http_status: 200, request_id: None, return_code, return_message: None }
}

fn kr() -> RegionCode {
    RegionCode::new("KR").unwrap()
}

fn main() -> AccountName {
    AccountName::new("main").unwrap()
}

fn begins() -> DateTime<Utc> {
    "2026-07-01T00:00:00+09:00".parse().unwrap()
}

/// A folder whose log has a quarter in it.
pub(super) async fn quarter() -> Shell {
    let shell = Shell::of(ONE, RULES).await;
    let quarter = Quarter::in_folder_of(&shell).await;
    let mut booted_at = begins() - TimeDelta::days(1);
    quarter.look(&codes::status("RUN"), |_| true, booted_at).await;
    for day in 0..NIGHTS {
        let night = Night::of(day);
        quarter.be(day, 20 * 60);
        quarter.fire(Action::Stop, night, booted_at).await;
        quarter.be(day + 1, 8 * 60);
        booted_at = quarter.fire(Action::Start, night, booted_at).await;
    }
    let (from, until) = (begins() - TimeDelta::hours(1), quarter.clock.now());
    quarter.log.sign_of_life(Some(Stretch { from, until })).await.unwrap();
    quarter.log.end("told to").await.unwrap();
    shell
}

/// The status that an action leads to.
fn at_goal(action: Action) -> Status {
    codes::status(codes::of(&[action.goal()])[0])
}
