//! A log in which firings end as the test says, and the notices that come of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::audit::{AuditLog, AuditReader, Claim, Loss, Restart, Step, Trigger, Writer};
use lightsout::clock::{Clock, RehearsalClock};
use lightsout::cloud::codes;
use lightsout::model::ids::{FileId, FiringId};
use lightsout::model::instance::{AccountName, Instance, InstanceNo, Product, RegionCode};
use lightsout::model::outcome::Outcome;
use lightsout::model::reason::Reason;
use lightsout::model::repair::Repair;
use lightsout::model::settlement::Settlement;
use lightsout::notice::Notices;
use lightsout::schedule::Schedules;
use lightsout::schedule::budget::Limit;
use lightsout::schedule::budget::spent::Spent;
use lightsout::select::unmatched::Told;
use lightsout::time::uptime::Stretch;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use crate::wait;

/// Ten simulated minutes in each real second, so that a first pause is over in a moment.
const SPEED: u32 = 600;

const RULE: &str = "timezone = 'Asia/Seoul'\n[accounts.main]\nplatform = 'vpc'\n\
    [[rules]]\nname = 'night'\naction = 'stop'\ncron = '0 20 * * *'\nselect = { names = ['*'] }\n";

pub(super) struct World {
    pub(super) clock: Arc<RehearsalClock>,
    folder: tempfile::TempDir,
    schedules: Arc<Schedules>,
    audit: Arc<AuditLog>,
    file: FileId,
    notices: Option<Notices>,
    /// Those that died and tell nobody any more.
    dead: Vec<World>,
}

impl World {
    /// A daemon's log, and notices for a file whose top and end are these.
    pub(super) async fn of(top: &str, notify: &str) -> Self {
        Self::at_speed(SPEED, &format!("{top}\n{RULE}{notify}")).await
    }

    /// A world where a busy machine is late for nothing.
    pub(super) async fn in_real_time(notify: &str) -> Self {
        Self::at_speed(1, &format!("{RULE}{notify}")).await
    }

    async fn at_speed(speed: u32, text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = RehearsalClock::new(evening(), speed);
        let mut world = Self::in_folder(folder, clock, text).await;
        world.listen();
        world
    }

    /// The same with everything but the targets as it stands.
    pub(super) async fn telling(notify: &str) -> Self {
        Self::of("", notify).await
    }

    async fn in_folder(folder: tempfile::TempDir, clock: Arc<RehearsalClock>, text: &str) -> Self {
        let path = folder.path().join("schedules.toml");
        let (schedules, _) =
            Schedules::parse(&path, text).unwrap_or_else(|problems| panic!("{problems:?}"));
        let running = Arc::clone(&clock) as Arc<dyn Clock>;
        let audit = AuditLog::open(&schedules.audit, Writer::Daemon, running).await.unwrap();
        let file = audit.load_file(&schedules).await.unwrap();
        let (schedules, audit) = (Arc::new(schedules), Arc::new(audit));
        Self { clock, folder, schedules, audit, file, notices: None, dead: Vec::new() }
    }

    fn listen(&mut self) {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        self.notices = Some(Notices::start(&self.audit, &clock, &self.schedules, &Told::default()));
    }

    fn notices(&self) -> &Notices {
        self.notices.as_ref().unwrap()
    }

    /// Ends this daemon as SIGTERM would and begins the next, maybe with another text.
    pub(super) async fn restart(mut self, text: Option<&str>) -> Self {
        self.end().await;
        let text = text.map_or_else(|| self.schedules.text.clone(), |text| format!("{RULE}{text}"));
        let Self { clock, folder, audit, .. } = self;
        Arc::into_inner(audit).expect("nobody else writes").end("done").await.unwrap();
        let mut next = Self::in_folder(folder, clock, &text).await;
        next.listen();
        next
    }

    /// The log as a daemon that was killed leaves it, and the next daemon.
    pub(super) async fn dies(self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in ["lightsout.db", "lightsout.db-wal"] {
            std::fs::copy(self.path(file), folder.path().join(file)).unwrap();
        }
        let text = self.schedules.text.clone();
        let mut next = Self::in_folder(folder, Arc::clone(&self.clock), &text).await;
        next.dead.push(self);
        next.listen();
        next
    }

    /// Takes another text into use, as after SIGHUP.
    pub(super) async fn reload(&mut self, notify: &str) {
        let (fresh, _) =
            Schedules::parse(&self.schedules.path, &format!("{RULE}{notify}")).unwrap();
        self.schedules = Arc::new(fresh);
        self.file = self.audit.load_file(&self.schedules).await.unwrap();
        self.notices().use_file(&self.schedules);
    }

    pub(super) async fn end(&mut self) {
        if let Some(notices) = self.notices.take() {
            notices.end().await;
        }
    }

    /// A firing in which one instance comes to this, and which has ended.
    pub(super) async fn fire(&self, name: &str, outcome: Outcome, reason: &str) -> FiringId {
        let firing = self.claim(Trigger::Schedule(self.clock.now())).await;
        self.ends(firing, name, (outcome, reason)).await;
        firing
    }

    pub(super) async fn claim(&self, trigger: Trigger) -> FiringId {
        let rule = &self.schedules.rules[0];
        let claim = Claim { rule, trigger, file: self.file, dry_run: false, makes_up: &[] };
        self.audit.claim(&[claim]).await.unwrap()[0].unwrap()
    }

