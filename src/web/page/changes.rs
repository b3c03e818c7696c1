//! Draws the starts and stops by others, the newest first, with filters.
//!
//! The lines come from `audit`.

use maud::{Markup, html};

use super::field::{Field, input};
use super::frame::{Look, Page};
use super::parts::{Text, column, listing};
use crate::audit::ChangeLine;
use crate::web::filter::{FilterError, Typed};

#[derive(Debug)]
pub(in crate::web) struct ChangesPage {
    pub(in crate::web) typed: Typed,
    /// The lines, or the field that makes no sense.
    pub(in crate::web) lines: Result<Vec<ChangeLine>, FilterError>,
}

pub(in crate::web) fn changes(look: Look, page: &ChangesPage) -> Page {
    let words = look.words;
    let content = html! {
        p { (words.changes_hint()) }
        (filters(look, page))
        @if let Ok(lines) = &page.lines {
            @if lines.is_empty() {
                p role="status" { (words.no_change()) }
            } @else {
                (found(look, lines))
            }
        }
    };
    look.page(words.changes(), content)
}

fn found(look: Look, lines: &[ChangeLine]) -> Markup {
    let words = look.words;
    let instance = |line: &ChangeLine| {
        html! {
            a href={ "/servers/" (Text(&line.instance_no)) } { (Text(&line.instance_name)) }
            " " span.number { (Text(&line.instance_no)) }
        }
    };
    let status = |line: &ChangeLine| {
        html! { (Text(&line.status_before)) " → " (Text(&line.status_after)) }
    };
    let columns = [
        column(words.found(), move |line: &ChangeLine| look.time(&line.seen_at)),
        column(words.seen_before(), move |line: &ChangeLine| look.time(&line.unseen_since)),
        column(words.instance(), instance),
        column(words.account(), |line: &ChangeLine| html! { (Text(&line.account)) }),
        column(words.region(), |line: &ChangeLine| html! { (Text(&line.region)) }),
        column(words.status(), status),
    ];
    listing(words.changes(), &columns, lines)
}

fn filters(look: Look, page: &ChangesPage) -> Markup {
    let (words, typed) = (look.words, &page.typed);
    let wrong = page.lines.as_ref().err().copied();
    let field = |name, label, hint, value, (field, message)| {
        let wrong = (wrong == Some(field)).then_some(message);
        input(&Field { name, label, hint: Some(hint), value, wrong, ..Field::default() })
    };
    let time = |name, label, value, wrong| {
        field(name, label, words.time_hint(), value, (wrong, words.wrong_time()))
    };
    html! {
        form role="search" action="/changes" method="get" aria-label=(words.filters()) {
            (input(&Field {
                name: "instance", label: words.instance(), hint: Some(words.instance_hint()),
                value: &typed.instance, ..Field::default()
            }))
            (time("since", words.since(), &*typed.since, FilterError::Since))
            (time("until", words.until(), &*typed.until, FilterError::Until))
            (field(
                "limit", words.limit(), words.limit_hint(), &*typed.limit,
                (FilterError::Limit, words.wrong_limit()),
            ))
            div.buttons {
                button type="submit" { (words.show()) }
                a href="/changes" { (words.clear()) }
            }
        }
    }
}
