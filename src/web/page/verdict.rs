//! Draws the three lines that open the first page.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::frame::Look;
use super::parts::{Text, class};
use crate::model::mark::Mark;
use crate::verdict::{Verdict, Words, lines};
use crate::web::filter::address;

/// Last night, tonight and this month: each a mark, words, and a link to more.
pub(super) fn verdict(look: Look, verdict: &Verdict) -> Markup {
    let at = |at: DateTime<Utc>| look.zone.show(at).format("%Y-%m-%d %H:%M").to_string();
    let told = lines::told(verdict, look.zone, Words(look.words.0));
    let night = verdict.last_night.night;
    let night = [("since", at(night.from)), ("until", at(night.until))];
    let mut night: Vec<(&str, &str)> = night.iter().map(|(key, at)| (*key, &**at)).collect();
    if told[0].1 == Mark::Trouble {
        night.push(("outcome", "trouble"));
    }
    let links = [
        ("last-night", address(&night)),
        ("tonight", "#coming".to_owned()),
        ("month", month(look, verdict)),
    ];
    html! {
        section #verdict aria-label=(look.words.in_short()) {
            @for ((id, link), (label, mark, sentence)) in links.iter().zip(told) {
                p #(id) class=(class(mark)) {
                    a href=(link) {
                        span.mark aria-hidden="true" { (mark.sign()) }
                        span.label { (label) }
                        " "
                        span.words {
                            strong { (Text(&sentence.answer)) }
                            @if !sentence.more.is_empty() {
                                "; " span.rest {
                                    @if *id == "tonight" { (with_commands(&sentence.rest())) }
                                    @else { (Text(&sentence.rest())) }
                                }
                            }
                            @if *id == "last-night" && mark == Mark::Trouble {
                                " " span.why { (look.words.see_why()) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A sentence of this program; commands stand between backticks in it.
fn with_commands(sentence: &str) -> Markup {
    html! {
        @for (place, part) in sentence.split('`').enumerate() {
            @if place % 2 == 0 { (Text(part)) } @else { code { (Text(part)) } }
        }
    }
}

/// The report of this month.
fn month(look: Look, verdict: &Verdict) -> String {
    let Some(month) = &verdict.month else { return "/report".to_owned() };
    let first = look.zone.local(month.span.from).date();
    format!("/report?since={first}")
}