    pub(super) async fn ends(
        &self,
        firing: FiringId,
        name: &str,
        (outcome, reason): (Outcome, &str),
    ) {
        let instance = instance(name);
        let settlement = Settlement {
            instance: Some(instance.no.clone()),
            region: Some(instance.region.clone()),
            outcome,
            reason: (!reason.is_empty()).then(|| Reason::from(reason.to_owned())),
            status_after: Some("RUN".to_owned()),
            hold: None,
        };
        self.audit.targets(firing, &[&instance], &[settlement]).await.unwrap();
        self.audit.end_firing(firing).await.unwrap();
        if let Some(notices) = &self.notices {
            notices.look();
        }
    }

    /// A firing of which this is said as a whole.
    pub(super) async fn fire_whole(&self, outcome: Outcome, reason: &str) -> FiringId {
        let firing = self.claim(Trigger::Schedule(self.clock.now())).await;
        let word = Settlement::of_firing(outcome, Reason::from(reason.to_owned()));
        self.audit.settle(firing, &[word]).await.unwrap();
        self.audit.end_firing(firing).await.unwrap();
        self.notices().look();
        firing
    }

    /// That somebody started an instance which a firing had stopped, in an entry of its own.
    pub(super) async fn restart_of(&self, name: &str) -> Restart {
        self.audit.load_file(&self.schedules).await.unwrap();
        let reader = AuditReader::open(&self.path("lightsout.db")).await.unwrap();
        Restart {
            change: reader.newest().await.unwrap(),
            firing: FiringId::from(1),
            instance_no: "1021003".to_owned(),
            instance_name: name.to_owned(),
            region: "KR".to_owned(),
            status_before: "NSTOP".to_owned(),
            status_after: "RUN".to_owned(),
            unseen_since: evening() - Duration::from_secs(900),
            seen_at: evening(),
        }
    }

    /// Says so, as whoever looked.
    pub(super) fn herald(&self, restarts: &[&Restart]) {
        let restarts = restarts.iter().copied().cloned().collect();
        self.notices().notice_sender().restarted(&self.schedules.rules[0], restarts);
    }

    /// That a server has come near a limit, by so many days of 90 in a row.
    pub(super) async fn near(&self, servers: &[(&str, Spent)]) {
        let account = AccountName::new("main").unwrap();
        let step = |(place, (name, spent)): (usize, &(&str, Spent))| Step {
            against: (account.clone(), InstanceNo::new(place.to_string()).unwrap(), Limit::InARow),
            region: "KR".to_owned(),
            name: (*name).to_owned(),
            reached_before: 0,
            reached: 75,
            spent: *spent,
            allowed: TimeDelta::days(90),
        };
        let steps: Vec<Step> = servers.iter().enumerate().map(step).collect();
        self.audit.budget(&steps).await.unwrap();
        self.notices().look();
    }

    pub(super) async fn miss(&self, at: DateTime<Utc>) {
        let rule = &self.schedules.rules[0];
        let claim = Claim {
            rule,
            trigger: Trigger::Schedule(at),
            file: self.file,
            dry_run: false,
            makes_up: &[],
        };
        self.audit.miss(&[(claim, "daemon away".to_owned())]).await.unwrap();
    }

    /// Says that everything up to now has been dealt with.
    pub(super) async fn sign_of_life(&self) {
        let now = self.clock.now();
        self.audit.sign_of_life(Some(Stretch { from: now, until: now })).await.unwrap();
        self.notices().look();
    }

    /// That an account cannot be read.
    pub(super) async fn lose(&self, account: &AccountName, reason: &str) {
        let loss = Loss { reason: reason.to_owned(), needs: Repair::Keys, regions: Vec::new() };
        self.audit.looked(account, Some(&loss), &[]).await.unwrap();
        self.notices().look();
    }

    /// That it can be read again.
    pub(super) async fn find(&self, account: &AccountName) {
        self.audit.looked(account, None, &[]).await.unwrap();
        self.notices().look();
    }

    pub(super) fn log_failed(&self) {
        let full = sqlx::Error::Protocol("disk full".to_owned());
        self.notices().log_failed(&full.into());
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// How the notices in the log ended, oldest first, as soon as there are so many ends.
    pub(super) async fn ends_of_notices(&self, count: usize) -> Vec<(String, String, String)> {
        let options = SqliteConnectOptions::new().filename(self.path("lightsout.db"));
        let sql = "SELECT notice.target, notice_end.result, notice_end.detail
            FROM notice_end
            JOIN notice ON notice.seq = notice_end.notice
            ORDER BY notice_end.seq";
        let look = async || {
            let mut log = SqliteConnection::connect_with(&options).await.unwrap();
            let ends: Vec<(String, String, String)> =
                sqlx::query_as(sql).fetch_all(&mut log).await.unwrap();
            Some(ends).filter(|ends| ends.len() >= count)
        };
        wait::until("the notices end", look).await
    }

    pub(super) async fn open_notices(&self) -> usize {
        let reader = AuditReader::open(&self.path("lightsout.db")).await.unwrap();
        reader.open_notices().await.unwrap().len()
    }
}

fn evening() -> DateTime<Utc> {
    "2026-11-23T11:00:00Z".parse().unwrap()
}

fn instance(name: &str) -> Instance {
    Instance {
        no: InstanceNo::new("1021003").unwrap(),
        name: name.to_owned(),
        region: RegionCode::new("KR").unwrap(),
        status: codes::status("RUN"),
        operation: codes::operation("NULL"),
        booted_at: None,
        created_at: None,
        product: Product::default(),
        tags: None,
    }
}
