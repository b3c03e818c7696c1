//! Turns the answer of `why` into an object, and its timeline into lines of CSV.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::audit::RequestLine;
use crate::cli::listing::Line;
use crate::state_history::State;
use crate::why::{Cause, Event, Explanation, RuleThen, What, told};

/// The answer as an object. Times are RFC 3339, in the file's zone.
#[derive(Debug, Serialize)]
pub(super) struct Lines {
    instance_no: String,
    instance_name: String,
    account: String,
    at: String,
    state: State,
    status_before: Option<String>,
    seen_before: Option<String>,
    same_until: Option<String>,
    status_after: Option<String>,
    seen_after: Option<String>,
    pub(super) timeline: Vec<EventLine>,
    rules: Vec<RuleThen>,
    unknown: Vec<String>,
    cause: Cause,
    sentence: String,
}

#[derive(Debug, Serialize)]
pub(super) struct EventLine {
    at: String,
    /// `fired`, `silent`, `changed`, `held`, `owed` or `away`.
    what: &'static str,
    rule: Option<String>,
    firing: Option<i64>,
    told: String,
    requests: Vec<RequestLine>,
}

impl Line for EventLine {
    const KEYS: &'static [&'static str] = &["at", "what", "rule", "firing", "told"];
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
