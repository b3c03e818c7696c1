//! Draws the last nights, the newest first: each firing at its time, with its outcomes.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, TimeDelta};
use maud::{Markup, html};

use super::frame::Look;
use super::parts::{Caption, outcome, table};
use crate::audit::FiringSummary;
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;

pub(in crate::web) const NIGHTS: TimeDelta = TimeDelta::days(7);
pub(in crate::web) const MOST_FIRINGS: u32 = 200;

/// The nights, from firings in the order of their times.
pub(super) fn timeline(look: Look, firings: &[FiringSummary]) -> Markup {
    let words = look.words;
    let mut nights: BTreeMap<NaiveDate, Vec<Vec<Markup>>> = BTreeMap::new();
    for firing in firings {
        nights.entry(night_of(look, firing)).or_default().push(row(look, firing));
    }
    let is_cut = u32::try_from(firings.len()).is_ok_and(|shown| shown >= MOST_FIRINGS);
    html! {
        section {
            h2 { (words.last_nights()) }
            @if nights.is_empty() { p { (words.no_nights()) } }
            @if is_cut { p { (words.only_newest(MOST_FIRINGS)) } }
            @for (day, rows) in nights.iter().rev() {
                @let caption = words.night_of(&day.to_string(), day.weekday());
                (table(Caption::Seen(&caption), &[words.when(), words.rule(), words.result()], rows))
            }
        }
    }
}

/// The day on whose evening a night begins. A night goes from noon to noon.
fn night_of(look: Look, firing: &FiringSummary) -> NaiveDate {
    (look.zone.local(firing.due_at) - TimeDelta::hours(12)).date()
}

fn row(look: Look, firing: &FiringSummary) -> Vec<Markup> {
    let words = look.words;
    // Outcomes that differ only in their reason are counted together.
    let mut counts: BTreeMap<(Outcome, bool), (Option<&Reason>, u64)> = BTreeMap::new();
    for ((what, why), times) in &firing.counts {
        let is_bad = what.concern(why.as_ref()).is_some();
        counts.entry((*what, is_bad)).or_insert((why.as_ref(), 0)).1 += times;
    }
    let result = html! {
        @if firing.is_open { span.outcome { (words.open()) } " " }
        @for ((what, _), (why, times)) in counts {
            (outcome(look, what, why, what.is_of_server().then_some(times))) " "
        }
        @if firing.dry_run { span.number { "(" (words.dry_run()) ")" } }
    };
    vec![
        html! {
            a href={ "/firings/" (i64::from(firing.firing)) } { (look.instant(firing.due_at)) }
            @if firing.trigger != "schedule" {
                " " span.number { (words.trigger_of(&firing.trigger)) }
            }
        },
        look.rule(&firing.rule, &firing.action),
        result,
    ]
}
