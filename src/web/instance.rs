//! Collects the data for the page of one instance: its story at a time, and the holds on it.
//!
//! [`super::page`] draws the page.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use hyper::StatusCode;
use url::form_urlencoded;

use super::page::{self, InstancePage, WhyNot, WhyPart};
use super::page_request::{PageRequest, Viewed};
use super::state::WebState;
use crate::audit::{AuditError, AuditReader, HistoryFilter, LastState};
use crate::model::instance::{AccountName, InstanceNo};
use crate::model::known_instance::KnownInstance;
use crate::servers;
use crate::stop_limit::entries;
use crate::time::time_input::{self, Side};
use crate::why::{self, Meaning, Times};

pub(super) async fn instance(
    state: &WebState,
    page_request: PageRequest<'_>,
    (log, no): (&AuditReader, InstanceNo),
) -> Viewed {
    let (last_states, now) = (log.last_states(&no).await?, page_request.now);
    let filter = HistoryFilter { instance: Some(no.to_string()), ..HistoryFilter::default() };
    let lines = log.history(&filter).await?;
    if last_states.is_empty() && lines.is_empty() {
        return Ok(None);
    }
    let daemon = log.daemon().await?;
    let rules = state.rules.now(Some(log), daemon.as_ref()).await?;
    let typed = at_of(page_request.query);
    let at = match &*typed {
        "" => Ok(now),
        text => time_input::parse(text, rules.zone, now, Side::Last).map_err(|_| WhyNot::NoTime),
    };
    let at = at.and_then(|at| if at > now { Err(WhyNot::ToCome) } else { Ok(at) });
    let these = known(&no, &last_states);
    let (language, zone) = (page_request.words.0, rules.zone);
    let audience = why::Audience { language, zone, times: Times::Marked };
    let answers = match at {
        Ok(at) => Ok(answers(log, &these, at, (audience, now)).await?),
        Err(wrong) => Err(wrong),
    };
    let holds = log.holds(Some(now)).await?;
    // Holds are shown as they are now, whatever time is page_request about.
    let meant_by = match &answers {
        Ok(answers) if typed.is_empty() => rules_of(answers),
        _ if holds.is_empty() => BTreeSet::new(),
        _ => rules_of(&self::answers(log, &these, now, (audience, now)).await?),
    };
    let identities = |seen: KnownInstance| (seen.account, seen.no);
    let these: Vec<_> = these.into_iter().map(identities).collect();
    let facts = log.budget_facts_of(&these, now).await?;
    let in_use = rules.in_use.as_ref().ok();
    let servers = servers::described(&facts, in_use.map(AsRef::as_ref), now);
    let budgets = in_use.map(|file| entries(file, &facts, now)).unwrap_or_default();
    let status = if answers.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let look = page_request.look(rules.zone);
    let page = InstancePage {
        no,
        servers,
        last_states,
        lines,
        holds,
        meant_by,
        has_rules: in_use.is_some(),
        limits: in_use.map(|file| file.budget.clone()).unwrap_or_default(),
        budgets: &budgets,
        why: WhyPart { at: typed, answers },
        forms: page_request.forms,
    };
    Ok(Some((status, page::instance(look, &page))))
}

/// The answers of `why` for each of these instances at a time.
async fn answers(
    log: &AuditReader,
    known: &[KnownInstance],
    at: DateTime<Utc>,
    (audience, now): (why::Audience, DateTime<Utc>),
) -> Result<Vec<why::Explanation>, AuditError> {
    let mut answers = Vec::new();
    for known in known {
        answers.push(why::answer(log, known.clone(), at, (audience, now)).await?);
    }
    Ok(answers)
}

/// The names of the rules that certainly mean an instance.
fn rules_of(answers: &[why::Explanation]) -> BTreeSet<String> {
    let rules = answers.iter().flat_map(|answer| &answer.facts.rules);
    let rules = rules.filter(|rule| rule.meaning != Meaning::Perhaps);
    rules.map(|rule| rule.rule.clone()).collect()
}

/// The time in a query, as it was typed; empty means now.
fn at_of(query: &str) -> String {
    let mut fields = form_urlencoded::parse(query.as_bytes());
    let at = fields.find(|(name, _)| name == "at").map(|(_, value)| value.trim().to_owned());
    at.unwrap_or_default()
}

/// The instances with a number, one in each account that has seen it.
fn known(no: &InstanceNo, last_states: &[LastState]) -> Vec<KnownInstance> {
    let known = last_states.iter().filter_map(|seen| {
        let account = AccountName::new(seen.account.as_str()).ok()?;
        Some(KnownInstance { account, no: no.clone(), name: seen.instance_name.clone() })
    });
    known.collect()
}

/// Whether the log has an observation or a line of an instance.
pub(super) async fn is_known(log: &AuditReader, no: &InstanceNo) -> Result<bool, AuditError> {
    let filter =
        HistoryFilter { instance: Some(no.to_string()), limit: 1, ..HistoryFilter::default() };
    Ok(!log.last_states(no).await?.is_empty() || !log.history(&filter).await?.is_empty())
}
