//! The complete answer to `why`: collects it from a log, and makes the texts that every view shows.
//!
//! The cause comes from [`super::verdict`], the order of events from [`super::timeline`].

use chrono::{DateTime, TimeDelta, Utc};

use super::then::{self, Then, texts};
use super::words::shown;
use super::{Meaning, RuleThen, Verdict, What, WhyFacts, timeline, verdict};
use crate::audit::{Around, AuditError, AuditReader, RequestLine};
use crate::model::instance::Action;
use crate::model::known_instance::KnownInstance;
use crate::time::uptime::LONGEST_ABSENCE;
use crate::time::zone::Zone;

/// Edits of schedules.toml count for this long after the time that is asked about.
const NIGHT: TimeDelta = TimeDelta::days(1);

/// The answer about one instance at one time.
#[derive(Clone, Debug)]
pub struct Explanation {
    pub instance: KnownInstance,
    pub facts: WhyFacts,
    pub verdict: Verdict,
    /// The zone of all shown times.
    pub zone: Zone,
    in_use: ConfigThen,
    /// The log is complete from this time on; `None`: it was never pruned.
    pruned_before: Option<DateTime<Utc>>,
}

/// The schedules.toml that was in use at the time.
#[derive(Clone, Debug)]
enum ConfigThen {
    /// No file was in use.
    Nothing,
    Readable,
    /// The file cannot be parsed any more; this was its path.
    Unreadable(String),
}

/// Answers from the log alone.
pub async fn answer(
    log: &AuditReader,
    instance: KnownInstance,
    at: DateTime<Utc>,
    (zone, now): (Zone, DateTime<Utc>),
) -> Result<Explanation, AuditError> {
    let instance = log.as_named_at(instance, at).await?;
    let files = log.files_in_use(at - LONGEST_ABSENCE, at + NIGHT).await?;
    let mut texts = texts(files, &instance);
    let mut named: Vec<(String, Action)> = Vec::new();
    for rule in texts.iter().flat_map(|then| &then.rules) {
        let name = (rule.rule.clone(), rule.action);
        if rule.meaning == Meaning::Named && !named.contains(&name) {
            named.push(name);
        }
    }
    let around = log.around(&instance, at, &named).await?;
    for then in &mut texts {
        then.judge(&instance, &around.matched);
    }
    let events = timeline(&around, &instance, &texts, (zone, now));
    let by_then = &texts[..texts.partition_point(|then| then.since <= at)];
    let mut rules = by_then.last().map(|then| then.rules.clone()).unwrap_or_default();
    for rule in rules.iter_mut().filter(|rule| rule.is_meant()) {
        rule.since = then::meant_since(by_then, rule);
    }
    let facts = WhyFacts {
        at,
        now,
        before: around.before.as_ref().map(|seen| (seen.at(), seen.status.clone())),
        same_until: same_until(&around),
        after: around.after.as_ref().map(|seen| (seen.at(), seen.status.clone())),
        events,
        rules,
        gone: then::gone(by_then),
    };
    let verdict = verdict(&facts, zone);
    let in_use = match by_then.last() {
        None => ConfigThen::Nothing,
        Some(Then { schedules: None, path, .. }) => ConfigThen::Unreadable(path.clone()),
        Some(_) => ConfigThen::Readable,
    };
    Ok(Explanation { instance, facts, verdict, zone, in_use, pruned_before: around.pruned_before })
}

/// The end of the last known state: the change, or the last observation.
fn same_until(around: &Around) -> Option<DateTime<Utc>> {
    let seen_at = around.before.as_ref()?.at();
    match &around.after {
        Some(after) => Some(after.at()),
        None => Some(around.looked_at.map_or(seen_at, |looked_at| looked_at.max(seen_at))),
    }
}

impl Explanation {
    /// One line each for the states before and after.
    pub fn state(&self) -> Vec<String> {
        let WhyFacts { at, before, after, same_until, .. } = &self.facts;
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

    /// The request and its answer.
    pub fn request(&self, request: &RequestLine) -> String {
        let at = DateTime::parse_from_rfc3339(&request.requested_at)
            .map_or_else(|_| request.requested_at.clone(), |at| self.shown(at.to_utc()));
        let result = request.result.as_deref().unwrap_or("no answer recorded");
        let mut said = vec![format!("asked at {at} to {}: {result}", request.action)];
        let http = request.http_status.map(|status| status.to_string());
        for (label, value) in [
            ("HTTP", http.as_ref()),
            ("code", request.return_code.as_ref()),
            ("request id", request.request_id.as_ref()),
        ] {
            said.extend(value.map(|value| format!("{label} {value}")));
        }
        let message = request.return_message.as_ref().or(request.detail.as_ref());
        let message = message.filter(|message| !message.is_empty());
        let message = message.map(|message| format!(" ({message})")).unwrap_or_default();
        format!("{}{message}", said.join(", "))
    }

    /// The facts that the log lacks.
    pub fn unknown(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match &self.in_use {
            ConfigThen::Nothing => {
                lines.push("which rules there were: no schedules.toml was in use yet".to_owned());
            }
            ConfigThen::Unreadable(path) => lines.push(format!(
                "which rules there were: the text of {path} that was in use cannot be read any more"
            )),
            ConfigThen::Readable => {}
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

    /// A time as people of the zone read it.
    pub fn shown(&self, at: DateTime<Utc>) -> String {
        shown(at, self.zone)
    }
}

impl RuleThen {
    /// The rule in words: its action and times, why it is believed to mean the instance, and any
    /// obstacle.
    pub fn told(&self) -> String {
        let meaning = match self.meaning {
            Meaning::Named => "means it by its name or number",
            Meaning::Matched => "asks for tags, and has matched it",
            Meaning::Perhaps => "asks for tags, and is not known to have matched it",
        };
        let kept = std::iter::once(meaning).chain(self.kept_by.iter().map(String::as_str));
        let kept = kept.collect::<Vec<_>>().join("; ");
        format!("{} ({}, {}): {kept}", self.rule, self.action, self.times)
    }
}
