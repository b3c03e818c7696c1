//! What `why` prints: the state, the timeline, the rules, what is not known, one sentence.

use chrono::{DateTime, Utc};

use super::super::output::harmless;
use crate::audit::{FileInUse, KnownInstance, RequestLine};
use crate::schedule::zone::Zone;
use crate::why::{Facts, Meaning, RuleInUse, Verdict, What, told};

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

impl Page {
    /// The page for people.
    pub(super) fn text(&self) -> String {
        let KnownInstance { account, no, name } = &self.instance;
        let at = self.shown(self.facts.at);
        let mut page = vec![format!("{} ({no}, account {account}) at {at}", harmless(name))];
        section(&mut page, "State", &self.state());
        section(&mut page, "What happened", &self.happened());
        let rules: Vec<String> = self.facts.rules.iter().map(rule).collect();
        section(&mut page, "Rules in use then", &rules);
        section(&mut page, "Not known", &self.unknown());
        page.push(String::new());
        page.push(textwrap::fill(&harmless(&self.verdict.sentence), WIDTH));
        page.join("\n") + "\n"
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
        format!("    {}{message}", said.join(", "))
    }

    /// What the log could not tell.
    pub(super) fn unknown(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match &self.in_use {
            None => {
                lines.push("which rules there were: no schedules.toml was in use yet".to_owned());
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
}

fn rule(rule: &RuleInUse) -> String {
    let meaning = match rule.meaning {
        Meaning::Named => "means it by its name or number",
        Meaning::Matched => "asks for tags, and has matched it",
        Meaning::Perhaps => "asks for tags, and never matched it in this log",
    };
    let RuleInUse { rule: name, action, times, kept_by, .. } = rule;
    let kept = std::iter::once(meaning).chain(kept_by.iter().map(String::as_str));
    format!("{name} ({action}, {times}): {}", kept.collect::<Vec<_>>().join("; "))
}

/// A headed list; nothing where there is nothing to say.
fn section(page: &mut Vec<String>, head: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    page.extend([String::new(), head.to_owned()]);
    page.extend(lines.iter().map(|line| format!("  {}", harmless(line))));
}
