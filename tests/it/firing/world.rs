//! A fleet, a schedules.toml and everything between them but the daemon and the command line.

use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use lightsout::audit::{AuditLog, AuditReader, FiringStory, HistoryFilter, HistoryLine, Writer};
use lightsout::clock::Clock;
use lightsout::cloud::Cloud;
use lightsout::cloud::Environment;
use lightsout::cloud::ncloud::{Ncloud, Timeouts};
use lightsout::cloud::rehearsal::{Fleet, RehearsalCloud};
use lightsout::engine::dispatch::{ActiveConfig, Clouds, Dispatch};
use lightsout::engine::stopper::Report;
use lightsout::lifecycle::ShutdownSwitch;
use lightsout::model::ids::FiringId;
use lightsout::model::instance::InstanceNo;
use lightsout::model::reason::Reason;
use lightsout::model::settlement::Settlement;
use lightsout::schedule::Schedules;

use crate::leaps::Leaps;
use crate::ncloud::far::generation;
use crate::wait;

/// Simulated seconds in each real one, at most, while the cloud is asked.
const SPEED: u32 = 30;
/// How long the client waits for an answer, in the machine's own time: however slow it is, every
/// answer comes before.
const LONG: Duration = Duration::from_secs(600);
/// The same of a client that gives up while an answer is held back.
const SHORT: Duration = Duration::from_secs(3);

pub(super) struct World {
    pub(super) cloud: RehearsalCloud,
    in_use: ActiveConfig,
    dispatch: Dispatch,
    leaps: Arc<Leaps>,
    switch: ShutdownSwitch,
    // It goes when the world does.
    folder: tempfile::TempDir,
}

impl World {
    /// A fleet and the rules for it, on the VPC platform.
    pub(super) async fn of(fleet: &str, rules: &str) -> Self {
        Self::on("vpc", fleet, rules).await
    }

    pub(super) async fn on(platform: &str, fleet: &str, rules: &str) -> Self {
        Self::at(SPEED, platform, fleet, rules).await
    }

    /// The same with so many simulated seconds in each real one while the cloud is asked.
    pub(super) async fn at(speed: u32, platform: &str, fleet: &str, rules: &str) -> Self {
        Self::between((speed, LONG), platform, (fleet, rules), |cloud, _| cloud).await
    }

    /// The same with a client that waits for an answer for three real seconds only.
    pub(super) async fn soon_given_up(speed: u32, fleet: &str, rules: &str) -> Self {
        Self::between((speed, SHORT), "vpc", (fleet, rules), |cloud, _| cloud).await
    }

    /// A fleet that is only reached through something that `wrap` puts before it.
    pub(super) async fn with(
        fleet: &str,
        rules: &str,
        wrap: impl Fn(Arc<dyn Cloud>, &Arc<dyn Clock>) -> Arc<dyn Cloud>,
    ) -> Self {
        Self::between((SPEED, LONG), "vpc", (fleet, rules), wrap).await
    }

