//! The history as a file for spreadsheets.
//!
//! [`super::view`] shows it as a page.

use hyper::{StatusCode, header};
use tracing::warn;
use url::form_urlencoded;

use super::answer::PageAnswer;
use super::filter::{MOST_IN_A_FILE, Typed};
use super::page;
use super::state::WebState;
use super::words::Words;
use crate::audit::{AuditError, HistoryFilter, HistoryLine};
use crate::text::csv::{self, EXCEL_MARK};
use crate::text::error_chain::chain;

pub(super) const PATH: &str = "/history.csv";

/// The newest lines that a filter lets through, with the mark for Excel on demand. A filter that
/// makes no sense leads to the page, which says why.
pub(super) async fn answer(state: &WebState, words: Words, query: &str) -> PageAnswer {
    let lines = match lines(state, query).await {
        Ok(Some(lines)) => lines,
        Ok(None) => {
            return PageAnswer::text(StatusCode::SEE_OTHER, "")
                .with_text(header::LOCATION, &Typed::read(query).first_page());
        }
        Err(error) => {
            warn!(error = chain(&error), path = PATH, "the log cannot be read");
            let (status, page) =
                (StatusCode::INTERNAL_SERVER_ERROR, page::unreadable(words, &error));
            return PageAnswer::page(status, &page, ("/history", state.clock.now()));
        }
    };
    let for_excel =
        form_urlencoded::parse(query.as_bytes()).any(|it| it.0 == "excel" && it.1 == "1");
    // Many lines take a while, and the daemon fires its rules on the same threads.
    let made = tokio::task::spawn_blocking(move || csv::text(&lines)).await;
    let Ok(Ok(mut text)) = made else { return PageAnswer::broken() };
    if for_excel {
        text.splice(0..0, EXCEL_MARK.bytes());
    }
    PageAnswer::of_kind(StatusCode::OK, "text/csv; charset=utf-8", text)
        .with(header::CONTENT_DISPOSITION, "attachment; filename=\"history.csv\"")
}

/// The lines; `None` for a filter that makes no sense.
async fn lines(state: &WebState, query: &str) -> Result<Option<Vec<HistoryLine>>, AuditError> {
    let rules = state.rules.now(None, None).await?;
    let typed = Typed::read(query).of_a_file();
    let Ok(filter) = typed.filter(rules.zone, state.clock.now()) else { return Ok(None) };
    let filter = HistoryFilter { limit: MOST_IN_A_FILE, ..filter };
    let log = match state.open().await {
        Err(AuditError::Missing(_)) => return Ok(Some(Vec::new())),
        opened => opened?,
    };
    let lines = log.history(&filter).await?;
    drop(log.close().await);
    Ok(Some(lines))
}
