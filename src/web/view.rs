//! Reads from the log and the file the data that each page needs.
//!
//! [`super::instance`] does so for one instance. [`super::page`] draws the pages.

use chrono::TimeDelta;
use hyper::StatusCode;
use tracing::warn;

use super::answer::PageAnswer;
use super::filter::Typed;
use super::forms::HOLD_PATH;
use super::page::{self, ChangesPage, HistoryPage, LogNow, NoReport, ReportPage, Tonight};
use super::page_request::{PageRequest, Viewed};
use super::rule_pages;
use super::state::WebState;
use super::{hold_page, reckoned, servers};
use crate::agenda::{Agenda, AgendaFacts};
use crate::audit::{AuditReader, ChangeFilter, HistoryFilter};
use crate::model::ids::FiringId;
use crate::model::period::Period;
use crate::report::Report;
use crate::report::html::Origin;
use crate::report::periods::usual_beginning;
use crate::text::error_chain::chain;
use crate::verdict::{Doubt, FileNow, Present, Verdict, last_night_of};

/// The longest report on a page, because a page blocks a turn to read; `lightsout report` makes
/// longer ones.
const LONGEST_REPORT: TimeDelta = TimeDelta::days(366);

/// The page at a path; or the answer that there is none, or that the log cannot be read.
pub(super) async fn answer(state: &WebState, page_request: PageRequest<'_>) -> PageAnswer {
    let (words, path, address) = (page_request.words, page_request.path, page_request.address());
    let (status, page) = match view(state, page_request).await {
        Ok(Some(viewed)) => viewed,
        Ok(None) => (StatusCode::NOT_FOUND, page::not_found(words)),
        Err(error) => {
            warn!(error = chain(&error), path, "the log cannot be read");
            (StatusCode::INTERNAL_SERVER_ERROR, page::unreadable(words, &error))
        }
    };
    PageAnswer::page(status, &page, (&address, state.clock.now()))
}

async fn view(state: &WebState, mut page_request: PageRequest<'_>) -> Viewed {
    let log = AuditReader::open_if_there(&state.log).await?;
    let done = page_request.forms.done.take();
    if let (Some(done), Some(log)) = (done, &log) {
        let (entry, now) = (log.hold(done.hold()).await?, state.clock.now());
        if let Some(entry) = entry.filter(|entry| done.is_so(entry, now)) {
            page_request.forms.done = Some(done);
            page_request.forms.about = hold_page::about(log, &entry.hold.subject, now).await?;
        }
    }
    let viewed = match (page_request.path, &log) {
        ("/", log) => tonight(state, page_request, log.as_ref()).await,
        ("/history", log) => history(state, page_request, log.as_ref()).await,
        ("/servers", log) => servers::list(state, page_request, log.as_ref()).await,
        ("/changes", log) => changes(state, page_request, log.as_ref()).await,
        ("/report", log) => report(state, page_request, log.as_ref()).await,
        ("/rules", log) => rule_pages::rules(state, page_request, log.as_ref()).await,
        ("/week", log) => rule_pages::week(state, page_request, log.as_ref()).await,
        (path, log) if path.starts_with(rule_pages::OF_A_RULE) => {
            rule_pages::rule(state, page_request, log.as_ref()).await
        }
        (_, Some(log)) => of_log(state, page_request, log).await,
        (_, None) => Ok(None),
    };
    if let Some(log) = log {
        drop(log.close().await);
    }
    viewed
}

async fn tonight(
    state: &WebState,
    page_request: PageRequest<'_>,
    log: Option<&AuditReader>,
) -> Viewed {
    let now = page_request.now;
    let log_now = match log {
        Some(log) => Some(LogNow {
            daemon: log.daemon().await?,
            in_flight: log.in_flight().await?,
            holds: log.holds(Some(now)).await?,
            firings: log.firings_since(now - page::NIGHTS, page::MOST_FIRINGS).await?,
        }),
        None => None,
    };
    let (sources, newest_at) = match log {
        Some(log) => (log.sources().await?, log.newest_at().await?),
        None => (Vec::new(), None),
    };
    let daemon = log_now.as_ref().and_then(|log| log.daemon.as_ref());
    let rules = state.rules.now(log, daemon).await?;
    let (zone, schedules) = (rules.zone, rules.in_use.as_ref().ok());
    let month = match log {
        Some(_) => reckoned::month(state, schedules, (now, zone)).await,
        None => None,
    };
    let cluster = match log {
        Some(log) => log.cluster(now).await?,
        None => None,
    };
    let present = Present {
        now,
        zone,
        has_log: log.is_some(),
        schedules: schedules.map(AsRef::as_ref),
        daemon,
        sources: &sources,
        holds: log_now.as_ref().map(|log| &*log.holds).unwrap_or_default(),
        cluster: cluster.as_ref(),
    };
    let verdict = Verdict::read(log, present, month).await?;
    let problem = rules.problem.as_deref().or(rules.in_use.as_ref().err().map(AsRef::as_ref));
    let doubts = Doubt::all(present, FileNow { problem, differs: rules.differ }, newest_at);
    let agenda = match (&rules.in_use, log) {
        (Ok(file), Some(log)) => {
            let restarts = reckoned::restarts(state, file, now).await;
            let holds = present.holds.to_vec();
            let facts = AgendaFacts::read(log, file, (holds, restarts), now).await?;
            Some(Agenda::of(file, &facts, now))
        }
        (Ok(file), None) => Some(Agenda::of(file, &AgendaFacts::default(), now)),
        (Err(_), _) => None,
    };
    let look = page_request.look(zone);
    let tonight = Tonight {
        rules,
        log: log_now,
        verdict,
        doubts,
        cluster,
        agenda,
        forms: page_request.forms,
    };
    Ok(Some((StatusCode::OK, page::tonight(look, &tonight))))
}

