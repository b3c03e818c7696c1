//! A cloud, a clock and a folder that outlive the daemons started on them.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::audit::{AuditLog, AuditReader, HistoryFilter, HistoryLine, Writer};
use lightsout::clock::Clock;
use lightsout::cloud::rehearsal::{Fleet, RehearsalCloud};
use lightsout::cloud::{self, Environment};
use lightsout::engine::daemon::{self, DaemonError};
use lightsout::engine::dispatch::{ActiveConfig, Clouds, Dispatch};
use lightsout::engine::reload::NeverReload;
use lightsout::lifecycle::ShutdownSwitch;
use lightsout::model::instance::InstanceNo;
use lightsout::schedule::Schedules;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use tokio::task::JoinHandle;

use crate::leaps::{HeldClock, Leaps};
use crate::wait::{self, LONG};

/// Simulated seconds in each real one.
const SPEED: u32 = 30;

pub(super) struct World {
    pub(super) cloud: RehearsalCloud,
    pub(super) clock: Arc<HeldClock>,
    leaps: Arc<Leaps>,
    folder: tempfile::TempDir,
}

pub(super) struct Daemon {
    leaps: Arc<Leaps>,
    switch: ShutdownSwitch,
    running: JoinHandle<Result<(), DaemonError>>,
}

/// A process by hand: everything that `lightsout fire` has.
pub(super) struct Hand {
    pub(super) dispatch: Dispatch,
    pub(super) in_use: ActiveConfig,
    _switch: ShutdownSwitch,
}

impl World {
    /// A fleet, and the time at which it begins to live, in Seoul.
    pub(super) async fn at(begins: &str, fleet: &str) -> Self {
        Self::paced(SPEED, begins, fleet).await
    }

    /// The same on a clock of another speed.
    pub(super) async fn paced(speed: u32, begins: &str, fleet: &str) -> Self {
        let leaps = Leaps::new(seoul(begins), speed);
        leaps.go_on();
        let clock = Arc::clone(&leaps.clock);
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let fleet = Fleet::parse(fleet).unwrap();
        let time: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let cloud = RehearsalCloud::serve(fleet, time, listen).await.unwrap();
        Self { cloud, clock, leaps, folder: tempfile::tempdir().unwrap() }
    }

    pub(super) fn log(&self) -> std::path::PathBuf {
        self.folder.path().join("lightsout.db")
    }

    /// Lets time pass until it is `at` in Seoul, for sleepers too; on a loaded machine it may have
    /// passed already.
    pub(super) fn pass_to(&self, at: &str) {
        self.clock.skip((seoul(at) - self.clock.now()).to_std().unwrap_or_default());
    }

    /// Steps the wall clock to `at` in Seoul, and nothing else.
    pub(super) fn step_to(&self, at: &str) {
        self.clock.step(seoul(at) - self.clock.now());
    }

    /// A daemon, as soon as it has given a sign of life.
    pub(super) async fn start(&self, rules: &str) -> Daemon {
        let (schedules, clouds) = self.read(rules);
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let open = AuditLog::open(&schedules.audit, Writer::Daemon, Arc::clone(&clock));
        let audit = Arc::new(open.await.unwrap());
        self.leaps.is_written(&audit).await;
        let now = clock.now();
        let mut timetable =
            lightsout::engine::left_off::where_the_last_one_left_off(&audit, &schedules, now)
                .await
                .unwrap();
        let file = audit.load_file(&schedules).await.unwrap();
        let (switch, shutdown) = ShutdownSwitch::new();
        let dispatch = Dispatch::new(audit, clock, shutdown);
        let mut in_use =
            ActiveConfig { schedules: Arc::new(schedules), file, clouds: Arc::new(clouds) };
        let running = tokio::spawn(async move {
            daemon::run(dispatch, &mut in_use, &mut timetable, &mut NeverReload).await
        });
        let reader = AuditReader::open(&self.log()).await.unwrap();
        let lives = async || reader.daemon().await.unwrap()?.last_sign_of_life;
        wait::until("it gives a sign of life", lives).await;
        Daemon { leaps: Arc::clone(&self.leaps), switch, running }
    }

    /// What `lightsout fire` would have in its hands.
    pub(super) async fn hand(&self, rules: &str) -> Hand {
        let (schedules, clouds) = self.read(rules);
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let open = AuditLog::open(&schedules.audit, Writer::Fire, Arc::clone(&clock));
        let audit = Arc::new(open.await.unwrap());
        self.leaps.is_written(&audit).await;
        let file = audit.load_file(&schedules).await.unwrap();
        let (switch, shutdown) = ShutdownSwitch::new();
        let dispatch = Dispatch::new(audit, clock, shutdown);
        let in_use =
            ActiveConfig { schedules: Arc::new(schedules), file, clouds: Arc::new(clouds) };
        Hand { dispatch, in_use, _switch: switch }
    }

    /// A schedules.toml of this world.
    pub(super) fn schedules(&self, rules: &str) -> Schedules {
        self.read(rules).0
    }

