//! Draws the notes that make a report trustworthy: its gaps, its way of counting, its origin.

use maud::{Markup, html};

use super::Origin;
use super::parts::time;
use crate::audit::report_facts::LONGEST_NIGHT;
use crate::report::summary::percent;
use crate::report::{Report, counted, hours_text};
use crate::text::sanitize::harmless;

/// The gaps, with their reasons.
pub(super) fn not_known(report: &Report) -> Markup {
    let mut notes = Vec::new();
    let spent = &report.total.spent;
    if let Some(known) = spent.known().filter(|known| *known < 1.0) {
        notes.push(format!(
            "In which state servers were for {} server-hours, {} of all: nobody looked, or what \
            was seen does not prove it.",
            hours_text(spent.unknown),
            percent(1.0 - known)
        ));
    }
    notes.extend(report.unknown.iter().map(|one| {
        let mut letters = harmless(one).chars().collect::<Vec<_>>();
        if let Some(first) = letters.first_mut() {
            first.make_ascii_uppercase();
        }
        letters.into_iter().chain(['.']).collect()
    }));
    let off = hours_text(report.total.saved.unpriced);
    match (&report.currency, report.total.unpriced) {
        (None, _) => notes.push("What was saved: schedules.toml has no prices.".to_owned()),
        (Some(_), 0) => {}
        (Some(_), more) => notes.push(format!(
            "What {} saved in {off} server-hours off: schedules.toml has no price for the \
            product or spec, or the log does not know either.",
            counted(more, "server")
        )),
    }
    html! {
        section {
            h2 { "What could not be known" }
            @if notes.is_empty() {
                p { "Nothing: every server was watched all the time, and every price is known." }
            } @else {
                ul { @for note in notes { li { (note) } } }
            }
        }
    }
}

/// The report's terms, and its origin.
pub(super) fn how_it_was_counted(report: &Report, origin: &Origin<'_>) -> Markup {
    html! {
        section {
            h2 { "How it was counted" }
            ul.small {
                li {
                    "A firing came true when every server that it meant, and might act on, was "
                    "seen where it should be."
                }
                li {
                    "A night of a server begins when a stop that means it falls due, and ends when "
                    "its next start, or the same rule’s next stop, falls due. The server ran "
                    "through it if it was running at its end and never off. What was left alone "
                    "by choice has no nights, nor has what lasts longer than "
                    (counted(LONGEST_NIGHT.num_days().unsigned_abs(), "day")) "."
                }
                li {
                    "Saved is what the server would have cost while it was off, less what being "
                    "stopped costs, by the prices in schedules.toml."
                }
                li { "What nobody saw is counted as unknown, and never guessed." }
            }
            p.small.origin {
                "Made at " (time(report.zone, origin.made_at)) " by lightsout "
                (env!("CARGO_PKG_VERSION")) " from the log " (harmless(origin.log)) "."
            }
        }
    }
}
