//! A quarter of nights on a clock that leaps, with faults and deaths, and what is then found.
//!
//! ```text
//! company (servers, rules, faults) ─► stage (clock, cloud, log, daemon) ─► check (log, ledger)
//! ```
//!
//! Shared by `cargo bench --bench soak` and by a short test.

mod check;
pub(crate) mod clock;
mod company;
pub(crate) mod dice;
mod findings;
mod log;
mod machine;
#[path = "../../../src/audit/store/row.rs"]
mod row;
mod stage;

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use lightsout::clock::{Clock, Moment};

use self::dice::Dice;
use self::findings::Findings;
use self::log::Log;
use self::machine::Use;
use self::stage::Stage;

/// How long a daemon that was killed may be away.
const AWAY: [TimeDelta; 5] = [
    TimeDelta::zero(),
    TimeDelta::minutes(3),
    TimeDelta::minutes(45),
    TimeDelta::hours(6),
    TimeDelta::hours(30),
];
/// How many leaps after a rule falls due a daemon may be killed.
const LATEST_DEATH: usize = 60;
/// More long leaps than firings that overlap can take: whatever is still open then hangs.
const MOST_LEAPS: usize = 10_000;
/// How long before the next firing the clock comes to rest.
const BEFORE: TimeDelta = TimeDelta::seconds(1);
/// A wait that is longer is the daemon's own: then it is worth a look whether it is idle.
const SHORT_WAIT: Duration = Duration::from_secs(4);
/// How many times as long it must be quiet before that.
const BEFORE_A_LONG_LEAP: u32 = 8;

/// No server vanishes and patience is long: at most one instance in so many requests may end
/// unknown, where a daemon was away until its patience was over.
const MOST_UNKNOWN: usize = 1_000;

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) begin: DateTime<Utc>,
    pub(crate) days: i64,
    pub(crate) servers: usize,
    pub(crate) seed: u64,
}

/// A death that is to come: at the first quiet after this instant and that many leaps.
struct Death {
    at: DateTime<Utc>,
    leaps: usize,
    away: TimeDelta,
}

/// A soak under way.
struct Soak {
    stage: Stage,
    log: Log,
    /// When rules fall due, in order.
    due: Vec<DateTime<Utc>>,
    deaths: Vec<Death>,
    /// Up to which entry, and how many firings, nothing is open.
    dealt_with: (i64, i64),
    /// How often it was looked at since then.
    busy: usize,
    /// Up to which entry the log has been held against the ledger.
    checked: i64,
    findings: Findings,
}

/// Runs it, as fast as it goes; says each week what the process takes of the machine.
pub(crate) async fn run(
    plan: Plan,
    mut tell: impl FnMut(DateTime<Utc>, Option<Use>),
) -> anyhow::Result<Findings> {
    let mut stage = Stage::set(plan.begin, plan.servers, plan.seed).await?;
    let began = stage.clock.real().moment();
    let end = plan.begin + TimeDelta::days(plan.days);
    let expected = check::occurrences(&stage.schedules, plan.begin, end);
    let due: Vec<DateTime<Utc>> = expected.iter().map(|(at, _)| *at).collect();
    let deaths = deaths(plan, &due);
    stage.start().await?;
    let log = Log::open(stage.log()).await?;
    let findings = Findings {
        servers: stage.cloud.servers().len(),
        rules: stage.schedules.rules.len(),
        ..Findings::default()
    };
    let mut soak =
        Soak { stage, log, due, deaths, dealt_with: (0, 0), busy: 0, checked: 0, findings };
    let mut first_week = None;
    for day in 1..=plan.days {
        let until = plan.begin + TimeDelta::days(day);
        soak.pass_until(until).await?;
        soak.check_day().await?;
        if day % 7 == 0 || day == plan.days {
            let used = Use::now();
            tell(until, used);
            first_week = first_week.or(used);
        }
    }
    soak.finish(began, first_week, &expected).await
}

/// A death in each week, shortly after some rule of it falls due.
fn deaths(plan: Plan, due: &[DateTime<Utc>]) -> Vec<Death> {
    let mut dice = Dice::seeded(plan.seed);
    let mut deaths: Vec<Death> = Vec::new();
    for week in 0..(plan.days + 6) / 7 {
        let begin = plan.begin + TimeDelta::weeks(week);
        let of_week = |at: &&DateTime<Utc>| **at > begin && **at <= begin + TimeDelta::days(6);
        let candidates: Vec<&DateTime<Utc>> = due.iter().filter(of_week).collect();
        let (place, leaps) = (dice.below(candidates.len()), dice.below(LATEST_DEATH));
        let away = AWAY[dice.below(AWAY.len())];
        deaths.extend(candidates.get(place).map(|at| Death { at: **at, leaps, away }));
    }
    deaths.reverse();
    deaths
}

