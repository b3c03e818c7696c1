//! Draws the answer of `why` on an instance's page.

use chrono::DateTime;
use maud::{Markup, html};

use super::field::{Field, input};
use super::frame::Look;
use super::parts::Text;
use crate::audit::RequestLine;
use crate::why::{Event, Explanation, MARK, What, told};

/// The question and its answers.
#[derive(Debug)]
pub(in crate::web) struct WhyPart {
    /// The time as it was typed; empty means now.
    pub(in crate::web) at: String,
    /// One answer for each account that has seen the instance, or why the time makes no sense.
    pub(in crate::web) answers: Result<Vec<Explanation>, WhyNot>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum WhyNot {
    NoTime,
    ToCome,
}

pub(super) fn why(look: Look, no: &str, part: &WhyPart) -> Markup {
    let words = look.words;
    let wrong = part.answers.as_ref().err().map(|wrong| match wrong {
        WhyNot::NoTime => words.wrong_time(),
        WhyNot::ToCome => words.to_come(),
    });
    html! {
        section #reasons {
            h2 { (words.why()) }
            @for answer in part.answers.iter().flatten() {
                p.sentence { (timed(look, &answer.verdict.sentence)) }
            }
            // Asked about a time, everything is shown at once.
            details open[!part.at.is_empty()] {
            summary { (words.whole_story()) }
            @for answer in part.answers.iter().flatten() { (answered(look, answer)) }
            form role="search" action={ "/servers/" (no) "#reasons" } method="get"
                aria-label=(words.why()) {
                (input(&Field {
                    name: "at", label: words.why_at(), hint: Some(words.time_hint()), value: &part.at,
                    wrong, ..Field::default()
                }))
                div.buttons { button type="submit" { (words.ask()) } }
            }
            }
        }
    }
}

fn answered(look: Look, answer: &Explanation) -> Markup {
    let words = look.words;
    let meant = answer.facts.rules.iter().filter(|rule| rule.is_meant());
    let rules: Vec<String> = meant.map(|rule| rule.told(words.0)).collect();
    let others = answer.facts.rules.iter().filter(|rule| !rule.is_meant());
    let mut others: Vec<&str> = others.map(|rule| rule.rule.as_str()).collect();
    others.dedup();
    html! {
        (list(look, words.state(), &answer.state()))
        @if !answer.facts.events.is_empty() {
            h3 { (words.happened()) }
            ol { @for event in &answer.facts.events { li { (happened(look, answer, event)) } } }
        }
        (list(look, words.rules_then(), &rules))
        @if !others.is_empty() { p { (Text(&words.never_matched(&others.join(", ")))) } }
        (list(look, words.not_known(), &answer.unknown()))
    }
}

fn happened(look: Look, answer: &Explanation, event: &Event) -> Markup {
    let said = told(event, answer.to);
    let (firing, requests): (Option<i64>, &[RequestLine]) = match &event.what {
        What::Fired(fired) => (Some(fired.firing), &fired.requests),
        What::Deferred { made_up_by, .. } => (*made_up_by, &[]),
        _ => (None, &[]),
    };
    html! {
        @match firing {
            Some(firing) => a href={ "/firings/" (firing) } { (look.near(event.at)) },
            None => (look.near(event.at)),
        }
        @if event.at > answer.facts.at { " " span.number { (look.words.later()) } }
        " " span { (timed(look, &said)) }
        @if !requests.is_empty() {
            ul {
                @for request in requests { li { (timed(look, &answer.request(request))) } }
            }
        }
    }
}

/// A list with a heading; nothing when the list is empty.
fn list(look: Look, head: &str, lines: &[String]) -> Markup {
    html! {
        @if !lines.is_empty() {
            h3 { (head) }
            ul { @for line in lines { li { (timed(look, line)) } } }
        }
    }
}

/// A text of `why`, with its marked times as people say them.
fn timed(look: Look, text: &str) -> Markup {
    html! {
        @for (place, part) in text.split(MARK).enumerate() {
            @let at = part.parse().ok().and_then(DateTime::from_timestamp_millis);
            @match at.filter(|_| place % 2 == 1) {
                Some(at) => (look.near(at)),
                None => (Text(part)),
            }
        }
    }
}
