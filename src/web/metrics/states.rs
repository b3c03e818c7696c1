//! Gauges: the present state. Counters are in [`super::counts`].

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;

use chrono::{DateTime, Utc};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::audit::{AuditError, AuditReader, Cluster, DaemonLife, Source, SourceKind, Standing};
use crate::schedule::Schedules;
use crate::web::rules::RulesNow;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InstanceLabels {
    account: String,
    status: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AccountLabels {
    account: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RuleLabels {
    rule: String,
    /// A label, since a window is two rules of one name.
    action: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct NodeLabels {
    node: String,
}

/// A family without labels has one gauge, or none.
type NoLabels = [(String, String); 0];

#[derive(Debug, Default)]
pub(super) struct States {
    daemon_up: Gauge,
    last_sign: Gauge,
    log_readable: Gauge,
    log_writable: Gauge,
    schedules_valid: Gauge,
    in_flight: Gauge,
    instances: Family<InstanceLabels, Gauge>,
    last_look: Family<AccountLabels, Gauge>,
    last_success: Family<RuleLabels, Gauge>,
    next_firing: Family<RuleLabels, Gauge>,
    shared: Shared,
}

/// Gauges of a log that several machines share; missing where none is.
#[derive(Debug, Default)]
struct Shared {
    on_duty: Family<NodeLabels, Gauge>,
    reachable: Family<NoLabels, Gauge>,
    behind: Family<NoLabels, Gauge>,
    clock_offset: Family<NodeLabels, Gauge<f64, AtomicU64>>,
    differs: Family<NodeLabels, Gauge>,
}

impl States {
    /// Registers gauges under the names in docs/metrics.md.
    pub(super) fn registered_in(registry: &mut Registry) -> Self {
        let it = Self::default();
        let mut one = |name, help, gauge: &Gauge| registry.register(name, help, gauge.clone());
        one("daemon_up", "Whether a daemon is alive", &it.daemon_up);
        let help = "When the daemon last wrote to its log";
        one("daemon_last_sign_of_life_timestamp_seconds", help, &it.last_sign);
        one("log_readable", "Whether the log can be read", &it.log_readable);
        one("log_writable", "Whether the daemon can write its log", &it.log_writable);
        one("schedules_valid", "Whether schedules.toml is without error", &it.schedules_valid);
        one("firings_in_flight", "Firings under way", &it.in_flight);
        registry.register("instances", "Instances as last seen", it.instances.clone());
        let help = "When an account was last read";
        let name = "account_last_look_success_timestamp_seconds";
        registry.register(name, help, it.last_look.clone());
        let help = "When a rule's schedule last ended a firing well";
        registry.register("last_success_timestamp_seconds", help, it.last_success.clone());
        let help = "When a rule fires next";
        registry.register("next_firing_timestamp_seconds", help, it.next_firing.clone());
        let shared = &it.shared;
        let help = "Whether a node that shares the log is on duty";
        registry.register("node_on_duty", help, shared.on_duty.clone());
        let help = "Whether this machine's copy follows the shared log";
        registry.register("shared_log_reachable", help, shared.reachable.clone());
        let help = "How many entries of the shared log this machine's copy lacks";
        registry.register("replica_behind_entries", help, shared.behind.clone());
        let help = "How far a node's clock is ahead of PostgreSQL's";
        registry.register("node_clock_offset_seconds", help, shared.clock_offset.clone());
        let help = "Whether a node works under another schedules.toml than the one on duty";
        registry.register("node_file_differs", help, shared.differs.clone());
        it
    }

    /// The machines that share the log, if any do.
    pub(super) fn tell_cluster(&self, cluster: Option<&Cluster>) {
        let shared = &self.shared;
        for family in [&shared.on_duty, &shared.differs] {
            family.clear();
        }
        shared.clock_offset.clear();
        shared.reachable.clear();
        shared.behind.clear();
        let Some(cluster) = cluster else { return };
        shared.reachable.get_or_create(&[]).set(i64::from(cluster.lost_at.is_none()));
        shared.behind.get_or_create(&[]).set(cluster.behind());
        let on_duty = cluster.nodes.iter().find(|node| node.standing == Standing::OnDuty);
        for node in cluster.nodes.iter().filter(|node| node.standing != Standing::Silent) {
            let labels = NodeLabels { node: node.name.clone() };
            let is_on_duty = node.standing == Standing::OnDuty;
            shared.on_duty.get_or_create(&labels).set(i64::from(is_on_duty));
            let differs = on_duty.is_some_and(|it| it.file_sha256 != node.file_sha256);
            shared.differs.get_or_create(&labels).set(i64::from(differs));
            shared.clock_offset.get_or_create(&labels).set(node.clock_offset());
        }
    }

    /// Clears the gauges that only the log can fill.
    pub(super) fn forget_log(&self) {
        for gauge in [&self.daemon_up, &self.log_readable, &self.log_writable, &self.in_flight] {
            gauge.set(0);
        }
        self.instances.clear();
    }

    pub(super) fn tell_file(&self, rules: &RulesNow) {
        self.schedules_valid.set(i64::from(rules.problem.is_none() && rules.in_use.is_ok()));
    }

    /// The log could be read; `daemon` is the one that is alive.
    pub(super) fn tell_daemon(&self, daemon: Option<&DaemonLife>, now: DateTime<Utc>) {
        let writes = daemon.is_some_and(|daemon| daemon.silence(now).is_none());
        self.log_readable.set(1);
        self.daemon_up.set(i64::from(daemon.is_some()));
        self.log_writable.set(i64::from(writes));
        let sign = daemon.and_then(|daemon| daemon.last_sign_of_life.as_ref());
        if let Some(Ok(sign)) = sign.map(|sign| sign.parse::<DateTime<Utc>>()) {
            self.last_sign.set(sign.timestamp());
        }
    }

    pub(super) async fn tell_instances(&self, log: &AuditReader) -> Result<(), AuditError> {
        let statuses = log.statuses().await?;
        self.instances.clear();
        for count in statuses {
            let labels = InstanceLabels { account: count.account, status: count.status };
            self.instances.get_or_create(&labels).set(count.instances);
        }
        let in_flight = log.in_flight().await?;
        let firings: BTreeSet<i64> = in_flight.iter().map(|line| line.firing).collect();
        self.in_flight.set(i64::try_from(firings.len()).unwrap_or(i64::MAX));
        Ok(())
    }

    /// The time of the last good reading of each account; 0 when there was none.
    pub(super) async fn tell_accounts(
        &self,
        log: &AuditReader,
        schedules: &Schedules,
    ) -> Result<(), AuditError> {
        let sources = log.sources().await?;
        self.last_look.clear();
        for account in schedules.accounts.keys() {
            let is_it = |source: &&Source| {
                source.kind == SourceKind::Account && source.name == account.as_str()
            };
            let read_at = sources.iter().find(is_it).and_then(|source| source.read_at.as_ref());
            let read_at = read_at.and_then(|at| at.parse::<DateTime<Utc>>().ok());
            let labels = AccountLabels { account: account.to_string() };
            let gauge = self.last_look.get_or_create(&labels);
            gauge.set(read_at.map_or(0, |at| at.timestamp()));
        }
        Ok(())
    }

    pub(super) async fn tell_rules(
        &self,
        log: &AuditReader,
        schedules: &Schedules,
        now: DateTime<Utc>,
    ) -> Result<(), AuditError> {
        let enabled = || schedules.rules.iter().filter(|rule| rule.enabled);
        let named: Vec<_> = enabled().map(|rule| (&rule.name, rule.action)).collect();
        let successes = log.last_successes(&named).await?;
        self.last_success.clear();
        for (rule, action, at) in successes {
            self.last_success.get_or_create(&RuleLabels { rule, action }).set(at.timestamp());
        }
        self.next_firing.clear();
        for (rule, next) in enabled().filter_map(|rule| Some((rule, rule.next_after(now)?))) {
            let (rule, action) = (rule.name.to_string(), rule.action.to_string());
            let labels = RuleLabels { rule, action };
            self.next_firing.get_or_create(&labels).set(next.at.timestamp());
        }
        Ok(())
    }
}
