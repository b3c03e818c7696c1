//! What there is to tell of a firing, or of several that were missed: one digest, never one
//! message an instance.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::words::{counted, harmless};
use crate::audit::{FiringId, FiringStory, HistoryLine, Missed};
use crate::outcome::Outcome;
use crate::schedule::notify::Event;
use crate::schedule::zone::Zone;

/// How many instances a notice names; of more it says how many.
const MOST_NAMED: usize = 50;
/// How many of them its text names, for each outcome.
const MOST_IN_TEXT: usize = 3;
/// How long names and reasons may be: in the text, and in the JSON.
const LONGEST_IN_TEXT: usize = 160;
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
    /// The firing it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firing: Option<FiringDigest>,
    /// The firings that were missed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<MissedFiring>,
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
    firing: FiringId,
    rule: String,
    action: String,
    account: String,
    trigger: String,
    scheduled_at: Option<String>,
    started_at: String,
    ended_at: Option<String>,
    dry_run: bool,
    host: Option<String>,
    /// How many instances had which outcome.
    counts: BTreeMap<String, usize>,
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
        Outcome::Skipped => {
            let reason = reason.unwrap_or_default();
            let by_choice = reason.starts_with("protected") || reason.starts_with("excepted");
            (!by_choice).then_some(Event::Failure)
        }
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

/// What there is to tell of a firing that has ended.
pub(super) fn of_firing(number: FiringId, story: &FiringStory) -> Digest {
    let trouble: Vec<&HistoryLine> =
        story.lines.iter().filter(|line| event(line).is_some()).collect();
    let mut events: BTreeSet<Event> = trouble.iter().filter_map(|line| event(line)).collect();
    events.insert(Event::Summary);
    let first = &story.lines[0];
    let digest = FiringDigest {
        firing: number,
        rule: first.rule.clone(),
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
    let text = text(&digest, &story.lines, &trouble);
    Digest { events, body: Body { text, firing: Some(digest), ..Body::default() } }
}

/// What there is to tell of firings that were missed; `None` where there were none.
pub(super) fn of_missed(missed: &[Missed], zone: Zone) -> Option<Digest> {
    let first = missed.first()?;
    let at = |missed: &Missed| zone.show(missed.scheduled_at).to_rfc3339();
    let rules: BTreeSet<&str> = missed.iter().map(|missed| missed.rule.as_str()).collect();
    let when = match missed {
        [_] => format!("{}, due at {}", first.rule, at(first)),
        [.., last] => {
            let rules: Vec<&str> = rules.into_iter().take(MOST_IN_TEXT).collect();
            format!("{}, due from {} to {}", rules.join(", "), at(first), at(last))
        }
        [] => String::new(),
    };
    let was = if missed.len() == 1 { "was" } else { "were" };
    let why = first.reason.as_deref().map(|reason| format!(" ({})", short(reason)));
    let text = format!(
        "{} {was} missed: {when}{}; lightsout history --outcome missed",
        counted(missed.len(), "firing"),
        why.unwrap_or_default()
    );
    let one = |missed: &Missed| MissedFiring {
        firing: missed.firing,
        rule: missed.rule.clone(),
        action: missed.action.clone(),
        scheduled_at: at(missed),
        reason: missed.reason.as_deref().map(long),
    };
    let missed = missed.iter().take(MOST_NAMED).map(one).collect();
    let events = BTreeSet::from([Event::Missed, Event::Summary]);
    Some(Digest { events, body: Body { text, missed, ..Body::default() } })
}

/// What a target is told to try it out.
#[must_use]
pub fn of_test(target: &str) -> Body {
    let text =
        format!("this is a test: lightsout will tell `{}` of what it asked for", short(target));
    Body { event: "test", text, ..Body::default() }
}

fn outcome(line: &HistoryLine) -> Option<Outcome> {
    line.outcome.as_deref()?.parse().ok()
}

fn event(line: &HistoryLine) -> Option<Event> {
    event_of(outcome(line)?, line.reason.as_deref())
}

fn counts(lines: &[HistoryLine]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for outcome in lines.iter().filter_map(|line| line.outcome.as_ref()) {
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

/// The firing in a sentence: `dev-nightly stopped 11 of 12: 1 refused (web-3: …); lightsout show
/// 1234`.
fn text(digest: &FiringDigest, lines: &[HistoryLine], trouble: &[&HistoryLine]) -> String {
    let mut parts = troubles(trouble);
    if let Some(already) = digest.counts.get("already") {
        parts.push(format!("{already} already so"));
    }
    let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    format!("{} {}{parts}; lightsout show {}", digest.rule, reached(digest, lines), digest.firing)
}

/// How far the firing got.
fn reached(digest: &FiringDigest, lines: &[HistoryLine]) -> String {
    let count = |word: &str| digest.counts.get(word).copied().unwrap_or_default();
    let is_wanted = |line: &&HistoryLine| {
        let left_alone = outcome(line) == Some(Outcome::Skipped) && event(line).is_none();
        line.instance_no.is_some() && !left_alone
    };
    let wanted = lines.iter().filter(is_wanted).count();
    let done = if digest.action == "start" { "started" } else { "stopped" };
    match wanted {
        _ if count("nothing_matched") > 0 => "matched no instance".to_owned(),
        0 if lines.iter().any(|line| event(line).is_some()) => format!("{done} nothing"),
        0 => format!("had nothing to {}", digest.action),
        _ if digest.dry_run => {
            format!("would have asked {} of {wanted} to {}", count("dry_run"), digest.action)
        }
        _ => format!("{done} {} of {wanted}", count(done)),
    }
}

/// What went wrong, in groups: `1 refused (web-3: …)`.
fn troubles(trouble: &[&HistoryLine]) -> Vec<String> {
    let mut groups: BTreeMap<Outcome, Vec<&HistoryLine>> = BTreeMap::new();
    for line in trouble {
        if let Some(outcome) = outcome(line) {
            groups.entry(outcome).or_default().push(line);
        }
    }
    let group = |(outcome, lines): (&Outcome, &Vec<&HistoryLine>)| {
        let mut named: Vec<String> =
            lines.iter().take(MOST_IN_TEXT).map(|line| example(line)).collect();
        if lines.len() > MOST_IN_TEXT {
            named.push(format!("and {} more", lines.len() - MOST_IN_TEXT));
        }
        named.retain(|example| !example.is_empty());
        let named =
            if named.is_empty() { String::new() } else { format!(" ({})", named.join("; ")) };
        let word = outcome.as_str().replace('_', " ");
        let of_instances = lines[0].instance_no.is_some();
        let word = if of_instances { format!("{} {word}", lines.len()) } else { word };
        format!("{word}{named}")
    };
    groups.iter().map(group).collect()
}

/// One of a group: whom it is about, and why.
fn example(line: &HistoryLine) -> String {
    let name = line.instance_name.as_ref().or(line.instance_no.as_ref());
    let who = name.or(line.region.as_ref()).map(|name| short(name));
    let why = line.reason.as_deref().map(short);
    who.into_iter().chain(why).collect::<Vec<_>>().join(": ")
}

fn short(text: &str) -> String {
    harmless(text, LONGEST_IN_TEXT)
}

fn long(text: &str) -> String {
    harmless(text, LONGEST)
}
