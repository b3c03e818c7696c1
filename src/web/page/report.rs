//! Draws the report of a period that two fields or a link choose.
//!
//! [`crate::report`] makes it.

use chrono::{DateTime, NaiveTime, Utc};
use maud::{Markup, html};
use url::form_urlencoded;

use super::field::{Field, input};
use super::frame::{Look, Page};
use crate::model::period::Period;
use crate::report::html::{Origin, body};
use crate::report::{Report, periods};
use crate::time::zone::Zone;
use crate::verdict;
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
        (usual_times(look, page))
        (times(look, page))
        @match &page.report {
            Ok(Some(report)) => (body(report, &page.origin)),
            Ok(None) => p { (words.log_missing()) },
            Err(_) => {},
        }
    };
    look.page(words.report(), content)
}

/// A link for each time that people ask for most.
fn usual_times(look: Look, page: &ReportPage<'_>) -> Markup {
    let (words, zone, now) = (look.words, look.zone, page.origin.made_at);
    let in_short = verdict::Words(words.0);
    let of = |period| told(period, zone, now);
    let usual = [
        (in_short.last_night(), of(verdict::last_night_of(now, zone))),
        (words.last_seven_days(), of(periods::last_seven_days(now, zone))),
        (words.last_days(), <[String; 2]>::default()),
        (in_short.this_month(), of(periods::month(now, zone))),
        (words.last_month(), of(periods::last_month(now, zone))),
    ];
    html! {
        nav.usual aria-label=(words.usual_times()) {
            @for (label, [since, until]) in &usual {
                @let is_shown = [&page.typed.since, &page.typed.until] == [since, until];
                a href=(address(since, until)) aria-current=[is_shown.then_some("true")] {
                    (label)
                }
            }
        }
    }
}

/// A period as it is typed; an end that is not over is left empty.
fn told(period: Period, zone: Zone, now: DateTime<Utc>) -> [String; 2] {
    let time = |at| {
        let local = zone.local(at);
        let form = if local.time() == NaiveTime::MIN { "%F" } else { "%F %H:%M" };
        local.format(form).to_string()
    };
    [time(period.from), if period.until < now { time(period.until) } else { String::new() }]
}

fn address(since: &str, until: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let given = [("since", since), ("until", until)];
    query.extend_pairs(given.iter().filter(|(_, value)| !value.is_empty()));
    match query.finish() {
        query if query.is_empty() => "/report".to_owned(),
        query => format!("/report?{query}"),
    }
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
            }
        }
    }
}
