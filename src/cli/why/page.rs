//! What `why` prints: the state, the timeline, the rules, what is not known, one sentence.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::super::listing::{Line, or_empty};
use super::super::output::harmless;
use crate::audit::{FileInUse, KnownInstance, RequestLine};
use crate::schedule::zone::Zone;
use crate::why::{Event, Facts, Meaning, RuleInUse, State, Verdict, What, told};

/// How wide a paragraph is.
const WIDTH: usize = 100;

/// Everything there is to say.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) instance: KnownInstance,
    pub(super) facts: Facts,
    pub(super) verdict: Verdict,
    pub(super) zone: Zone,
    pub(super) in_use: Option<FileInUse>,
    /// Whether the text in use could be understood.
    pub(super) is_readable: bool,
    pub(super) pruned_before: Option<DateTime<Utc>>,
}

/// The page as an object. Times are RFC 3339, in the file's zone.
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
    cause: crate::why::Cause,
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
    /// The page for people.
    pub(super) fn text(&self) -> String {
        let KnownInstance { account, no, name } = &self.instance;
        let at = self.shown(self.facts.at);
        let mut page = format!("{} ({no}, account {account}) at {at}\n", harmless(name));
        section(&mut page, "State", self.state());
        section(&mut page, "What happened", self.happened());
        section(&mut page, "Rules in use then", self.facts.rules.iter().map(rule).collect());
        section(&mut page, "Not known", self.unknown());
        page.push('\n');
        page += &textwrap::fill(&harmless(&self.verdict.sentence), WIDTH);
        page.push('\n');
        page
    }

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

    fn state(&self) -> Vec<String> {
        let Facts { at, before, after, same_until, .. } = &self.facts;
        let mut lines = Vec::new();
        if let Some((seen_at, status)) = before {
            let until = same_until.filter(|until| after.is_none() && *until > *seen_at);
            let until = until.map(|until| format!(", last at {}", self.shown(until)));
            let until = until.unwrap_or_default();
            lines.push(format!("seen in {status} at {}{until}", self.shown(*seen_at)));
        }
        if let Some((seen_at, status)) = after.as_ref().filter(|(seen_at, _)| seen_at > at) {
            let how = if before.is_some() { "next seen otherwise" } else { "first seen" };
            lines.push(format!("{how} at {}: {status}", self.shown(*seen_at)));
        }
        for event in &self.facts.events {
            if let What::Changed { seen_at, .. } = event.what
                && event.at < *at
                && *at < seen_at
            {
                let (from, until) = (self.shown(event.at), self.shown(seen_at));
                lines.push(format!("nobody looked between {from} and {until}"));
            }
        }
        lines
    }

    fn happened(&self) -> Vec<String> {
        let asked = self.facts.at;
        let mut lines = Vec::new();
        let mut is_marked = false;
        for event in &self.facts.events {
            if event.at > asked && !is_marked {
                lines.push(format!("{}  (the time asked about)", self.shown(asked)));
                is_marked = true;
            }
            lines.push(format!("{}  {}", self.shown(event.at), told(event, self.zone)));
            if let What::Fired(fired) = &event.what {
                lines.extend(fired.requests.iter().map(|request| self.request(request)));
            }
        }
        lines
    }

    /// What was asked, and the answer.
    fn request(&self, request: &RequestLine) -> String {
        let at = DateTime::parse_from_rfc3339(&request.requested_at)
            .map_or_else(|_| request.requested_at.clone(), |at| self.shown(at.to_utc()));
        let mut said = match &request.result {
            Some(result) => format!("asked at {at} to {}: {result}", request.action),
            None => format!("asked at {at} to {}: no answer recorded", request.action),
        };
        let http = request.http_status.map(|status| status.to_string());
        for (label, value) in [
            ("HTTP", http.as_ref()),
            ("code", request.return_code.as_ref()),
            ("request id", request.request_id.as_ref()),
        ] {
            said += &value.map(|value| format!(", {label} {value}")).unwrap_or_default();
        }
        let message = or_empty(request.return_message.as_ref().or(request.detail.as_ref()));
        if !message.is_empty() {
            said += &format!(" ({message})");
        }
        format!("    {said}")
    }

    /// What the log could not tell.
    fn unknown(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match &self.in_use {
            None => {
                lines.push("which rules there were: no schedules.toml was in use yet".to_owned())
            }
            Some(file) if !self.is_readable => lines.push(format!(
                "which rules there were: the text of {} that was in use cannot be read any more",
                file.path
            )),
            Some(_) => {}
        }
        if self.facts.rules.iter().any(|rule| rule.meaning == Meaning::Perhaps) {
            lines.push(
                "its tags: the log does not keep them, only which servers a firing matched"
                    .to_owned(),
            );
        }
        let is_torn = self.facts.before.is_some() && self.facts.after.is_some();
        if is_torn {
            lines.push(
                "when exactly its state changed: only the looks that found it changed are kept"
                    .to_owned(),
            );
        }
        if let Some(since) = self.pruned_before {
            lines.push(format!("most of what was before {}: it was pruned", self.shown(since)));
        }
        lines
    }

    fn shown(&self, at: DateTime<Utc>) -> String {
        self.zone.show(at).format("%F %H:%M:%S%:z").to_string()
    }

    fn rfc3339(&self, at: DateTime<Utc>) -> String {
        self.zone.show(at).to_rfc3339_opts(chrono::SecondsFormat::Millis, false)
    }
}

fn rule(rule: &RuleInUse) -> String {
    let meaning = match rule.meaning {
        Meaning::Named => "means it by its name or number",
        Meaning::Matched => "asks for tags, and has matched it",
        Meaning::Perhaps => "asks for tags, and never matched it in this log",
    };
    let RuleInUse { rule: name, action, times, kept_by, .. } = rule;
    let kept = kept_by.iter().map(|by| format!("; {by}")).collect::<String>();
    format!("{name} ({action}, {times}): {meaning}{kept}")
}

/// A headed list; nothing where there is nothing to say.
fn section(page: &mut String, head: &str, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    *page += &format!("\n{head}\n");
    for line in lines {
        *page += &format!("  {}\n", harmless(&line));
    }
}
