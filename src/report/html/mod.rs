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

use maud::{DOCTYPE, Markup, PreEscaped, html};

use self::parts::time;
use super::Report;
use crate::text::sanitize::harmless;

pub use origin::Origin;

/// The style of [`body`]. All its rules stand inside `.report`.
pub const STYLE: &str = include_str!("report.css");

/// The extra style of a page that holds only a report.
const PAGE_STYLE: &str = include_str!("page.css");

/// A whole HTML document in English that fetches nothing.
pub fn page(report: &Report, origin: &Origin<'_>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "lightsout report, " (period(report)) }
                style { (PreEscaped(PAGE_STYLE)) (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { "lightsout report" }
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
            p.period { (period(report)) ", " (report.zone.name()) }
            p.lead { (lead(report)) }
            (sums::sums(report))
            div.plots {
                (heat::heat_map(report))
                (weeks::weeks(report))
            }
            (rules::rules(report, origin))
            (servers::servers(report, origin))
            (notes::not_known(report))
            (notes::how_it_was_counted(report, origin))
        }
    }
}

fn period(report: &Report) -> String {
    let at = |at| time(report.zone, at);
    format!("{} to {}", at(report.span.from), at(report.span.until))
}

/// The sentence; where it rounds the money, the exact amount is in a title.
fn lead(report: &Report) -> Markup {
    let sentence = report.sentence();
    let (rounded, exact) = (report.savings(), report.exact_savings());
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
