//! A report as a page: one file that needs nothing else, or a part of another page.
//!
//! No script, no network and no style attributes, so that it can stand under any content
//! security policy. What comes from elsewhere is escaped, and what would be obeyed or unseen in
//! it is made visible.

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

/// The style of [`body`]; all of it is about what is inside of `.report`.
pub const STYLE: &str = include_str!("report.css");

/// What a page needs that is nothing but a report.
const PAGE_STYLE: &str = include_str!("page.css");

/// One whole HTML document in English, which fetches nothing.
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

/// What stands under the heading of a page; headings in it begin with `h2`. It needs [`STYLE`].
pub fn body(report: &Report, origin: &Origin<'_>) -> Markup {
    html! {
        article.report {
            p.period { (period(report)) ", " (report.zone.name()) }
            p.lead { (harmless(&report.sentence())) }
            (sums::sums(report))
            div.plots {
                (heat::heat_map(report))
                (weeks::weeks(report))
            }
            (rules::rules(report))
            (servers::servers(report))
            (notes::not_known(report))
            (notes::how_it_was_counted(report, origin))
        }
    }
}

fn period(report: &Report) -> String {
    let at = |at| time(report.zone, at);
    format!("{} to {}", at(report.span.from), at(report.span.until))
}
