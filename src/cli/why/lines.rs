//! The answer as an object, and its timeline as lines of CSV.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::super::listing::Line;
use super::page::Page;
use crate::audit::RequestLine;
use crate::states::State;
use crate::why::{Cause, Event, RuleInUse, What, told};

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
    rules: Vec<RuleInUse>,
    unknown: Vec<String>,
    cause: Cause,
    sentence: String,
}

/// One thing that happened.
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

impl Page {
    /// The page as an object.
    pub(super) fn lines(&self) -> Lines {
        let (before, after) = (self.facts.before.clone(), self.facts.after.clone());
        let (seen_before, status_before) = before.unzip();
        let (seen_after, status_after) = after.unzip();
        Lines {
            instance_no: self.instance.no.to_string(),
            instance_name: self.instance.name.clone(),
            account: self.instance.account.to_string(),
            at: self.rfc3339(self.facts.at),
            state: self.verdict.state,
            status_before,
            seen_before: seen_before.map(|at| self.rfc3339(at)),
            same_until: self.facts.same_until.map(|at| self.rfc3339(at)),
            status_after,
            seen_after: seen_after.map(|at| self.rfc3339(at)),
            timeline: self.facts.events.iter().map(|event| self.line(event)).collect(),
            rules: self.facts.rules.clone(),
            unknown: self.unknown(),
            cause: self.verdict.cause,
            sentence: self.verdict.sentence.clone(),
        }
    }

    fn line(&self, event: &Event) -> EventLine {
        let (what, rule, firing) = match &event.what {
            What::Fired(fired) => ("fired", Some(&fired.rule), Some(fired.firing)),
            What::Silent { rule, .. } => ("silent", Some(rule), None),
            What::Changed { .. } => ("changed", None, None),
            What::Held { .. } => ("held", None, None),
            What::Owed { rule, made_up_by, .. } => ("owed", Some(rule), *made_up_by),
            What::Away { .. } => ("away", None, None),
        };
        let requests = match &event.what {
            What::Fired(fired) => fired.requests.clone(),
            _ => Vec::new(),
        };
        EventLine {
            at: self.rfc3339(event.at),
            what,
            rule: rule.cloned(),
            firing,
            told: told(event, self.zone),
            requests,
        }
    }

    fn rfc3339(&self, at: DateTime<Utc>) -> String {
        self.zone.show(at).to_rfc3339_opts(chrono::SecondsFormat::Millis, false)
    }
}
