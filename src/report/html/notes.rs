//! Draws the notes that make a report trustworthy: its gaps, its way of counting, its origin.

use maud::{Markup, html};

use super::Origin;
use super::parts::time;
use super::words::HtmlWords;
use crate::audit::report_facts::LONGEST_NIGHT;
use crate::report::summary::percent;
use crate::report::{Report, hours_text, number};
use crate::text::sanitize::harmless;

/// The gaps, with their reasons.
pub(super) fn not_known(report: &Report, words: HtmlWords) -> Markup {
    let mut notes = Vec::new();
    let spent = &report.total.spent;
    if let Some(known) = spent.known().filter(|known| *known < 1.0) {
        let share = percent(1.0 - known, words.0);
        notes.push(words.state_not_known(&hours_text(spent.unknown), &share));
    }
    notes.extend(report.gaps(words.0).iter().map(|one| {
        let mut letters = harmless(one).chars().collect::<Vec<_>>();
        if let Some(first) = letters.first_mut() {
            first.make_ascii_uppercase();
        }
        letters.into_iter().chain(['.']).collect()
    }));
    let off = hours_text(report.total.saved.unpriced);
    match (&report.currency, report.total.unpriced) {
        (None, _) => notes.push(words.without_prices().to_owned()),
        (Some(_), 0) => {}
        (Some(_), more) => notes.push(words.unpriced(&number(more), &off)),
    }
    html! {
        section {
            h2 { (words.not_known()) }
            @if notes.is_empty() {
                p { (words.all_known()) }
            } @else {
                ul { @for note in notes { li { (note) } } }
            }
        }
    }
}

/// The report's terms, and its origin.
pub(super) fn how_it_was_counted(report: &Report, origin: &Origin<'_>) -> Markup {
    let words = origin.words();
    let (made_at, log) = (time(report.zone, origin.made_at), harmless(origin.log));
    html! {
        section {
            h2 { (words.how_counted()) }
            ul.small {
                li { (words.meaning_of_came_true()) }
                li { (words.meaning_of_night(LONGEST_NIGHT.num_days())) }
                li { (words.meaning_of_saved()) }
                li { (words.meaning_of_unknown()) }
            }
            p.small.origin { (words.made(&made_at, env!("CARGO_PKG_VERSION"), &log)) }
        }
    }
}