    async fn between(
        (speed, total): (u32, Duration),
        platform: &str,
        (fleet, rules): (&str, &str),
        wrap: impl Fn(Arc<dyn Cloud>, &Arc<dyn Clock>) -> Arc<dyn Cloud>,
    ) -> Self {
        let text = format!(
            "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"{platform}\"\n{rules}"
        );
        let folder = tempfile::tempdir().unwrap();
        let (schedules, _) = Schedules::parse(&folder.path().join("schedules.toml"), &text)
            .unwrap_or_else(|problems| panic!("{problems:?}"));
        let evening = "2026-11-23T11:00:00Z".parse().unwrap();
        let leaps = Leaps::new(evening, speed);
        let clock: Arc<dyn Clock> = leaps.clock.clone();
        let fleet = Fleet::parse(fleet).unwrap();
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let cloud = RehearsalCloud::serve(fleet, Arc::clone(&clock), listen).await.unwrap();
        let gateway = cloud.base_url();
        let environment = Environment::from([
            ("NCLOUD_API_GW", gateway.as_str()),
            ("NCLOUD_ACCESS_KEY", cloud.access_key()),
            ("NCLOUD_SECRET_KEY", cloud.secret_key()),
        ]);
        let timeouts = Timeouts { total, ..Timeouts::default() };
        let clouds = schedules.accounts.iter().map(|(name, account)| {
            let account = (account, generation(account.platform));
            let ncloud =
                Ncloud::connect_within(account, &environment, Arc::clone(&clock), timeouts);
            let ncloud = ncloud.unwrap();
            (name.clone(), wrap(leaps.counted(Arc::new(ncloud)), &clock))
        });
        let clouds: Arc<Clouds> = Arc::new(clouds.collect());
        let schedules = Arc::new(schedules);
        let (dispatch, switch, in_use) = begin(schedules, clouds, &leaps).await;
        Self { cloud, in_use, dispatch, leaps, switch, folder }
    }

    /// Lets so much of the world's time pass.
    pub(super) async fn let_pass(&self, length: Duration) {
        self.leaps.until_done(self.leaps.clock.sleep(length), || {}).await;
    }

    /// Tells the process to end, and begins another one on the same log, which takes over what
    /// was left open. Returns what the log says in the end.
    pub(super) async fn end_and_begin_anew(self) -> (Vec<String>, RehearsalCloud) {
        self.leaps.let_go().await;
        drop(self.dispatch);
        let (schedules, clouds) = (self.in_use.schedules, self.in_use.clouds);
        let (dispatch, _switch, in_use) = begin(schedules, clouds, &self.leaps).await;
        let mut recovering = tokio::task::JoinSet::new();
        dispatch.recover(&in_use, &mut recovering).await.unwrap();
        self.leaps.until_done(recovering.join_all(), || {}).await;
        let reader = AuditReader::open(&self.folder.path().join("lightsout.db")).await.unwrap();
        let filter = HistoryFilter { limit: 2_000, ..HistoryFilter::default() };
        let history = reader.history(&filter).await.unwrap();
        let mut words: Vec<String> = history.iter().map(logged_word).collect();
        words.sort();
        (words, self.cloud)
    }

    /// Fires every rule of the file, tells the process to end once `until` holds, and says how
    /// much was left open.
    pub(super) async fn fire_and_end(&self, until: impl Fn(&RehearsalCloud) -> bool) -> usize {
        let end = |_: &RehearsalCloud| self.switch.throw();
        self.carry_out_and_once(until, end).await.iter().map(|report| report.open).sum()
    }

    /// Fires every rule of the file at once and returns what was said of each instance, sorted.
    /// The log must say the same.
    pub(super) async fn fire(&self) -> Vec<String> {
        let reports = self.leaps.until_done(self.carry_out(), || {}).await;
        self.say(reports).await
    }

    async fn say(&self, reports: Vec<Report>) -> Vec<String> {
        let mut words = Vec::new();
        for report in reports {
            assert_eq!(report.open, 0);
            words.extend(report.settlements.iter().map(word));
        }
        words.sort();
        let mut logged: Vec<String> = self.history().await.iter().map(logged_word).collect();
        logged.sort();
        assert_eq!(logged, words, "the log and the report differ");
        words
    }

    async fn carry_out(&self) -> Vec<Report> {
        let mut firings = Vec::new();
        for rule in &self.in_use.schedules.rules {
            let firing = self.dispatch.claim_by_hand(rule, rule.dry_run, &self.in_use).await;
            firings.push(firing.unwrap());
        }
        let reports = self.dispatch.carry_out(firings, &self.in_use).await;
        reports.into_iter().map(Result::unwrap).collect()
    }

    pub(super) async fn history(&self) -> Vec<HistoryLine> {
        let filter = HistoryFilter { limit: 2_000, ..HistoryFilter::default() };
        self.reader().await.history(&filter).await.unwrap()
    }

