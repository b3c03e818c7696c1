//! A report as HTML: one file that needs nothing else, or a part of another page.
//!
//! No script, no network and no style attributes, so that any content security policy allows it.
//! Texts from elsewhere are escaped, and invisible or harmful characters in them are shown.
//! [`super::summary`] and [`super::words`] have the wording.

mod heat;
mod notes;
mod origin;
mod parts;
mod rules;
mod servers;
mod sums;
mod weeks;
mod words;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use self::parts::time;
use super::Report;
use crate::model::language::Language;
use crate::text::sanitize::harmless;

pub use origin::Origin;

/// The style of [`body`]. All its rules stand inside `.report`.
pub const STYLE: &str = include_str!("report.css");

/// The extra style of a page that holds only a report.
const PAGE_STYLE: &str = include_str!("page.css");

/// A whole HTML document that fetches nothing.
pub fn page(report: &Report, origin: &Origin<'_>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(origin.language.tag()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (origin.words().title(&period(report, origin))) }
                style { (PreEscaped(PAGE_STYLE)) (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (origin.words().heading()) }
                    (body(report, origin))
                }
            }
        }
    };
    page.into_string()
}

/// The part under the heading of a page, with headings from `h2` on. It needs [`STYLE`].
pub fn body(report: &Report, origin: &Origin<'_>) -> Markup {
    html! {
        article.report {
            p.period { (period(report, origin)) ", " (report.zone.name()) }
            p.lead { (lead(report, origin.language)) }
            (sums::sums(report, origin.language))
            div.plots {
                (heat::heat_map(report, origin.words()))
                (weeks::weeks(report, origin.words()))
            }
            (rules::rules(report, origin))
            (servers::servers(report, origin))
            (notes::not_known(report, origin.words()))
            (notes::how_it_was_counted(report, origin))
        }
    }
}

fn period(report: &Report, origin: &Origin<'_>) -> String {
    let [from, until] = [report.span.from, report.span.until].map(|at| time(report.zone, at));
    origin.language.either([format!("{from} to {until}"), format!("{from} ~ {until}")])
}

/// The sentence; where it rounds the money, the exact amount is in a title.
fn lead(report: &Report, language: Language) -> Markup {
    let sentence = report.sentence(language);
    let (rounded, exact) = (report.savings(language), report.exact_savings(language));
    let parts = rounded.as_deref().filter(|_| rounded != exact).and_then(|rounded| {
        sentence.split_once(rounded).map(|(before, after)| (before, rounded, after))
    });
    html! {
        @if let Some((before, rounded, after)) = parts {
            (harmless(before))
            span title=[exact.as_deref().map(harmless)] { (harmless(rounded)) }
            (harmless(after))
        } @else {
            (harmless(&sentence))
        }
    }
}
