//! What there is to tell of a firing, or of several that were missed: one digest, never one
//! message an instance.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::near_limit::NearLimit;
use super::report::ReportDigest;
use super::restarted::StartedAgain;
use super::sentence;
use super::unreadable::Unreadable;
use super::words::brief;
use crate::audit::{FiringStory, HistoryLine, Missed};
use crate::model::ids::FiringId;
use crate::model::outcome::MATCHES_NOTHING;
use crate::model::outcome::{Outcome, is_by_choice};
use crate::schedule::notify::Event;
use crate::time::zone::Zone;

/// How many instances a notice names; of more it says how many.
pub(super) const MOST_NAMED: usize = 50;
/// How long names and reasons may be.
const LONGEST: usize = 500;

/// What there is to tell, and to whom it matters.
#[derive(Clone, Debug)]
pub struct Digest {
    /// What it is about, for those who choose by it.
    pub events: BTreeSet<Event>,
    /// What is told.
    pub body: Body,
}

/// What is told, in lightsout's own form; docs/notices.md describes it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Body {
    /// What it is about: the gravest event that its target asked for, `test` or `heartbeat`.
    pub event: &'static str,
    /// All of it in a sentence.
    pub text: String,
    /// What belongs to it, a line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// The report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<ReportDigest>>,
    /// The firing it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firing: Option<FiringDigest>,
    /// The firings that were missed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<MissedFiring>,
    /// How many more there were.
    #[serde(skip_serializing_if = "is_zero")]
    pub missed_left_out: usize,
    /// What others started after a rule had stopped it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<StartedAgain>,
    /// What has come near a limit of its stop budget.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub budget: Vec<NearLimit>,
    /// How much more has.
    #[serde(skip_serializing_if = "is_zero")]
    pub budget_left_out: usize,
    /// What cannot be read, or can be again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Unreadable>,
    /// The day that a heartbeat is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
}

impl Body {
    /// As JSON, beginning with `{`.
    #[must_use]
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
    account: String,
    trigger: String,
    scheduled_at: Option<String>,
    started_at: String,
    ended_at: Option<String>,
    pub(super) dry_run: bool,
    host: Option<String>,
    /// How many instances had which outcome.
    pub(super) counts: BTreeMap<String, usize>,
    /// What did not get where it should.
    trouble: Vec<Trouble>,
    /// How much more of it there was.
    trouble_left_out: usize,
}

/// An instance that did not get where it should; without one, a word about a region or the
/// whole firing.
#[derive(Clone, Debug, Serialize)]
struct Trouble {
    outcome: String,
    reason: Option<String>,
    region: Option<String>,
    instance_no: Option<String>,
    instance_name: Option<String>,
    status_before: Option<String>,
    status_after: Option<String>,
    request_id: Option<String>,
    return_code: Option<String>,
}

/// A firing that nobody was there for.
#[derive(Clone, Debug, Serialize)]
pub struct MissedFiring {
    firing: FiringId,
    rule: String,
    action: String,
    scheduled_at: String,
    reason: Option<String>,
}

/// The event that an outcome is, where something went wrong.
pub(super) fn event_of(outcome: Outcome, reason: Option<&str>) -> Option<Event> {
    match outcome {
        Outcome::Stopped
        | Outcome::Started
        | Outcome::Already
        | Outcome::DryRun
        | Outcome::NothingMatched => None,
        Outcome::Skipped => (!is_by_choice(reason)).then_some(Event::Failure),
        Outcome::Refused
        | Outcome::TimedOut
        | Outcome::Unknown
        | Outcome::TooMany
        | Outcome::CloudFailed
        | Outcome::Overlapped => Some(Event::Failure),
        Outcome::Drifted => Some(Event::Drift),
        Outcome::Missed => Some(Event::Missed),
    }
}

/// Whether an outcome, with the reason given for it, calls for a person.
#[must_use]
pub fn is_trouble(outcome: Outcome, reason: Option<&str>) -> bool {
    event_of(outcome, reason).is_some()
}

