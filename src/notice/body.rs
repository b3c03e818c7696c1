//! The data of a notice, as programs receive it.
//!
//! The sentence for people is made by [`super::sentence`]; other products' forms by
//! [`super::form`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::brief::brief;
use super::event::outcome;
use crate::audit::{HistoryLine, Through};
use crate::model::ids::FiringId;
use crate::model::outcome::Outcome;
use crate::schedule::notify::Event;

/// The most instances that a notice names; it counts the rest.
pub(super) const MOST_NAMED: usize = 50;

/// The longest name or reason, in characters.
pub(super) const LONGEST: usize = 500;

/// News with its events, before a target is chosen.
#[derive(Clone, Debug)]
pub struct Digest {
    /// The events of this news; a target receives a digest that has one of its own.
    pub events: BTreeSet<Event>,
    pub body: Body,
}

/// The news in lightsout's own form, as docs/notices.md describes it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Body {
    /// The gravest event that the target asked for, `test` or `heartbeat`.
    pub event: &'static str,
    /// All of the news in one sentence.
    pub text: String,
    /// The page about it. A digest has its path, a notice the whole address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The lines that belong to the sentence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<ReportDigest>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firing: Option<FiringDigest>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<MissedFiring>,
    #[serde(skip_serializing_if = "is_zero")]
    pub missed_left_out: usize,
    /// Servers that others started after a rule had stopped them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<StartedAgain>,
    /// Servers that have come near a limit of the stop budget.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub budget: Vec<NearLimit>,
    #[serde(skip_serializing_if = "is_zero")]
    pub budget_left_out: usize,
    /// An account, a region or a calendar that cannot be read, or can be read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Unreadable>,
    /// A stop that is to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead: Option<Ahead>,
    /// The day of a heartbeat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
}

impl Body {
    /// With the link as a whole address, also at the end of the sentence; without a page, with
    /// neither.
    pub(super) fn linked(mut self, page: Option<&Url>) -> Self {
        self.link = self
            .link
            .zip(page)
            .map(|(path, page)| format!("{}{path}", page.as_str().trim_end_matches('/')));
        if let Some(link) = &self.link {
            self.text.push_str("; ");
            self.text.push_str(link);
        }
        self
    }

    /// JSON that begins with `{`.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("a notice is plain data")
    }
}

/// One firing in short. Times are RFC 3339, in UTC.
#[derive(Clone, Debug, Serialize)]
pub struct FiringDigest {
    pub(super) firing: FiringId,
    pub(super) rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    pub(super) action: String,
    pub(super) account: String,
    pub(super) trigger: String,
    pub(super) scheduled_at: Option<String>,
    pub(super) started_at: String,
    pub(super) ended_at: Option<String>,
    pub(super) dry_run: bool,
    pub(super) host: Option<String>,
    /// The number of instances by outcome.
    pub(super) counts: BTreeMap<String, usize>,
    /// The lines that need a person.
    pub(super) trouble: Vec<Trouble>,
    /// The number of such lines that are left out.
    pub(super) trouble_left_out: usize,
}

/// One thing that went wrong with an instance. Without an instance, the words are about a region or
/// the whole firing.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Trouble {
    pub(super) outcome: String,
    pub(super) reason: Option<String>,
    pub(super) region: Option<String>,
    pub(super) instance_no: Option<String>,
    pub(super) instance_name: Option<String>,
    pub(super) status_before: Option<String>,
    pub(super) status_after: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) return_code: Option<String>,
}

/// A firing that fell due while no daemon was there.
#[derive(Clone, Debug, Serialize)]
pub struct MissedFiring {
    pub(super) firing: FiringId,
    pub(super) rule: String,
    pub(super) action: String,
    pub(super) scheduled_at: String,
    pub(super) reason: Option<String>,
}

pub(super) fn counts(lines: &[HistoryLine]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    // What matches nothing, and what was left out, is said beside what became of the servers.
    let is_word = |line: &&HistoryLine| {
        outcome(line).is_some_and(Outcome::is_of_server) && line.instance_no.is_none()
    };
    for outcome in
        lines.iter().filter(|line| !is_word(line)).filter_map(|line| line.outcome.as_ref())
    {
        *counts.entry(outcome.clone()).or_default() += 1;
    }
    counts
}

pub(super) fn long(text: &str) -> String {
    brief(text, LONGEST)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
pub(super) fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// An instance that has come near a limit. Days are rounded down to tenths.
#[derive(Clone, Debug, Serialize)]
pub struct NearLimit {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) instance_no: String,
    pub(super) instance_name: String,
    /// `in_a_row` or `in_12_months`.
    pub(super) limit: String,
    /// The used share of the limit, in percent.
    pub(super) reached: u32,
    /// The days that the instance was stopped.
    pub(super) days: f64,
    /// Part of the time is unknown, so `days` may be more.
    pub(super) at_least: bool,
    /// The days that the limit allows.
    pub(super) allowed: f64,
}

/// A report in its notice. Times are RFC 3339, in the report's zone. The lines are those of
/// `lightsout report --format json`.
#[derive(Clone, Debug, Serialize)]
pub struct ReportDigest {
    pub(super) since: String,
    pub(super) until: String,
    /// The report was sent long after its time.
    pub(super) late: bool,
    pub(super) total: Value,
    pub(super) rules: Vec<Value>,
    /// Instances with trouble first.
    pub(super) instances: Vec<Value>,
    pub(super) instances_left_out: usize,
    pub(super) weeks: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) markdown: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) html: Option<String>,
}

/// An instance that somebody started. Times are RFC 3339, in the rule's zone.
#[derive(Clone, Debug, Serialize)]
pub struct StartedAgain {
    pub(super) change: Through,
    pub(super) rule: String,
    pub(super) firing: FiringId,
    pub(super) region: String,
    pub(super) instance_no: String,
    pub(super) instance_name: String,
    pub(super) status_before: String,
    pub(super) status_after: String,
    pub(super) unseen_since: String,
    pub(super) seen_at: String,
}

/// A source that cannot be read, or can be read again. Times are RFC 3339.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unreadable {
    /// `account`, `region` or `calendar`.
    pub(super) kind: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    pub(super) over: bool,
    pub(super) since: String,
    pub(super) reason: Option<String>,
    /// For a calendar: the rules that do not fire meanwhile.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) rules: Vec<String>,
}

/// A stop that is to come.
#[derive(Clone, Debug, Serialize)]
pub struct Ahead {
    pub(super) rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    pub(super) account: String,
    pub(super) action: &'static str,
    /// RFC 3339, in the rule's zone.
    pub(super) at: String,
    /// Why a guard would send nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) guarded: Option<String>,
    pub(super) servers: Vec<MeantServer>,
    pub(super) servers_left_out: usize,
    /// All rules of the account that stop servers at this time, where there are several. `rule` is
    /// the first of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rules: Vec<AheadRule>,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) rules_left_out: usize,
}

/// One of several rules that stop servers at the same time.
#[derive(Clone, Debug, Serialize)]
pub(super) struct AheadRule {
    pub(super) rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) guarded: Option<String>,
    /// The number of its servers.
    pub(super) servers: usize,
}

/// A server that a stop means.
#[derive(Clone, Debug, Serialize)]
pub(super) struct MeantServer {
    /// Where several rules are told of: the one that stops it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<String>,
    pub(super) region: String,
    pub(super) instance_no: String,
    pub(super) instance_name: String,
}
