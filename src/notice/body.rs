//! The data of a notice, as programs receive it.
//!
//! The sentence for people is made by [`super::sentence`]; other products' forms by
//! [`super::form`].

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::brief::brief;
use super::event::outcome;
use super::gathered::Gathered;
use crate::audit::{HistoryLine, Through};
use crate::model::ids::FiringId;
use crate::model::instance::Action;
use crate::model::outcome::Outcome;
use crate::report::lines::{InstanceLine, RuleLine, TotalLine, WeekLine};
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
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Body {
    /// The gravest event that the target asked for, or `test`.
    #[schemars(extend("x-words" = [
        "log", "unreadable", "failure", "drift", "missed", "budget", "changed", "ahead", "summary",
        "report", "test",
    ]))]
    pub event: &'static str,
    /// All of the news in one sentence, in the target's language.
    pub text: String,
    /// The page about it. A digest has its path, a notice the whole address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(description = "The page about it, where `[web] url` says how people reach it.")]
    pub link: Option<String>,
    /// The lines that belong to the sentence, in the target's language.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// A report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<ReportDigest>>,
    /// The firing that has ended; of several, the gravest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firing: Option<FiringDigest>,
    /// Several firings of one account that ended close together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub together: Option<Gathered>,
    /// The firings that were missed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<MissedFiring>,
    /// How many more were.
    #[serde(skip_serializing_if = "is_zero")]
    pub missed_left_out: usize,
    /// The servers that others started after a rule had stopped them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<StartedAgain>,
    /// The servers that have come near a limit of the stop budget.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub budget: Vec<NearLimit>,
    /// How many more have.
    #[serde(skip_serializing_if = "is_zero")]
    pub budget_left_out: usize,
    /// An account, a region or a calendar that cannot be read, or can be read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Unreadable>,
    /// A stop that is to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead: Option<Ahead>,
    /// The day of a heartbeat, which no target is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
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

/// A firing that has ended, in short. Times are in UTC.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ended_firing")]
pub struct FiringDigest {
    pub(super) firing: FiringId,
    pub(super) rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    #[schemars(with = "Action")]
    pub(super) action: String,
    pub(super) account: String,
    #[schemars(extend("x-words" = ["schedule", "late", "manual"]))]
    pub(super) trigger: String,
    /// The due time; null for a firing by hand.
    pub(super) scheduled_at: Option<String>,
    /// When it was claimed.
    pub(super) started_at: String,
    /// When nothing was left to do or to follow.
    pub(super) ended_at: Option<String>,
    /// Nothing was to be sent.
    pub(super) dry_run: bool,
    pub(super) host: Option<String>,
    /// The number of servers by outcome.
    pub(super) counts: BTreeMap<String, usize>,
    /// The lines that need a person.
    pub(super) trouble: Vec<Trouble>,
    /// The number of such lines that are left out.
    pub(super) trouble_left_out: usize,
}

/// One thing that went wrong with an instance. Without an instance, the words are about a region or
/// the whole firing.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "trouble")]
pub(super) struct Trouble {
    #[schemars(with = "Outcome")]
    pub(super) outcome: String,
    pub(super) reason: Option<String>,
    pub(super) region: Option<String>,
    pub(super) instance_no: Option<String>,
    pub(super) instance_name: Option<String>,
    /// The API's code for the status when found.
    pub(super) status_before: Option<String>,
    /// The API's code for the status when last seen.
    pub(super) status_after: Option<String>,
    /// `requestId` of the last answer.
    pub(super) request_id: Option<String>,
    /// `returnCode` of the last answer.
    pub(super) return_code: Option<String>,
}

/// A firing that fell due while no daemon was there.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "missed_firing")]
pub struct MissedFiring {
    pub(super) firing: FiringId,
    pub(super) rule: String,
    #[schemars(with = "Action")]
    pub(super) action: String,
    /// The due time.
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
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "near_limit")]
pub struct NearLimit {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) instance_no: String,
    pub(super) instance_name: String,
    /// The limit that is near.
    #[schemars(extend("x-words" = ["in_a_row", "in_12_months"]))]
    pub(super) limit: String,
    /// The used share of the limit, in percent.
    pub(super) reached: u32,
    /// The days that the server was off.
    pub(super) days: f64,
    /// Part of the time is unknown, so `days` may be more.
    pub(super) at_least: bool,
    /// The days that the limit allows.
    pub(super) allowed: f64,
}

/// A report in its notice. Times are in the report's zone. The lines are those of
/// `lightsout report --format json`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "report_digest")]
pub struct ReportDigest {
    pub(super) since: String,
    pub(super) until: String,
    /// The report was sent long after its time.
    pub(super) late: bool,
    /// The sums.
    pub(super) total: TotalLine,
    /// The sums of each rule.
    pub(super) rules: Vec<RuleLine>,
    /// Servers with trouble first.
    pub(super) instances: Vec<InstanceLine>,
    /// How many more there are.
    pub(super) instances_left_out: usize,
    /// The sums of each week.
    pub(super) weeks: Vec<WeekLine>,
    /// The report as text, for a program; in the target's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) markdown: Option<String>,
    /// The report as a page, for a program; in the target's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) html: Option<String>,
}

/// An instance that somebody started. Times are in the rule's zone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "started_again")]
pub struct StartedAgain {
    /// The number of the change in the log.
    #[schemars(with = "i64")]
    pub(super) change: Through,
    /// The rule that had stopped it.
    pub(super) rule: String,
    /// The firing that had stopped it.
    pub(super) firing: FiringId,
    pub(super) region: String,
    pub(super) instance_no: String,
    pub(super) instance_name: String,
    /// The API's code for the status before.
    pub(super) status_before: String,
    /// The API's code for the status after.
    pub(super) status_after: String,
    /// The last observation of the earlier state.
    pub(super) unseen_since: String,
    /// The first observation of the new state.
    pub(super) seen_at: String,
}

/// A source that cannot be read, or can be read again.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "unreadable")]
pub struct Unreadable {
    #[schemars(extend("x-words" = ["account", "region", "calendar"]))]
    pub(super) kind: String,
    /// The account or the calendar.
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    /// It can be read again.
    pub(super) over: bool,
    /// Since when it could not be read.
    pub(super) since: String,
    pub(super) reason: Option<String>,
    /// For a calendar: the rules that do not fire meanwhile.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) rules: Vec<String>,
}

/// A stop that is to come.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ahead")]
pub struct Ahead {
    pub(super) rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    pub(super) account: String,
    #[schemars(with = "Action")]
    pub(super) action: &'static str,
    /// Its time, in the rule's zone.
    pub(super) at: String,
    /// Why a guard would send nothing, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) guarded: Option<String>,
    /// The servers that it means.
    pub(super) servers: Vec<MeantServer>,
    /// How many more it means.
    pub(super) servers_left_out: usize,
    /// All rules of the account that stop servers at this time, where there are several. `rule` is
    /// the first of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rules: Vec<AheadRule>,
    /// How many more rules there are.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) rules_left_out: usize,
}

/// One of several rules that stop servers at the same time.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ahead_rule")]
pub(super) struct AheadRule {
    pub(super) rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    /// Why a guard would send nothing, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) guarded: Option<String>,
    /// The number of its servers.
    pub(super) servers: usize,
}

/// A server that a stop means.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "meant_server")]
pub(super) struct MeantServer {
    /// Where several rules are told of: the one that stops it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<String>,
    pub(super) region: String,
    pub(super) instance_no: String,
    pub(super) instance_name: String,
}