async fn history(
    state: &WebState,
    page_request: PageRequest<'_>,
    log: Option<&AuditReader>,
) -> Viewed {
    let rules = state.rules.now(None, None).await?;
    let typed = Typed::read(page_request.query);
    let mut has_more = false;
    let lines = match (typed.filter(rules.zone, page_request.now), log) {
        (Err(wrong), _) => Err(wrong),
        (Ok(_), None) => Ok(Vec::new()),
        (Ok(filter), Some(log)) => {
            let mut lines = log.history(&filter).await?;
            let most = usize::try_from(filter.limit - 1).unwrap_or(usize::MAX);
            has_more = lines.len() > most;
            lines.truncate(most);
            Ok(lines)
        }
    };
    let status = if lines.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let names = rules
        .in_use
        .map(|schedules| schedules.rules.iter().map(|rule| rule.name.to_string()).collect());
    let last_night = last_night_of(page_request.now, rules.zone);
    let rules_named = names.unwrap_or_default();
    let page = HistoryPage { typed, lines, has_more, rules: rules_named, last_night };
    Ok(Some((status, page::history(page_request.look(rules.zone), &page))))
}

async fn changes(
    state: &WebState,
    page_request: PageRequest<'_>,
    log: Option<&AuditReader>,
) -> Viewed {
    let rules = state.rules.now(None, None).await?;
    let typed = Typed::read(page_request.query);
    let lines = match (typed.filter(rules.zone, page_request.now), log) {
        (Err(wrong), _) => Err(wrong),
        (Ok(_), None) => Ok(Vec::new()),
        (Ok(HistoryFilter { instance, since, until, limit, .. }), Some(log)) => {
            let filter = ChangeFilter { instance, since, until, limit: limit - 1 };
            Ok(log.changes(&filter).await?)
        }
    };
    let status = if lines.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let page = ChangesPage { typed, lines };
    Ok(Some((status, page::changes(page_request.look(rules.zone), &page))))
}

async fn report(
    state: &WebState,
    page_request: PageRequest<'_>,
    log: Option<&AuditReader>,
) -> Viewed {
    let (rules, now) = (state.rules.now(None, None).await?, page_request.now);
    let typed = Typed::read(page_request.query);
    let span = match typed.filter(rules.zone, now) {
        Err(wrong) => Err(NoReport::Field(wrong)),
        Ok(HistoryFilter { since, until, .. }) => {
            let until = until.unwrap_or(now).min(now);
            let from = since.unwrap_or_else(|| usual_beginning(until, rules.zone));
            let is_told = from < until && until - from <= LONGEST_REPORT;
            if is_told { Ok(Period { from, until }) } else { Err(NoReport::Period) }
        }
    };
    let zone = rules.zone;
    let report = match (span, log) {
        (Err(wrong), _) => Err(wrong),
        (Ok(_), None) => Ok(None),
        (Ok(span), Some(log)) => {
            let (facts, file) = (log.report_facts(span, now).await?, rules.in_use.ok());
            // This can take seconds, and the daemon fires its rules on the same two threads.
            let made = tokio::task::spawn_blocking(move || {
                let prices = file.as_ref().and_then(|file| file.prices.as_ref());
                Report::of(facts, zone, prices)
            });
            Ok(Some(made.await.expect("nothing ends a report before it is made")))
        }
    };
    let status = if report.is_ok() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let log = state.log.display().to_string();
    let page = ReportPage {
        typed,
        report,
        origin: Origin { log: &log, made_at: now, language: page_request.words.0, pages: Some("") },
    };
    Ok(Some((status, page::report(page_request.look(zone), &page))))
}

/// A page about one thing in the log.
async fn of_log(state: &WebState, page_request: PageRequest<'_>, log: &AuditReader) -> Viewed {
    if page_request.path == HOLD_PATH {
        return hold_page::view(state, page_request, log).await;
    }
    if let Some(name) = page_request.path.strip_prefix("/servers/") {
        return servers::one(state, page_request, (log, name)).await;
    }
    let page = if let Some(number) = page_request.path.strip_prefix("/firings/") {
        let Ok(number) = number.parse::<i64>() else { return Ok(None) };
        let rules = state.rules.now(None, None).await?;
        let story = log.show(FiringId::from(number)).await?;
        story.and_then(|story| page::firing(page_request.look(rules.zone), &story))
    } else {
        None
    };
    Ok(page.map(|page| (StatusCode::OK, page)))
}
