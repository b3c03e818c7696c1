//! What Prometheus is told. docs/metrics.md describes each metric.
//!
//! Everything is computed from the log when it is asked for: states as they are then, and
//! counters from what was added since the last time. So nothing else in the program counts, and
//! a prune makes no counter go back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::site::Site;
use crate::audit::{AuditError, AuditReader, DaemonLife, EndedOutcome, Tally, Through};
use crate::clock::Moment;
use crate::instance::Action;
use crate::outcome::Outcome;
use crate::schedule::Schedules;

/// The media type of what is told: `OpenMetrics`, as text.
pub(super) const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How long an answer is good for, so that asking often costs nothing.
const GOOD_FOR: Duration = Duration::from_secs(5);
/// How many return codes are told apart: the cloud may make up new ones for ever.
const MOST_CODES: usize = 100;
/// The upper ends of the buckets of lateness, in seconds.
const LATENESS: [f64; 9] = [0.01, 0.1, 0.5, 1.0, 5.0, 30.0, 300.0, 3_600.0, 86_400.0];

/// Outcomes, the gravest first: a firing counts under the first of these that it had.
const GRAVEST_FIRST: [Outcome; Outcome::ALL.len()] = [
    Outcome::Missed,
    Outcome::CloudFailed,
    Outcome::Overlapped,
    Outcome::Drifted,
    Outcome::TooMany,
    Outcome::Unknown,
    Outcome::TimedOut,
    Outcome::Refused,
    Outcome::Stopped,
    Outcome::Started,
    Outcome::DryRun,
    Outcome::Already,
    Outcome::Skipped,
    Outcome::NothingMatched,
];

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    action: String,
    outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    action: String,
    result: String,
    http_status: String,
    return_code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InstanceLabels {
    account: String,
    status: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RuleLabels {
    rule: String,
}

/// All metrics, and how far the log has been counted.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    firings: Family<OutcomeLabels, Counter>,
    settled: Family<OutcomeLabels, Counter>,
    requests: Family<RequestLabels, Counter>,
    /// The return codes that are told apart.
    codes: BTreeSet<String>,
    lateness: Histogram,
    instances: Family<InstanceLabels, Gauge>,
    in_flight: Gauge,
    last_success: Family<RuleLabels, Gauge>,
    next_firing: Family<RuleLabels, Gauge>,
    daemon_up: Gauge,
    last_sign: Gauge,
    log_readable: Gauge,
    log_writable: Gauge,
    schedules_valid: Gauge,
    counted: Through,
    last: Option<(Moment, String)>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("lightsout"),
            firings: Family::default(),
            settled: Family::default(),
            requests: Family::default(),
            codes: BTreeSet::new(),
            lateness: Histogram::new(LATENESS),
            instances: Family::default(),
            in_flight: Gauge::default(),
            last_success: Family::default(),
            next_firing: Family::default(),
            daemon_up: Gauge::default(),
            last_sign: Gauge::default(),
            log_readable: Gauge::default(),
            log_writable: Gauge::default(),
            schedules_valid: Gauge::default(),
            counted: Through::default(),
            last: None,
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    /// Names everything. A counter that is not there before it counts has no increase that an
    /// alert could see, so those that alerts ask for begin at zero.
    fn register(&mut self) {
        let it = &mut self.registry;
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        it.register("build", "The version of lightsout", Info::new(version));
        it.register("firings", "Firings by the gravest outcome", self.firings.clone());
        it.register("instances_settled", "Instances by what became of them", self.settled.clone());
        it.register("requests", "Answered requests", self.requests.clone());
        let lateness = "How long after their instant firings began";
        let histogram = self.lateness.clone();
        it.register_with_unit("firing_lateness", lateness, Unit::Seconds, histogram);
        it.register("instances", "Instances as last seen", self.instances.clone());
        it.register("firings_in_flight", "Firings under way", self.in_flight.clone());
        let (success, next) = (self.last_success.clone(), self.next_firing.clone());
        let words = "When a rule's schedule last ended a firing well";
        it.register("last_success_timestamp_seconds", words, success);
        it.register("next_firing_timestamp_seconds", "When a rule fires next", next);
        it.register("daemon_up", "Whether a daemon is alive", self.daemon_up.clone());
        let words = "When the daemon last wrote to its log";
        it.register("daemon_last_sign_of_life_timestamp_seconds", words, self.last_sign.clone());
        it.register("log_readable", "Whether the log can be read", self.log_readable.clone());
        let words = "Whether the daemon has just written to its log";
        it.register("log_writable", words, self.log_writable.clone());
        let words = "Whether schedules.toml is without error";
        it.register("schedules_valid", words, self.schedules_valid.clone());
        for action in [Action::Stop, Action::Start] {
            let labels = |outcome: Outcome| OutcomeLabels {
                action: action.as_str().to_owned(),
                outcome: outcome.as_str().to_owned(),
            };
            for outcome in Outcome::ALL {
                drop(self.firings.get_or_create(&labels(outcome)));
            }
            for outcome in [Outcome::Refused, Outcome::TimedOut, Outcome::Unknown] {
                drop(self.settled.get_or_create(&labels(outcome)));
            }
        }
    }

    /// Counts only what is added after an entry.
    pub(super) fn begin_after(&mut self, entry: Through) {
        self.counted = entry;
    }

    /// All metrics, in the form of `OpenMetrics`.
    pub(super) async fn text(&mut self, site: &Site) -> String {
        let now = site.clock.moment();
        if let Some((made, text)) = &self.last
            && now.since(*made) < GOOD_FOR
        {
            return text.clone();
        }
        let read = self.read(site).await;
        self.log_readable.set(i64::from(read.is_ok()));
        if let Err(error) = read {
            tracing::warn!(error = crate::dispatch::chain(&error), "metrics lack the log");
            // What was true of the daemon and the instances is not known to be any more.
            self.forget();
        }
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a string takes everything");
        self.last = Some((now, text.clone()));
        text
    }

    async fn read(&mut self, site: &Site) -> Result<(), AuditError> {
        let log = site.open().await?;
        let daemon = log.daemon().await?;
        let rules = site.rules.now(Some(&log), daemon.as_ref()).await?;
        self.schedules_valid.set(i64::from(rules.problem.is_none() && rules.in_use.is_ok()));
        self.tell_daemon(daemon.as_ref(), site);
        if log.newest().await? < self.counted {
            // Another log is in the place of the one that was counted.
            self.counted = Through::default();
        }
        let tally = log.tally(self.counted).await?;
        self.count(&tally);
        self.tell_instances(&log).await?;
        if let Ok(schedules) = rules.in_use {
            self.tell_rules(&log, &schedules, site).await?;
        }
        drop(log.close().await);
        Ok(())
    }

    fn forget(&mut self) {
        self.daemon_up.set(0);
        self.log_writable.set(0);
        self.in_flight.set(0);
        self.instances.clear();
    }

    fn tell_daemon(&self, daemon: Option<&DaemonLife>, site: &Site) {
        let is_fresh = daemon.is_some_and(|daemon| daemon.silence(site.clock.now()).is_none());
        self.daemon_up.set(i64::from(daemon.is_some()));
        self.log_writable.set(i64::from(is_fresh));
        let sign = daemon.and_then(|daemon| daemon.last_sign_of_life.as_ref());
        let sign = sign.and_then(|sign| sign.parse::<chrono::DateTime<chrono::Utc>>().ok());
        if let Some(sign) = sign {
            self.last_sign.set(sign.timestamp());
        }
    }

    fn count(&mut self, tally: &Tally) {
        self.counted = tally.through;
        for (labels, firings) in gravest(&tally.ended) {
            self.firings.get_or_create(&labels).inc_by(firings);
        }
        for settled in &tally.settled {
            let labels =
                OutcomeLabels { action: settled.action.clone(), outcome: settled.outcome.clone() };
            self.settled.get_or_create(&labels).inc_by(settled.instances.unsigned_abs());
        }
        for answered in &tally.answered {
            let code = answered.return_code.clone().unwrap_or_default();
            let is_told_apart = self.codes.len() < MOST_CODES || self.codes.contains(&code);
            let return_code =
                if is_told_apart && is_code(&code) { code } else { "other".to_owned() };
            self.codes.insert(return_code.clone());
            let labels = RequestLabels {
                action: answered.action.clone(),
                result: answered.result.clone(),
                http_status: answered.http_status.map(|it| it.to_string()).unwrap_or_default(),
                return_code,
            };
            self.requests.get_or_create(&labels).inc_by(answered.requests.unsigned_abs());
        }
        for late in &tally.lateness_ms {
            let late = u32::try_from((*late).max(0)).unwrap_or(u32::MAX);
            self.lateness.observe(f64::from(late) / 1_000.0);
        }
    }

    async fn tell_instances(&mut self, log: &AuditReader) -> Result<(), AuditError> {
        self.instances.clear();
        for count in log.statuses().await? {
            let labels = InstanceLabels { account: count.account, status: count.status };
            self.instances.get_or_create(&labels).set(count.instances);
        }
        let in_flight = log.in_flight().await?;
        let firings: BTreeSet<i64> = in_flight.iter().map(|line| line.firing).collect();
        self.in_flight.set(i64::try_from(firings.len()).unwrap_or(i64::MAX));
        Ok(())
    }

    async fn tell_rules(
        &mut self,
        log: &AuditReader,
        schedules: &Schedules,
        site: &Site,
    ) -> Result<(), AuditError> {
        self.last_success.clear();
        self.next_firing.clear();
        let enabled = || schedules.rules.iter().filter(|rule| rule.enabled);
        let named: Vec<_> = enabled().map(|rule| (&rule.name, rule.action)).collect();
        for (rule, at) in log.last_successes(&named).await? {
            self.last_success.get_or_create(&RuleLabels { rule }).set(at.timestamp());
        }
        let now = site.clock.now();
        for (rule, next) in enabled().filter_map(|rule| Some((rule, rule.next_after(now)?))) {
            let labels = RuleLabels { rule: rule.name.to_string() };
            self.next_firing.get_or_create(&labels).set(next.at.timestamp());
        }
        Ok(())
    }
}

