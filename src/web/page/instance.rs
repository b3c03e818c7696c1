//! One instance: what was last seen of it, and what was done to it.

use maud::{Markup, html};

use super::frame::Look;
use super::parts::{Text, facts};
use crate::audit::{HistoryLine, Sighting};
use crate::instance::InstanceNo;
use crate::web::filter::address;

/// What the page is made from.
#[derive(Debug)]
pub(in crate::web) struct InstancePage {
    pub(in crate::web) no: InstanceNo,
    /// In each account that has one of that number.
    pub(in crate::web) sightings: Vec<Sighting>,
    /// Its newest lines.
    pub(in crate::web) lines: Vec<HistoryLine>,
}

/// The page.
pub(in crate::web) fn instance(look: Look, page: &InstancePage) -> Markup {
    let words = look.words;
    let no = page.no.as_str();
    let content = html! {
        section {
            h2 { (words.last_seen) }
            @if page.sightings.is_empty() { p { (words.never_seen) } }
            @for sighting in &page.sightings { (facts(&about(look, sighting))) }
        }
        section {
            h2 { (words.history) }
            @if page.lines.is_empty() {
                p { (words.no_line) }
            } @else {
                (look.lines(words.history, &page.lines))
                p { a href=(address(&[("instance", no)])) { (words.all_of_it) } }
            }
        }
    };
    look.page(&(words.instance_no)(no), &content)
}

fn about(look: Look, sighting: &Sighting) -> [(&'static str, Markup); 7] {
    let words = look.words;
    [
        (words.name, html! { (Text(&sighting.instance_name)) }),
        (words.account, html! { (Text(&sighting.account)) }),
        (words.region, html! { (Text(&sighting.region)) }),
        (words.status, html! { (Text(&sighting.status)) }),
        (
            words.operation,
            html! {
                @if sighting.operation != "NULL" { (Text(&sighting.operation)) }
            },
        ),
        (words.booted, look.time_or(sighting.booted_at.as_ref(), "")),
        (words.seen, look.time(&sighting.seen_at)),
    ]
}