impl Soak {
    /// Lets time pass until nothing is open and it is `until`.
    async fn pass_until(&mut self, until: DateTime<Utc>) -> anyhow::Result<()> {
        loop {
            self.stage.clock.quiet().await;
            self.stage.check_alive().await?;
            self.die_if_due().await?;
            let now = self.stage.clock.now();
            let wake = self.stage.clock.next_wake().unwrap_or_default();
            if wake < SHORT_WAIT {
                self.stage.clock.leap(wake);
                continue;
            }
            if !self.stage.clock.stays_quiet(BEFORE_A_LONG_LEAP).await {
                continue;
            }
            if !self.is_idle(now).await? {
                self.stage.clock.leap(wake);
                continue;
            }
            if now >= until {
                return Ok(());
            }
            let next = self.due.partition_point(|at| *at <= now);
            let rest = self.due.get(next).map_or(until, |at| (*at - BEFORE).min(until));
            // The daemon must have a tick now and then.
            self.stage.clock.leap((rest - now).to_std().unwrap_or_default().max(wake));
        }
    }

    /// Whether everything that fell due was claimed, and nothing is being followed.
    async fn is_idle(&mut self, now: DateTime<Utc>) -> anyhow::Result<bool> {
        let progress = self.log.progress(self.dealt_with.0).await?;
        let claimed = self.dealt_with.1 + progress.firings;
        let fell_due = self.due.partition_point(|at| *at <= now);
        if claimed < i64::try_from(fell_due)? || progress.open > 0 {
            self.busy += 1;
            ensure!(self.busy < MOST_LEAPS, "{claimed} of {fell_due} firings: {progress:?}");
            return Ok(false);
        }
        self.dealt_with = (progress.head, claimed);
        self.busy = 0;
        Ok(true)
    }

    /// Kills the daemon where its time has come, and starts another one.
    async fn die_if_due(&mut self) -> anyhow::Result<()> {
        let now = self.stage.clock.now();
        let Some(death) = self.deaths.last_mut().filter(|death| now >= death.at) else {
            return Ok(());
        };
        if death.leaps > 0 {
            death.leaps -= 1;
            return Ok(());
        }
        let away = death.away;
        self.deaths.pop();
        self.stage.kill().await;
        self.findings.kills += 1;
        self.stage.clock.leap(away.to_std()?);
        self.stage.start().await
    }

    /// Holds what was written since the last time against the cloud's ledger.
    async fn check_day(&mut self) -> anyhow::Result<()> {
        let rows = self.log.requests(self.checked).await?;
        let outcomes = self.log.outcomes(self.checked).await?;
        let records = self.stage.cloud.take_requests();
        let findings = &mut self.findings;
        findings.requests += records.len();
        findings.struck += records.iter().filter(|record| record.fault.is_some()).count();
        findings.changes += rows.len();
        let effects = check::requests(&rows, &records, &mut findings.problems)?;
        check::outcomes(&outcomes, &effects, &self.stage.cloud, &mut findings.problems)?;
        self.checked = self.log.progress(self.dealt_with.0).await?.head;
        Ok(())
    }

    async fn finish(
        mut self,
        began: Moment,
        first_week: Option<Use>,
        expected: &BTreeSet<(DateTime<Utc>, String)>,
    ) -> anyhow::Result<Findings> {
        let machine = first_week.zip(Use::now());
        self.stage.end().await?;
        let mut findings = self.findings;
        findings.took = self.stage.clock.real().moment().since(began);
        let rows = self.log.firings().await?;
        check::firings(&rows, expected, &mut findings.problems);
        findings.firings = rows.len();
        findings.late = rows.iter().filter(|row| row.trigger == "late").count();
        findings.words = self.log.words().await?;
        findings.unknown = self.log.unknown().await?;
        let unknown: i64 = findings.unknown.values().sum();
        if usize::try_from(unknown)? * MOST_UNKNOWN > findings.requests {
            findings.problems.push(format!("{unknown} instances are unknown, and none vanished"));
        }
        findings.tally = self.stage.cloud.counts().total();
        let needless = findings.tally.needless_stops + findings.tally.needless_starts;
        if needless > 0 {
            findings.problems.push(format!("{needless} requests for what was done or under way"));
        }
        if let Some(grown) = machine.and_then(|(first, last)| last.has_outgrown(first)) {
            findings.problems.push(grown);
        }
        findings.machine = machine;
        Ok(findings)
    }
}
