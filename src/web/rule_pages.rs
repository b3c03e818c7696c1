//! Collects the data for the pages of rules and of the week.
//!
//! [`super::page`] draws the pages.

use chrono::NaiveDate;
use hyper::StatusCode;
use url::form_urlencoded;

use super::page::{self, RulePage, RulesPage, WeekPage};
use super::page_request::{PageRequest, Viewed};
use super::state::WebState;
use crate::agenda::{RuleStory, Week, last_results};
use crate::audit::AuditReader;
use crate::model::instance::{Action, RuleName};

/// The address of a rule's page, before its name.
pub(super) const OF_A_RULE: &str = "/rules/";

/// The list of the rules.
pub(super) async fn rules(
    state: &WebState,
    page_request: PageRequest<'_>,
    log: Option<&AuditReader>,
) -> Viewed {
    let daemon = match log {
        Some(log) => log.daemon().await?,
        None => None,
    };
    let rules = state.rules.now(log, daemon.as_ref()).await?;
    let mut last = Vec::new();
    if let (Some(log), Ok(file)) = (log, &rules.in_use) {
        for entry in file.entries() {
            last.extend(last_results(log, entry[0].name.as_str(), 1).await?);
        }
    }
    let look = page_request.look(rules.zone);
    let page = RulesPage { file: rules.in_use, last };
    Ok(Some((StatusCode::OK, page::rules(look, &page))))
}

/// The page of one rule, also of one that only the log knows.
pub(super) async fn rule(
    state: &WebState,
    page_request: PageRequest<'_>,
    log: Option<&AuditReader>,
) -> Viewed {
    let name = page_request.path.strip_prefix(OF_A_RULE).unwrap_or_default();
    let Ok(name) = RuleName::new(name) else { return Ok(None) };
    let now = page_request.now;
    let daemon = match log {
        Some(log) => log.daemon().await?,
        None => None,
    };
    let rules = state.rules.now(log, daemon.as_ref()).await?;
    let entry = rules.in_use.as_ref().ok().and_then(|file| file.entry(name.as_str()));
    let action = entry.map_or(Action::Stop, |entry| entry[0].action);
    let story = match log {
        Some(log) => RuleStory::read(log, (&name, action), now).await?,
        None => RuleStory::default(),
    };
    if entry.is_none() && story.results.is_empty() {
        return Ok(None);
    }
    let look = page_request.look(rules.zone);
    let entry = entry.map(<[_]>::to_vec);
    let text = rules.in_use.as_ref().ok().map(|file| file.text.as_str());
    let page = RulePage { name, entry, text, story, forms: page_request.forms };
    Ok(Some((StatusCode::OK, page::rule(look, &page))))
}

/// The week of all rules, or of one rule's servers.
pub(super) async fn week(
    state: &WebState,
    page_request: PageRequest<'_>,
    log: Option<&AuditReader>,
) -> Viewed {
    let now = page_request.now;
    let (holds, daemon) = match log {
        Some(log) => (log.holds(Some(now)).await?, log.daemon().await?),
        None => (Vec::new(), None),
    };
    let rules = state.rules.now(log, daemon.as_ref()).await?;
    let (wanted, day) = asked(page_request.query);
    let week = match (&rules.in_use, &wanted) {
        (Err(problem), _) => Err(problem.clone()),
        (Ok(file), None) => Ok(Week::of_rules(file, &holds, (now, page_request.words.0))),
        (Ok(file), Some(name)) => {
            let Some(entry) = file.entry(name) else { return Ok(None) };
            let last = match log {
                Some(log) => {
                    RuleStory::read(log, (&entry[0].name, entry[0].action), now).await?.last
                }
                None => None,
            };
            let servers = last.into_iter().flat_map(|last| last.servers);
            let servers: Vec<_> = servers.map(|it| (it.account, it.no, it.name)).collect();
            Ok(Week::of_servers((file, entry), &servers, &holds, (now, page_request.words.0)))
        }
    };
    let look = page_request.look(rules.zone);
    Ok(Some((StatusCode::OK, page::week(look, &WeekPage { week, rule: wanted, day }))))
}

/// The rule and the day in a query.
fn asked(query: &str) -> (Option<String>, Option<NaiveDate>) {
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(query.as_bytes());
        let found = fields.find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    (field("rule"), field("day").and_then(|day| day.parse().ok()))
}
