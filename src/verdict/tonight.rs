//! The stops of tonight: those that ran already, and those to come.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::last_night::{Identity, NightResult};
use super::{Mark, span};
use crate::audit::report_facts::{Fired, OutcomeGroup};
use crate::audit::{Cluster, DaemonLife, Source, SourceKind};
use crate::hold::{Hold, HoldEntry, RuleInstance, binding};
use crate::model::instance::{AccountName, Action, InstanceNo};
use crate::model::outcome::{Count, ServerCount};
use crate::model::period::Period;
use crate::model::subject::Subject;
use crate::schedule::{Rule, Schedules};
use crate::time::zone::Zone;

#[derive(Clone, Debug)]
pub struct Tonight {
    pub night: Period,
    /// The stops of tonight up to now.
    pub so_far: NightResult,
    /// schedules.toml can be used, so that what comes is known.
    pub knows_rules: bool,
    /// The rules with a stop to come tonight, in the order of their times.
    pub coming: Vec<ComingStop>,
    /// The servers that the last stops of these rules meant, each once.
    pub servers: u64,
    /// Those of them that a hold keeps as they are.
    pub held: u64,
    /// Those of them that did not stop last night, nor since, and are not held.
    pub tried_again: u64,
    /// The rules to come that have never found a server.
    pub untried: u64,
    /// The accounts of these rules, with the oldest of their last good readings.
    pub accounts: u64,
    pub read_at: Option<DateTime<Utc>>,
    pub hindrance: Option<Hindrance>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComingStop {
    pub rule: String,
    pub at: DateTime<Utc>,
}

/// A cause that stops nothing tonight, or not in one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// There is no log, so no daemon has ever run.
    NoLog,
    NoDaemon,
    /// The daemon cannot write to its log.
    Silent,
    /// The daemon cannot read this account, or these regions of it, with commas.
    Account {
        name: String,
        regions: Option<String>,
    },
    /// schedules.toml cannot be used, and no daemon has an older text.
    File,
}

/// What `tonight` is made of, beside the log's firings.
#[derive(Clone, Copy, Debug)]
pub struct Present<'a> {
    pub now: DateTime<Utc>,
    pub zone: Zone,
    pub has_log: bool,
    /// The rules in use; `None`: they cannot be read.
    pub schedules: Option<&'a Schedules>,
    pub daemon: Option<&'a DaemonLife>,
    pub sources: &'a [Source],
    pub holds: &'a [HoldEntry],
    /// The machines that share the log, if any do.
    pub cluster: Option<&'a Cluster>,
}

impl Present<'_> {
    /// The stops of a night that are to come, each rule with its first, in the order of their times.
    /// Rules that send nothing are left out, such as one whose calendar cannot be read.
    pub(super) fn coming(&self, night: Period) -> Vec<(DateTime<Utc>, &Rule)> {
        let after = self.now.max(night.before());
        let rules = self.schedules.iter().flat_map(|schedules| &schedules.rules);
        let stops = rules.filter(|it| it.enabled && !it.dry_run && it.action == Action::Stop);
        let stops = stops.filter(|it| it.lacks().is_none());
        let next = stops.filter_map(|rule| Some((rule.next_after(after)?.at, &**rule)));
        let mut coming: Vec<_> = next.filter(|(at, _)| *at < night.until).collect();
        coming.sort_by_key(|(at, rule)| (*at, &rule.name));
        coming
    }

    fn hindrance(&self, accounts: &BTreeSet<&AccountName>) -> Option<Hindrance> {
        let lost = |it: &&Source| {
            let is_of_tonight = accounts.iter().any(|account| account.as_str() == it.name);
            it.kind == SourceKind::Account && it.is_lost() && is_of_tonight
        };
        match self.daemon {
            None if !self.has_log => Some(Hindrance::NoLog),
            None => Some(Hindrance::NoDaemon),
            Some(daemon) if daemon.silence(self.now).is_some() => Some(Hindrance::Silent),
            Some(_) if self.schedules.is_none() => Some(Hindrance::File),
            Some(_) => {
                let lost = self.sources.iter().find(lost);
                lost.map(|source| Hindrance::Account {
                    name: source.name.clone(),
                    regions: source.regions.clone(),
                })
            }
        }
    }
}