/// How many firings had which outcome as their gravest.
fn gravest(ended: &[EndedOutcome]) -> BTreeMap<OutcomeLabels, u64> {
    let gravity = |outcome: Outcome| GRAVEST_FIRST.iter().position(|one| *one == outcome);
    let mut firings: BTreeMap<i64, (&str, usize)> = BTreeMap::new();
    for line in ended {
        let outcome = line.outcome.as_deref().and_then(|word| word.parse().ok());
        let gravity = outcome.and_then(gravity).unwrap_or(GRAVEST_FIRST.len() - 1);
        let gravest = firings.entry(line.firing).or_insert((&line.action, gravity));
        gravest.1 = gravest.1.min(gravity);
    }
    let mut counts = BTreeMap::new();
    for (action, gravity) in firings.into_values() {
        let outcome = GRAVEST_FIRST[gravity].as_str().to_owned();
        *counts.entry(OutcomeLabels { action: action.to_owned(), outcome }).or_default() += 1;
    }
    counts
}

/// Whether a return code is like those that NAVER documents, or missing.
fn is_code(text: &str) -> bool {
    text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firing_counts_once_and_under_its_gravest_outcome() {
        let line = |firing, outcome: Option<Outcome>| EndedOutcome {
            firing,
            rule: "night".to_owned(),
            action: "stop".to_owned(),
            outcome: outcome.map(|outcome| outcome.as_str().to_owned()),
        };
        let ended = [
            line(1, Some(Outcome::Stopped)),
            line(1, Some(Outcome::Refused)),
            line(1, Some(Outcome::Skipped)),
            line(2, Some(Outcome::Skipped)),
            line(2, Some(Outcome::Stopped)),
            line(3, None),
            line(4, Some(Outcome::Missed)),
        ];
        let labels = |outcome: Outcome| OutcomeLabels {
            action: "stop".to_owned(),
            outcome: outcome.as_str().to_owned(),
        };
        let expected =
            [Outcome::Missed, Outcome::NothingMatched, Outcome::Refused, Outcome::Stopped];
        assert_eq!(gravest(&ended), BTreeMap::from(expected.map(|outcome| (labels(outcome), 1))));
    }

    #[test]
    fn every_outcome_has_its_gravity() {
        let mut all = GRAVEST_FIRST;
        all.sort();
        assert_eq!(all, Outcome::ALL);
    }
}