    /// The only firing there was, in full.
    pub(super) async fn story(&self) -> FiringStory {
        let firing = self.history().await[0].firing;
        self.reader().await.show(FiringId::from(firing)).await.unwrap().unwrap()
    }

    async fn reader(&self) -> AuditReader {
        AuditReader::open(&self.folder.path().join("lightsout.db")).await.unwrap()
    }

    /// How many requests for a stop reached the cloud.
    pub(super) fn stop_requests(&self) -> u64 {
        self.cloud.counts().requests_for("stopServerInstances")
    }

    /// How often the cloud was asked to stop one instance, and how often it did.
    pub(super) fn stops_of(&self, no: &str) -> (u64, u64) {
        let tally = self.cloud.counts().of(&InstanceNo::new(no).unwrap());
        (tally.stop_requests, tally.stops)
    }

    /// Fires, and does something to the cloud once it has been asked for `action`.
    pub(super) async fn fire_and_after(
        &self,
        action: &str,
        change: impl Fn(&RehearsalCloud),
    ) -> Vec<String> {
        self.fire_and_once(|cloud| cloud.counts().requests_for(action) > 0, change).await
    }

    /// Fires, and does something to the cloud once `when` holds.
    pub(super) async fn fire_and_once(
        &self,
        when: impl Fn(&RehearsalCloud) -> bool,
        change: impl Fn(&RehearsalCloud),
    ) -> Vec<String> {
        let reports = self.carry_out_and_once(when, change).await;
        self.say(reports).await
    }

    /// Looks before time passes, and often meanwhile.
    async fn carry_out_and_once(
        &self,
        when: impl Fn(&RehearsalCloud) -> bool,
        change: impl Fn(&RehearsalCloud),
    ) -> Vec<Report> {
        let is_done = Cell::new(false);
        let look = || {
            if !is_done.get() && when(&self.cloud) {
                is_done.set(true);
                change(&self.cloud);
            }
        };
        let meanwhile = wait::until_so("it comes to that", async || {
            look();
            is_done.get()
        });
        let firing = self.leaps.until_done(self.carry_out(), look);
        tokio::join!(firing, meanwhile).0
    }
}

/// A process of its own on the log.
async fn begin(
    schedules: Arc<Schedules>,
    clouds: Arc<Clouds>,
    leaps: &Leaps,
) -> (Dispatch, ShutdownSwitch, ActiveConfig) {
    let clock: Arc<dyn Clock> = leaps.clock.clone();
    let audit = AuditLog::open(&schedules.audit, Writer::Fire, Arc::clone(&clock)).await;
    let audit = Arc::new(audit.unwrap());
    leaps.is_written(&audit).await;
    let file = audit.load_file(&schedules).await.unwrap();
    let (switch, shutdown) = ShutdownSwitch::new();
    let dispatch = Dispatch::new(audit, clock, shutdown);
    (dispatch, switch, ActiveConfig { schedules, file, clouds })
}

fn word(settlement: &Settlement) -> String {
    line(
        settlement.instance.as_ref().map(ToString::to_string),
        settlement.region.as_ref().map(ToString::to_string),
        (settlement.outcome.as_str(), settlement.status_after.as_deref()),
        settlement.reason.as_ref(),
    )
}

fn logged_word(logged: &HistoryLine) -> String {
    line(
        logged.instance_no.clone(),
        logged.region.clone(),
        (logged.outcome.as_deref().unwrap_or("open"), logged.status_after.as_deref()),
        logged.reason.as_ref(),
    )
}

fn line(
    instance: Option<String>,
    region: Option<String>,
    (outcome, status): (&str, Option<&str>),
    reason: Option<&Reason>,
) -> String {
    let what = instance.or(region).unwrap_or_else(|| "all".to_owned());
    let status = status.map(|status| format!(" {status}")).unwrap_or_default();
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{what} {outcome}{status}{reason}")
}
