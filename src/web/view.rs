//! What each page is made from, read from the log and the file.

use hyper::StatusCode;
use maud::Markup;

use super::filter::Typed;
use super::page::{self, HistoryPage, InstancePage, LogNow, Look, Tonight};
use super::site::Site;
use super::words::Words;
use crate::audit::{AuditError, AuditReader, FiringId, HistoryFilter};
use crate::instance::InstanceNo;

/// A page, and how it is answered.
type Viewed = Result<Option<(StatusCode, Markup)>, AuditError>;

/// The page at a path; `None` where there is none.
pub(super) async fn view(site: &Site, words: &'static Words, path: &str, query: &str) -> Viewed {
    let log = match site.open().await {
        Err(AuditError::Missing(_)) => None,
        opened => Some(opened?),
    };
    let viewed = match (path, &log) {
        ("/", log) => tonight(site, words, log.as_ref()).await,
        ("/history", log) => history(site, words, log.as_ref(), query).await,
        (path, Some(log)) => of_log(site, words, log, path).await,
        (_, None) => Ok(None),
    };
    if let Some(log) = log {
        drop(log.close().await);
    }
    viewed
}

async fn tonight(site: &Site, words: &'static Words, log: Option<&AuditReader>) -> Viewed {
    let now = site.clock.now();
    let log_now = match log {
        Some(log) => Some(LogNow {
            daemon: log.daemon().await?,
            in_flight: log.in_flight().await?,
            holds: log.holds(Some(now)).await?,
            firings: log.firings_since(now - page::NIGHTS, page::MOST_FIRINGS).await?,
        }),
        None => None,
    };
    let daemon = log_now.as_ref().and_then(|log| log.daemon.as_ref());
    let rules = site.rules.now(log, daemon).await?;
    let look = Look { words, zone: rules.zone };
    let tonight = Tonight { now, rules, log: log_now };
    Ok(Some((StatusCode::OK, page::tonight(look, &tonight))))
}

async fn history(
    site: &Site,
    words: &'static Words,
    log: Option<&AuditReader>,
    query: &str,
) -> Viewed {
    let rules = site.rules.now(None, None).await?;
    let typed = Typed::read(query);
    let mut has_more = false;
    let lines = match (typed.filter(rules.zone, site.clock.now()), log) {
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
    let page = HistoryPage { typed, lines, has_more, rules: names.unwrap_or_default() };
    Ok(Some((status, page::history(Look { words, zone: rules.zone }, &page))))
}

/// A page about one thing that the log knows.
async fn of_log(site: &Site, words: &'static Words, log: &AuditReader, path: &str) -> Viewed {
    let rules = site.rules.now(None, None).await?;
    let look = Look { words, zone: rules.zone };
    let page = if let Some(number) = path.strip_prefix("/firings/") {
        let Ok(number) = number.parse::<i64>() else { return Ok(None) };
        let story = log.show(FiringId::from(number)).await?;
        story.and_then(|story| page::firing(look, &story))
    } else if let Some(no) = path.strip_prefix("/instances/") {
        let Ok(no) = InstanceNo::new(no) else { return Ok(None) };
        let sightings = log.sightings(&no).await?;
        let filter = HistoryFilter { instance: Some(no.to_string()), ..HistoryFilter::default() };
        let lines = log.history(&filter).await?;
        let is_known = !sightings.is_empty() || !lines.is_empty();
        is_known.then(|| page::instance(look, &InstancePage { no, sightings, lines }))
    } else {
        None
    };
    Ok(page.map(|page| (StatusCode::OK, page)))
}
