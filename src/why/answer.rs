//! The complete answer to `why`: collects it from a log, and makes the texts that every view shows.
//!
//! The cause comes from [`super::verdict`], the order of events from [`super::timeline`].

use chrono::{DateTime, TimeDelta, Utc};

use super::then::{self, Then, texts};
use super::{Audience, Meaning, RuleThen, Verdict, What, WhyFacts, timeline, verdict};
use crate::audit::{Around, AuditError, AuditReader, RequestLine};
use crate::model::instance::Action;
use crate::model::known_instance::KnownInstance;
use crate::model::language::Language;
use crate::model::request_result;
use crate::time::uptime::LONGEST_ABSENCE;

/// Edits of schedules.toml count for this long after the time that is asked about.
const NIGHT: TimeDelta = TimeDelta::days(1);

/// The answer about one instance at one time.
#[derive(Clone, Debug)]
pub struct Explanation {
    pub instance: KnownInstance,
    pub facts: WhyFacts,
    pub verdict: Verdict,
    pub to: Audience,
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
    (to, now): (Audience, DateTime<Utc>),
) -> Result<Explanation, AuditError> {
    let instance = log.as_named_at(instance, at).await?;
    let files = log.files_in_use(at - LONGEST_ABSENCE, at + NIGHT).await?;
    let mut texts = texts(files, &instance, to.language);
    let mut named: Vec<(String, Action)> = Vec::new();
    for rule in texts.iter().flat_map(|then| &then.rules) {
        let name = (rule.rule.clone(), rule.action);
        if rule.meaning == Meaning::Named && !named.contains(&name) {
            named.push(name);
        }
    }
    let around = log.around(&instance, at, &named).await?;
    for then in &mut texts {
        then.judge(&instance, &around.matched, to.language);
    }
    let events = timeline(&around, &instance, &texts, (to, now));
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
    let verdict = verdict(&facts, to);
    let in_use = match by_then.last() {
        None => ConfigThen::Nothing,
        Some(Then { schedules: None, path, .. }) => ConfigThen::Unreadable(path.clone()),
        Some(_) => ConfigThen::Readable,
    };
    Ok(Explanation { instance, facts, verdict, to, in_use, pruned_before: around.pruned_before })
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
        let to = self.to;
        let mut lines = Vec::new();
        if let Some((seen_at, status)) = before {
            let until = same_until.filter(|until| after.is_none() && *until > *seen_at);
            let until = until.map(|until| {
                let until = to.shown(until);
                to.either([format!(", last at {until}"), format!(", 마지막 확인 {until}")])
            });
            let (seen, until) = (to.shown(*seen_at), until.unwrap_or_default());
            lines.push(to.either([
                format!("seen in {status} at {seen}{until}"),
                format!("{seen}에 확인된 상태 코드 {status}{until}"),
            ]));
        }
        if let Some((seen_at, status)) = after.as_ref().filter(|(seen_at, _)| seen_at > at) {
            let how = match before {
                Some(_) => ["next seen otherwise", "다른 상태로 확인됨"],
                None => ["first seen", "처음 확인됨"],
            };
            let (how, seen) = (to.language.either(how), to.shown(*seen_at));
            lines.push(to.either([
                format!("{how} at {seen}: {status}"),
                format!("{seen}에 {how}: {status}"),
            ]));
        }
        for event in &self.facts.events {
            if let What::Changed { seen_at, .. } = event.what
                && event.at < *at
                && *at < seen_at
            {
                let (from, until) = (to.shown(event.at), to.shown(seen_at));
                lines.push(to.either([
                    format!("nobody looked between {from} and {until}"),
                    format!("{from} ~ {until} 사이에는 확인하지 않음"),
                ]));
            }
        }
        lines
    }

    /// The request and its answer.
    pub fn request(&self, request: &RequestLine) -> String {
        let to = self.to;
        let at = DateTime::parse_from_rfc3339(&request.requested_at)
            .map_or_else(|_| request.requested_at.clone(), |at| to.shown(at.to_utc()));
        let result = request.result.as_deref();
        let result = match to.language {
            // As in the log and on the command line.
            Language::English => result.unwrap_or("no answer recorded"),
            Language::Korean => result.map_or("기록된 응답 없음", |it| {
                request_result::in_language(it, to.language)
            }),
        };
        let does = Action::from_word(&request.action).map(|it| it.in_language(to.language));
        let does = does.unwrap_or(&request.action);
        let mut said = vec![to.either([
            format!("asked at {at} to {does}: {result}"),
            format!("{at}에 {does} 요청: {result}"),
        ])];
        let http = request.http_status.map(|status| status.to_string());
        for (label, value) in [
            (["HTTP", "HTTP"], http.as_ref()),
            (["code", "응답 코드"], request.return_code.as_ref()),
            (["request id", "요청 ID"], request.request_id.as_ref()),
        ] {
            let label = to.language.either(label);
            said.extend(value.map(|value| format!("{label} {value}")));
        }
        let message = request.return_message.as_ref().or(request.detail.as_ref());
        let message = message.filter(|message| !message.is_empty());
        let message = message.map(|message| format!(" ({message})")).unwrap_or_default();
        format!("{}{message}", said.join(", "))
    }

    /// The facts that the log lacks.
    pub fn unknown(&self) -> Vec<String> {
        let to = self.to;
        let mut lines: Vec<String> = Vec::new();
        let mut lacks = |words: [&str; 2]| lines.push(to.language.either(words).to_owned());
        if matches!(self.in_use, ConfigThen::Nothing) {
            lacks([
                "which rules there were: no schedules.toml was in use yet",
                "당시의 규칙: 사용 중인 schedules.toml이 아직 없었음",
            ]);
        }
        if self.facts.rules.iter().any(|rule| rule.meaning == Meaning::Perhaps) {
            lacks([
                "its tags: the log does not keep them, only which servers a firing matched",
                "이 서버의 태그: 로그에는 태그가 남지 않고 실행의 대상 서버만 남음",
            ]);
        }
        if self.facts.before.is_some() && self.facts.after.is_some() {
            lacks([
                "when exactly its state changed: only the looks that found it changed are kept",
                "상태가 바뀐 정확한 시각: 바뀐 것을 확인한 시각만 남음",
            ]);
        }
        if let ConfigThen::Unreadable(path) = &self.in_use {
            lines.insert(
                0,
                to.either([
                    format!(
                        "which rules there were: the text of {path} that was in use cannot be \
                         read any more"
                    ),
                    format!("당시의 규칙: 그때 사용한 {path}의 내용을 더 이상 읽을 수 없음"),
                ]),
            );
        }
        if let Some(since) = self.pruned_before {
            let since = to.shown(since);
            lines.push(to.either([
                format!("most of what was before {since}: it was pruned"),
                format!("{since} 이전의 기록 대부분: 정리되어 없음"),
            ]));
        }
        lines
    }

    /// A time as people of the zone read it.
    pub fn shown(&self, at: DateTime<Utc>) -> String {
        self.to.shown(at)
    }
}

impl RuleThen {
    /// The rule in words: its action and times, why it is believed to mean the instance, and any
    /// obstacle.
    pub fn told(&self, language: Language) -> String {
        let meaning = language.either(match self.meaning {
            Meaning::Named => ["means it by its name or number", "이름이나 번호로 대상이 됨"],
            Meaning::Matched => {
                ["asks for tags, and has matched it", "태그로 고르며 대상이었던 적이 있음"]
            }
            Meaning::Perhaps => [
                "asks for tags, and is not known to have matched it",
                "태그로 고르며 대상이었던 기록이 없음",
            ],
        });
        let kept = std::iter::once(meaning).chain(self.kept_by.iter().map(String::as_str));
        let kept = kept.collect::<Vec<_>>().join("; ");
        let action = self.action.in_language(language);
        format!("{} ({action}, {}): {kept}", self.rule, self.times)
    }
}