    fn read(&self, rules: &str) -> (Schedules, Clouds) {
        // Looks between firings are only in the way where they are not what it is about.
        let observe = if rules.contains("[observe]") { "" } else { "observe.every = \"off\"\n" };
        let text = format!(
            "timezone = \"Asia/Seoul\"\n{observe}[accounts.main]\nplatform = \"vpc\"\n{rules}"
        );
        let (schedules, _) = Schedules::parse(&self.folder.path().join("schedules.toml"), &text)
            .unwrap_or_else(|problems| panic!("{problems:?}"));
        let gateway = self.cloud.base_url();
        let environment = Environment::from([
            ("NCLOUD_API_GW", gateway.as_str()),
            ("NCLOUD_ACCESS_KEY", self.cloud.access_key()),
            ("NCLOUD_SECRET_KEY", self.cloud.secret_key()),
        ]);
        let clouds = schedules.accounts.iter().map(|(name, account)| {
            let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
            let cloud = cloud::connect(account, &environment, clock).unwrap();
            (name.clone(), self.leaps.counted(cloud))
        });
        let clouds = clouds.collect();
        (schedules, clouds)
    }

    /// The history in the order it happened, as `rule time-it-was-for trigger outcome: reason`.
    pub(super) async fn told(&self) -> Vec<String> {
        let reader = AuditReader::open(&self.log()).await.unwrap();
        let filter = HistoryFilter { limit: 1_000, ..HistoryFilter::default() };
        let mut lines = reader.history(&filter).await.unwrap();
        lines.sort_by_key(|line| line.firing);
        lines.iter().map(told).collect()
    }

    /// The history, as soon as there are that many lines and all of them are settled.
    pub(super) async fn settled(&self, lines: usize) -> Vec<String> {
        let is_open = |line: &String| line.ends_with(" open");
        let settled = |told: &Vec<String>| told.len() >= lines && !told.iter().any(is_open);
        if let Some(told) = wait::maybe(async || Some(self.told().await).filter(settled)).await {
            return told;
        }
        panic!("not so many lines: {:?}", self.told().await)
    }

    /// Waits until the cloud has been asked for `action`.
    pub(super) async fn asked(&self, action: &str) {
        wait::until_so("the rule fires", async || self.cloud.counts().requests_for(action) > 0)
            .await;
    }

    /// Waits until a firing stands in the log, whatever became of it so far.
    pub(super) async fn claimed(&self) {
        self.has_lines(1).await;
    }

    /// Waits until the history has so many lines, whatever became of them so far.
    pub(super) async fn has_lines(&self, lines: usize) {
        wait::until_so("the rule fires", async || self.told().await.len() >= lines).await;
    }

    /// How often the cloud was asked to stop `dev-a`, and how often it did.
    pub(super) fn stops(&self) -> (u64, u64) {
        let tally = self.cloud.counts().of(&InstanceNo::new("1").unwrap());
        (tally.stop_requests, tally.stops)
    }

    /// How many files of sessions lie beside the log.
    pub(super) fn locks(&self) -> usize {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains("-session-")).count()
    }

    /// How often a firing was taken up from a dead process.
    pub(super) async fn takeovers(&self) -> i64 {
        let mut log = self.raw().await;
        sqlx::query_scalar("SELECT count(*) FROM takeover").fetch_one(&mut log).await.unwrap()
    }

    /// A connection to the log, beside the daemon's.
    pub(super) async fn raw(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.log());
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    /// Waits until the daemon's next sign of life has come and gone.
    pub(super) async fn a_minute(&self) {
        self.clock.sleep(Duration::from_secs(90)).await;
    }
}

impl Daemon {
    /// Tells it to end, as SIGTERM does.
    pub(super) async fn end(self) {
        self.leaps.let_go().await;
        self.switch.throw();
        tokio::time::timeout(LONG, self.running).await.expect("it ends").unwrap().unwrap();
    }

    /// Ends it as `kill -9` does: nothing is written, and its locks fall.
    pub(super) async fn kill(self) {
        self.leaps.let_go().await;
        self.running.abort();
        drop(self.running.await);
    }

    /// How it ended by itself.
    pub(super) async fn ended(self) -> Result<(), DaemonError> {
        tokio::time::timeout(LONG, self.running).await.expect("it ends by itself").unwrap()
    }
}

fn told(line: &HistoryLine) -> String {
    let seoul = TimeDelta::hours(9);
    let at = line.scheduled_at.as_deref().map(|at| at.parse::<DateTime<Utc>>().unwrap() + seoul);
    let at = at.map_or_else(|| "-".to_owned(), |at| at.format("%dT%H:%M").to_string());
    let outcome = line.outcome.as_deref().unwrap_or("open");
    let reason = line.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{} {at} {} {outcome}{reason}", line.rule, line.trigger)
}

pub(super) fn seoul(at: &str) -> DateTime<Utc> {
    format!("{at}+09:00").parse().expect("a time in Seoul")
}
