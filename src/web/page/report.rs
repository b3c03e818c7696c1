//! Draws the report of a period that two fields choose. Its text is English for every reader.
//!
//! [`crate::report`] makes it.

use maud::{Markup, html};

use super::field::{Field, input};
use super::frame::{Look, Page};
use crate::report::Report;
use crate::report::html::{Origin, body};
use crate::web::filter::{FilterError, Typed};

#[derive(Debug)]
pub(in crate::web) struct ReportPage<'a> {
    pub(in crate::web) typed: Typed,
    /// The report, `None` without a log; or the reason why the period makes no sense.
    pub(in crate::web) report: Result<Option<Report>, NoReport>,
    pub(in crate::web) origin: Origin<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum NoReport {
    Field(FilterError),
    /// The period ends before it begins, or is too long for a page.
    Period,
}

pub(in crate::web) fn report(look: Look, page: &ReportPage<'_>) -> Page {
    let words = look.words;
    let content = html! {
        (times(look, page))
        @match &page.report {
            Ok(Some(report)) => div lang="en" { (body(report, &page.origin)) },
            Ok(None) => p { (words.log_missing()) },
            Err(_) => {},
        }
    };
    look.page(words.report(), content)
}

fn times(look: Look, page: &ReportPage<'_>) -> Markup {
    let (words, typed) = (look.words, &page.typed);
    let wrong = page.report.as_ref().err();
    let time = |name, label, value, field| {
        let wrong = match wrong {
            Some(NoReport::Field(wrong)) if *wrong == field => Some(words.wrong_time()),
            Some(NoReport::Period) if field == FilterError::Since => Some(words.wrong_span()),
            _ => None,
        };
        input(&Field {
            name,
            label,
            hint: Some(words.time_hint()),
            value,
            wrong,
            ..Field::default()
        })
    };
    html! {
        form role="search" action="/report" method="get" aria-label=(words.filters()) {
            (time("since", words.since(), &*typed.since, FilterError::Since))
            (time("until", words.until(), &*typed.until, FilterError::Until))
            div.buttons {
                button type="submit" { (words.show()) }
                a href="/report" { (words.last_days()) }
            }
        }
    }
}
