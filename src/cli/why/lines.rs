//! Turns the answer of `why` into an object, and its timeline into lines of CSV.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::RequestLine;
use crate::state_history::State;
use crate::why::{Cause, Event, Explanation, RuleThen, What, told};

/// Why a server ran, or was off. Times are in the file's zone.
#[derive(Debug, Serialize, JsonSchema)]
pub(in super::super) struct Lines {
    instance_no: String,
    instance_name: String,
    account: String,
    /// The time that was asked about.
    at: String,
    /// The state at that time.
    state: State,
    /// The API's code of the status when last seen before that time.
    status_before: Option<String>,
    /// When that was.
    seen_before: Option<String>,
    /// Up to when that status is known to have lasted.
    same_until: Option<String>,
    /// The API's code of the status when first seen after that time.
    status_after: Option<String>,
    /// When that was.
    seen_after: Option<String>,
    /// What happened around that time, in the order of time.
    pub(super) timeline: Vec<EventLine>,
    /// The rules of that time that could have acted on it.
    rules: Vec<RuleThen>,
    /// What the log could not know, in words.
    unknown: Vec<String>,
    /// The one event that explains the state.
    cause: Cause,
    /// The state and its cause, in one sentence.
    sentence: String,
}

/// Something that concerns the server.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "event")]
pub(super) struct EventLine {
    at: String,
    /// A rule fired; was silent; somebody else changed the server; a hold was set; a deferred action
    /// fell due; no daemon was there.
    #[schemars(extend("x-words" = ["fired", "silent", "changed", "held", "owed", "away"]))]
    what: &'static str,
    /// Null where no rule is concerned.
    rule: Option<String>,
    /// Null where no firing is concerned.
    firing: Option<i64>,
    /// The event in words.
    told: String,
    /// The requests of the firing that named the server.
    requests: Vec<RequestLine>,
}

impl Lines {
    pub(super) fn of(answer: &Explanation) -> Self {
        let rfc3339 = |at| rfc3339(answer, at);
        let (before, after) = (answer.facts.before.clone(), answer.facts.after.clone());
        let (seen_before, status_before) = before.unzip();
        let (seen_after, status_after) = after.unzip();
        Self {
            instance_no: answer.instance.no.to_string(),
            instance_name: answer.instance.name.clone(),
            account: answer.instance.account.to_string(),
            at: rfc3339(answer.facts.at),
            state: answer.verdict.state,
            status_before,
            seen_before: seen_before.map(rfc3339),
            same_until: answer.facts.same_until.map(rfc3339),
            status_after,
            seen_after: seen_after.map(rfc3339),
            timeline: answer.facts.events.iter().map(|event| line(answer, event)).collect(),
            rules: answer.facts.rules.clone(),
            unknown: answer.unknown(),
            cause: answer.verdict.cause,
            sentence: answer.verdict.sentence.clone(),
        }
    }
}

fn line(answer: &Explanation, event: &Event) -> EventLine {
    let (what, rule, firing) = match &event.what {
        What::Fired(fired) => ("fired", Some(&fired.rule), Some(fired.firing)),
        What::Silent { rule, .. } => ("silent", Some(rule), None),
        What::Changed { .. } => ("changed", None, None),
        What::Held { .. } => ("held", None, None),
        What::Deferred { rule, made_up_by, .. } => ("owed", Some(rule), *made_up_by),
        What::Away { .. } => ("away", None, None),
    };
    let requests = match &event.what {
        What::Fired(fired) => fired.requests.clone(),
        _ => Vec::new(),
    };
    EventLine {
        at: rfc3339(answer, event.at),
        what,
        rule: rule.cloned(),
        firing,
        told: told(event, answer.to),
        requests,
    }
}

fn rfc3339(answer: &Explanation, at: DateTime<Utc>) -> String {
    answer.to.zone.show(at).to_rfc3339_opts(chrono::SecondsFormat::Millis, false)
}