/// A server that a rule meant at its last stop, with its name then.
pub(super) type Meant<'f> = (&'f Fired, &'f InstanceNo, &'f str);

impl ComingStop {
    pub(super) fn of((at, rule): &(DateTime<Utc>, &Rule)) -> Self {
        Self { rule: rule.name.to_string(), at: *at }
    }
}

impl Tonight {
    /// `failed` holds the servers that did not stop last night, nor since; `meant` those of the last
    /// stops of the rules to come.
    pub(super) fn of(
        present: Present<'_>,
        (failed, so_far): (&[Identity], NightResult),
        meant: &[Meant<'_>],
    ) -> Self {
        let night = span::tonight(present.now, present.zone);
        let coming = present.coming(night);
        let accounts: BTreeSet<&AccountName> =
            coming.iter().map(|(_, rule)| &rule.account).collect();
        let read = accounts.iter().map(|account| {
            let is_it = |it: &&Source| {
                it.kind == SourceKind::Account && it.is_current && it.name == account.as_str()
            };
            let source = present.sources.iter().find(is_it)?;
            source.read_at.as_deref()?.parse::<DateTime<Utc>>().ok()
        });
        let holds = |at: DateTime<Utc>| -> Vec<&Hold> {
            let in_force = present.holds.iter().filter(|it| it.is_in_force(at));
            in_force.map(|entry| &entry.hold).collect()
        };
        let (mut servers, mut held, mut untried) = (BTreeSet::new(), BTreeSet::new(), 0);
        for (at, rule) in &coming {
            let holds = holds(*at);
            let of_rule = meant.iter().filter(|it| it.0.rule == rule.name.as_str());
            let of_rule: Vec<_> = of_rule.collect();
            untried += u64::from(of_rule.is_empty());
            for (fired, no, name) in of_rule {
                let whom = RuleInstance { rule: &rule.name, account: &fired.account, no, name };
                let is_held = binding(&holds, whom).is_some();
                let set = if is_held { &mut held } else { &mut servers };
                set.insert((&fired.account, *no));
            }
        }
        let held = held.difference(&servers).count();
        let again = failed.iter().filter(|(account, no)| servers.contains(&(account, no))).count();
        Self {
            night,
            so_far,
            knows_rules: present.schedules.is_some(),
            hindrance: present.hindrance(&accounts),
            accounts: accounts.len() as u64,
            read_at: read.min().flatten(),
            servers: (servers.len() + held) as u64,
            held: held as u64,
            tried_again: again as u64,
            untried,
            coming: coming.iter().map(ComingStop::of).collect(),
        }
    }

    pub fn mark(&self) -> Mark {
        match (&self.hindrance, self.so_far.mark()) {
            (Some(_), _) | (None, Mark::Trouble) => Mark::Trouble,
            (None, _) if self.so_far.is_open() => Mark::Quiet,
            // Nothing comes, or nobody knows yet whom it means.
            (None, _) if self.servers == 0 && self.so_far.servers == 0 => Mark::Quiet,
            (None, _) => Mark::Good,
        }
    }
}

/// Whether the last stop of a rule meant these servers, so that the next will, too. A hold that kept
/// them then says nothing about tonight.
pub(super) fn is_meant(group: &OutcomeGroup) -> bool {
    let count = group.outcome.map(|outcome| outcome.count(group.reason.as_ref()));
    group.is_meant() || count == Some(Count::Server(ServerCount::Held))
}

/// Whether a hold speaks of servers by name, so that names must be known.
pub(super) fn needs_names(holds: &[HoldEntry]) -> bool {
    holds.iter().any(|entry| matches!(entry.hold.subject, Subject::Instance(_)))
}
