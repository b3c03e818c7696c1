//! The result of a night: how many servers a stop meant, and how each ended.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Mark;
use crate::audit::FoundName;
use crate::audit::report_facts::{Fired, HowRun, OutcomeGroup};
use crate::model::ids::FiringId;
use crate::model::instance::{AccountName, Action, InstanceNo};
use crate::model::outcome::Outcome;
use crate::model::period::Period;
use crate::model::reason::Reason;

/// The servers that stops of one night meant, each counted once, by its last outcome. Those that
/// were protected, excepted, held or dry are not counted. Stops by hand count.
#[derive(Clone, Debug)]
pub struct NightResult {
    pub night: Period,
    /// Stops that ran or were due.
    pub stops: u64,
    pub servers: u64,
    /// `stopped` or `already`.
    pub off: u64,
    /// Still followed.
    pub waiting: u64,
    /// Stops under way that may find more servers than they have found so far.
    pub searching: u64,
    /// The gravest first.
    pub troubled: Vec<Troubled>,
    /// Firings that failed as a whole, in the order of their due times.
    pub failed: Vec<TroubledFiring>,
}

/// A server that did not stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "troubled_server")]
pub struct Troubled {
    pub firing: Option<FiringId>,
    pub rule: String,
    pub account: AccountName,
    pub region: Option<String>,
    pub instance_no: InstanceNo,
    /// As the firing found it; the number when it had none.
    pub instance_name: String,
    /// Null: its firing was held back as a whole.
    pub outcome: Option<Outcome>,
    #[schemars(with = "Option<String>")]
    pub reason: Option<Reason>,
}

/// A server: its account and its number.
pub(super) type Identity = (AccountName, InstanceNo);

/// A firing with trouble that is about no single server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "failed_firing")]
pub struct TroubledFiring {
    /// Null: nobody was there to write it.
    pub firing: Option<FiringId>,
    pub rule: String,
    pub outcome: Option<Outcome>,
}

/// The last outcome of a server, and the firing that settled it.
type Last<'f> = (&'f Fired, &'f OutcomeGroup);

impl NightResult {
    /// One night of some firings, which are in the order of their due times.
    pub(super) fn of(firings: &[Fired], night: Period) -> Self {
        let fired = firings.iter();
        let fired = fired.filter(|it| it.action == Action::Stop && night.contains(it.due_at));
        let mut last: BTreeMap<(&AccountName, &InstanceNo), Last<'_>> = BTreeMap::new();
        let mut failed = Vec::new();
        let (mut stops, mut searching) = (0, 0);
        for it in fired.filter(|it| !it.is_dry_run) {
            stops += 1;
            searching += u64::from(it.may_find_more());
            if let Some(outcome) = it.trouble() {
                let rule = it.rule.clone();
                failed.push(TroubledFiring { firing: it.firing, rule, outcome: Some(outcome) });
            }
            for group in it.ended.iter().filter(|group| counts(group)) {
                let servers = group.instances.iter().map(|no| ((&it.account, no), (it, group)));
                last.extend(servers);
            }
        }
        let mut result = Self {
            night,
            stops,
            servers: last.len() as u64,
            off: 0,
            waiting: 0,
            searching,
            troubled: Vec::new(),
            failed,
        };
        for ((account, no), (it, group)) in last {
            match group.outcome {
                Some(outcome) if outcome.concern(group.reason.as_ref()).is_none() => {
                    result.off += 1;
                }
                None if it.is_open => result.waiting += 1,
                outcome => result.troubled.push(Troubled {
                    firing: it.firing,
                    rule: it.rule.clone(),
                    account: account.clone(),
                    region: None,
                    instance_no: no.clone(),
                    instance_name: no.to_string(),
                    outcome,
                    reason: group.reason.clone(),
                }),
            }
        }
        result.troubled.sort_by_key(|it| std::cmp::Reverse(it.outcome.map_or(0, Outcome::gravity)));
        result
    }

    /// The firings and numbers of the troubled servers, to ask for their names.
    pub(super) fn nameless(&self) -> Vec<(FiringId, &InstanceNo)> {
        let known = self.troubled.iter();
        known.filter_map(|it| Some((it.firing?, &it.instance_no))).collect()
    }

    /// Gives the answer to [`Self::nameless`].
    pub(super) fn name(&mut self, names: Vec<Option<FoundName>>) {
        let known = self.troubled.iter_mut().filter(|it| it.firing.is_some());
        for (it, name) in known.zip(names) {
            let Some(name) = name else { continue };
            it.region = Some(name.region);
            if !name.instance_name.is_empty() {
                it.instance_name = name.instance_name;
            }
        }
    }

    /// The number of servers and firings that need somebody. Servers of a firing that was held back
    /// count with it.
    pub fn troubles(&self) -> usize {
        self.failed.len() + self.troubled.iter().filter(|it| it.outcome.is_some()).count()
    }

    pub fn mark(&self) -> Mark {
        match self.troubles() {
            0 if self.servers == 0 || self.is_open() => Mark::Quiet,
            0 => Mark::Good,
            _ => Mark::Trouble,
        }
    }

    /// Whether a stop of it is still under way, so that its counts are not the last.
    pub fn is_open(&self) -> bool {
        self.waiting > 0 || self.searching > 0
    }
}

/// Whether its servers were meant, and not only rehearsed.
fn counts(group: &OutcomeGroup) -> bool {
    group.is_meant() && group.outcome != Some(Outcome::DryRun)
}

impl Fired {
    /// Whether it goes on although it follows no server: a region is still to be read.
    fn may_find_more(&self) -> bool {
        self.is_open && self.ended.iter().all(|group| group.outcome.is_some())
    }

    /// Its gravest outcome that is about no single server and needs somebody.
    fn trouble(&self) -> Option<Outcome> {
        let missed = (self.run == HowRun::Missed).then_some(Outcome::Missed);
        let words = self.words.iter().copied().chain(missed);
        words.filter(|word| word.concern(None).is_some()).max_by_key(|word| word.gravity())
    }
}