/// What there is to tell of a firing that has ended.
///
/// `about`: what its rule is for.
pub(super) fn of_firing(
    number: FiringId,
    story: &FiringStory,
    (about, remarks): (Option<&str>, &[String]),
) -> Digest {
    let trouble: Vec<&HistoryLine> =
        story.lines.iter().filter(|line| event(line).is_some()).collect();
    let mut events: BTreeSet<Event> = trouble.iter().filter_map(|line| event(line)).collect();
    events.insert(Event::Summary);
    let first = &story.lines[0];
    let digest = FiringDigest {
        firing: number,
        rule: first.rule.clone(),
        about: about.map(long),
        action: first.action.clone(),
        account: first.account.clone(),
        trigger: first.trigger.clone(),
        scheduled_at: first.scheduled_at.clone(),
        started_at: first.started_at.clone(),
        ended_at: story.ended_at.clone(),
        dry_run: story.dry_run,
        host: story.session.host.as_deref().map(long),
        counts: counts(&story.lines),
        trouble: trouble.iter().take(MOST_NAMED).map(|line| told(line)).collect(),
        trouble_left_out: trouble.len().saturating_sub(MOST_NAMED),
    };
    let in_log = story.lines.iter().filter_map(unmatched);
    let unmatched: Vec<&str> = in_log.chain(remarks.iter().map(String::as_str)).collect();
    let text = sentence::of_firing(&digest, &story.lines, &trouble, &unmatched);
    Digest { events, body: Body { text, firing: Some(digest), ..Body::default() } }
}

/// What there is to tell of firings that were missed; `None` where there were none.
pub(super) fn of_missed(missed: &[Missed], zone: Zone) -> Option<Digest> {
    if missed.is_empty() {
        return None;
    }
    let text = sentence::of_missed(missed, zone);
    let missed_left_out = missed.len().saturating_sub(MOST_NAMED);
    let one = |missed: &Missed| MissedFiring {
        firing: missed.firing,
        rule: missed.rule.clone(),
        action: missed.action.clone(),
        scheduled_at: zone.show(missed.scheduled_at).to_rfc3339(),
        reason: missed.reason.as_deref().map(long),
    };
    let missed = missed.iter().take(MOST_NAMED).map(one).collect();
    let events = BTreeSet::from([Event::Missed, Event::Summary]);
    Some(Digest { events, body: Body { text, missed, missed_left_out, ..Body::default() } })
}

/// What a target is told to try it out.
#[must_use]
pub fn of_test(target: &str) -> Body {
    Body { event: "test", text: sentence::of_test(target), ..Body::default() }
}

/// What became of an instance, or of the firing; `None` as long as that is open.
pub(super) fn outcome(line: &HistoryLine) -> Option<Outcome> {
    line.outcome.as_deref()?.parse().ok()
}

/// What a line says of entries that match nothing, where it does.
pub(super) fn unmatched(line: &HistoryLine) -> Option<&str> {
    let reason = line.reason.as_deref().filter(|_| line.instance_no.is_none())?;
    reason.split_once(MATCHES_NOTHING).map(|(_, entry)| entry)
}

/// The event that a line is, where something went wrong.
pub(super) fn event(line: &HistoryLine) -> Option<Event> {
    event_of(outcome(line)?, line.reason.as_deref())
}

fn counts(lines: &[HistoryLine]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let is_word =
        |line: &&HistoryLine| outcome(line) == Some(Outcome::Skipped) && line.instance_no.is_none();
    for outcome in
        lines.iter().filter(|line| !is_word(line)).filter_map(|line| line.outcome.as_ref())
    {
        *counts.entry(outcome.clone()).or_default() += 1;
    }
    counts
}

fn told(line: &HistoryLine) -> Trouble {
    let said = |text: &Option<String>| text.as_deref().map(long);
    Trouble {
        outcome: line.outcome.clone().unwrap_or_default(),
        reason: said(&line.reason),
        region: line.region.clone(),
        instance_no: line.instance_no.clone(),
        instance_name: said(&line.instance_name),
        status_before: said(&line.status_before),
        status_after: said(&line.status_after),
        request_id: said(&line.request_id),
        return_code: said(&line.return_code),
    }
}

pub(super) fn long(text: &str) -> String {
    brief(text, LONGEST)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}
