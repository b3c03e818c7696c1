//! Draws the page on which one rule or one server is held, with a tap for the usual ends.
//!
//! It never asks again by itself, so nothing that somebody types is lost.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, PreEscaped, html};

use super::field::{Field, input};
use super::frame::{Look, Page};
use super::holds::{self, Whom};
use super::near_time::in_words;
use super::parts::{Text, author};
use crate::hold::HoldEntry;
use crate::hold::held_firings::{HeldFirings, HeldWords};
use crate::model::instance::Action;
use crate::model::subject::Subject;
use crate::text::sanitize::harmless;
use crate::web::forms::{FormDone, FormError, Forms, LONGEST_WHO, LONGEST_WHY, hold_address};
use crate::web::sender::nameless;
use crate::web::words::Words;

/// An end of a hold that one tap chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Choice {
    Tonight,
    /// The night that has begun the evening before.
    ThisNight,
    /// Some hours from the tap on.
    Short,
    Tomorrow,
}

#[derive(Debug)]
pub(in crate::web) struct HoldPage {
    /// A rule, or a server by its number.
    pub(in crate::web) subject: Subject,
    pub(in crate::web) name: String,
    /// The holds in force on it.
    pub(in crate::web) holds: Vec<HeldNow>,
    /// The holds in force on rules that act on the server.
    pub(in crate::web) with_rules: Vec<HoldEntry>,
    pub(in crate::web) choices: Vec<End>,
    pub(in crate::web) forms: Forms,
}

/// A choice with its end, and what falls into it.
#[derive(Debug)]
pub(in crate::web) struct End {
    pub(in crate::web) choice: Choice,
    pub(in crate::web) until: DateTime<Utc>,
    pub(in crate::web) firings: HeldFirings,
}

/// A hold in force.
#[derive(Debug)]
pub(in crate::web) struct HeldNow {
    pub(in crate::web) entry: HoldEntry,
    /// What falls into it; `None` while the rules cannot be read.
    pub(in crate::web) firings: Option<HeldFirings>,
}

/// The control that leads to the page.
pub(super) fn hold_link(words: Words, subject: &Subject, name: &str) -> Markup {
    html! {
        a.button href=(hold_address(subject)) aria-label=(words.hold_of(&harmless(name))) {
            (words.hold())
        }
    }
}

pub(super) fn hold_rule(words: Words, rule: &str) -> Markup {
    hold_link(words, &Subject::Rule(rule.to_owned()), rule)
}

pub(in crate::web) fn hold(look: Look, page: &HoldPage) -> Page {
    let (words, forms) = (look.words, &page.forms);
    let title = words.hold_of(&harmless(&page.name));
    let is_new = |it: &&HeldNow| forms.done == Some(FormDone::Held(it.entry.id.into()));
    let just_held = page.holds.iter().find(is_new);
    let content = html! {
        p {
            (back(words, page))
            @if !page.is_wrong_rule() { (not_held(words, page)) }
        }
        (result(look, page, just_held))
        @for held in &page.with_rules { p { strong { (with_rule(look, held)) } } }
        @for held in page.holds.iter().filter(|it| !is_new(it)) {
            div.held {
                (is_held(look, page, held))
                (holds::release(words, forms, &held.entry, (page.whom(), words.release())))
            }
        }
        @match forms.closed {
            Some(closed) => p.hint { (holds::why_closed(words, closed)) },
            None if page.is_wrong_rule() || just_held.is_some() => {},
            None => {
                (choices(look, page))
                (more(look, page))
            },
        }
    };
    look.page(&title, content).with_alert(holds::trouble(words, forms))
}

/// Says that nothing holds it, or nothing of its own.
fn not_held(words: Words, page: &HoldPage) -> Markup {
    html! {
        @match (page.holds.is_empty(), page.with_rules.is_empty()) {
            (true, true) => { " · " (words.not_held()) },
            (true, false) => { " · " (words.no_hold_of_its_own()) },
            (false, _) => {},
        }
    }
}

/// The hold on a rule of the server, with the page that releases it.
fn with_rule(look: Look, held: &HoldEntry) -> Markup {
    let rule = held.hold.subject.to_string();
    let link = html! { a href=(hold_address(&held.hold.subject)) { (Text(&rule)) } };
    let until = look.near_day(held.hold.until).into_string();
    html! { (PreEscaped(look.words.its_rule_is_held(&link.into_string(), &until))) }
}

/// The result of the last form.
fn result(look: Look, page: &HoldPage, just_held: Option<&HeldNow>) -> Markup {
    let (words, forms) = (look.words, &page.forms);
    let is_here = |hold: i64| page.holds.iter().any(|it| i64::from(it.entry.id) == hold);
    html! {
        @match (forms.done, just_held) {
            (_, Some(held)) => {
                div.done role="status" { (is_held(look, page, held)) }
                (holds::release(words, forms, &held.entry, (page.whom(), words.undo())))
            },
            (Some(FormDone::Already(hold)), _) if is_here(hold) => {
                p.done role="status" { (words.held_already()) }
            },
            (Some(done @ (FormDone::Released(_) | FormDone::WasOver(_))), _) => {
                p.done role="status" { (holds::said(words, done, &forms.about)) }
            },
            _ => {},
        }
    }
}

/// What is held until when, by whom, what falls into it, and what becomes of that.
fn is_held(look: Look, page: &HoldPage, of: &HeldNow) -> Markup {
    let (words, hold) = (look.words, &of.entry.hold);
    let until = look.near_day(hold.until).into_string();
    let name = html! { (Text(&page.name)) }.into_string();
    let by = match nameless(&hold.who) {
        Some(from) => words.held_on_page(&harmless(from)),
        None => words.held_by(&author(look, &hold.who)),
    };
    html! {
        p { strong { (PreEscaped(words.is_held(&name, &until))) } }
        @if let Some(firings) = &of.firings {
            p { (PreEscaped(sentence(&falls_into(look, firings)))) }
            @if let Some(warning) = start_is_held(look, firings) {
                p { strong { "! " (PreEscaped(sentence(&warning))) } }
            }
        }
        @if let Some(then) = then(words, of) { p { (then) } }
        p.hint {
            (by)
            @if let Some(why) = hold.story() { " " (words.held_because(&harmless(&why))) }
        }
    }
}

/// What becomes of the held firings at the end.
fn then(words: Words, held: &HeldNow) -> Option<&'static str> {
    if held.entry.hold.skip {
        return Some(words.then_nothing());
    }
    let firings = held.firings.as_ref().filter(|firings| !firings.is_empty())?;
    Some(match firings.only_action() {
        Some(Action::Stop) => words.then_stop(),
        Some(Action::Start) => words.then_start(),
        None => words.then_what_was_held(),
    })
}

/// `holds: start today 08:00, stop 20:00`, as markup.
fn falls_into(look: Look, firings: &HeldFirings) -> String {
    let day = |at| look.zone.local(at).date();
    let said = |at, before: Option<_>| {
        let is_same_day = before.map(day) == Some(day(at));
        if is_same_day { look.hour(at) } else { look.near_day(at) }
    };
    HeldWords(look.words.0).firings(firings, |at, before| said(at, before).into_string())
}

/// The warning of a start that finds servers off, as markup.
fn start_is_held(look: Look, firings: &HeldFirings) -> Option<String> {
    let said = |at| look.near_day(at).into_string();
    Some(HeldWords(look.words.0).start_is_held(firings.start()?, said))
}

/// Words as a whole sentence.
fn sentence(words: &str) -> String {
    let mut rest = words.chars();
    let first = rest.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(rest).chain(['.']).collect()
}

fn back(words: Words, page: &HoldPage) -> Markup {
    html! {
        @match &page.subject {
            Subject::Rule(_) => a href="/#coming" { (words.tonight()) },
            Subject::Instance(no) | Subject::Tagged { name: no, .. } => {
                a href={ "/servers/" (no) } { (Text(&page.name)) " " span.number { (no) } }
            },
        }
    }
}

/// A button for each of the usual ends. None is chosen before a tap.
fn choices(look: Look, page: &HoldPage) -> Markup {
    let words = look.words;
    html! {
        form.choices action="/holds" method="post" aria-label=(words.how_long()) {
            (hidden(page))
            @if page.forms.user.is_none() {
                input type="hidden" name="who" value=(page.forms.typed.who);
            }
            @for end in &page.choices {
                @let (label, value) = chosen(words, end);
                button type="submit" name="until" value=(value) {
                    strong { (label) }
                    @if end.choice != Choice::Tomorrow {
                        @let until = look.near_day(end.until);
                        " " span.number { (in_words(&words.until_then("\u{0}"), &until)) }
                    }
                    br;
                    span.hint { (PreEscaped(falls_into(look, &end.firings))) }
                    @if let Some(warning) = start_is_held(look, &end.firings) {
                        br;
                        small { strong { "! " (PreEscaped(warning)) } }
                    }
                }
            }
        }
    }
}

/// The label of a choice, and its value in the form. The end that was shown is the end that counts,
/// but for hours from the tap on.
fn chosen(words: Words, end: &End) -> (&'static str, String) {
    let shown = end.until.to_rfc3339_opts(SecondsFormat::Secs, true);
    match end.choice {
        Choice::Tonight => (words.for_tonight(), shown),
        Choice::ThisNight => (words.for_this_night(), shown),
        Choice::Short => (words.for_two_hours(), "2h".to_owned()),
        Choice::Tomorrow => (words.until_tomorrow(), shown),
    }
}

fn hidden(page: &HoldPage) -> Markup {
    html! {
        input type="hidden" name="seal" value=(page.forms.seal);
        @match &page.subject {
            Subject::Rule(rule) => input type="hidden" name="rule" value=(rule);,
            Subject::Instance(no) | Subject::Tagged { name: no, .. } => {
                input type="hidden" name="instance" value=(no);
            },
        }
    }
}

/// Everything else about a hold, folded up until somebody has typed into it.
fn more(look: Look, page: &HoldPage) -> Markup {
    let (words, forms) = (look.words, &page.forms);
    let typed = &forms.typed;
    let until = match &forms.wrong {
        Some(FormError::Until(error)) => Some(holds::why_not_until(words, error)),
        _ => None,
    };
    html! {
        details #more open[forms.wrong.is_some()] {
            summary { (words.more()) }
            form action="/holds" method="post" aria-label=(words.more()) {
                (hidden(page))
                (input(&Field {
                    name: "until", label: words.until(), hint: Some(words.until_hint()),
                    value: &typed.until, wrong: until.as_deref(), ..Field::default()
                }))
                (input(&Field {
                    name: "why", label: words.reason(), value: &typed.why,
                    longest: Some(LONGEST_WHY), ..Field::default()
                }))
                @if let Some(user) = &forms.user {
                    p.hint { (Text(&words.recorded_as(user))) }
                } @else {
                    (input(&Field {
                        name: "who", label: words.your_name(), hint: Some(words.your_name_hint()),
                        value: &typed.who, longest: Some(LONGEST_WHO), ..Field::default()
                    }))
                }
                label.check {
                    input type="checkbox" name="then" value="skip" checked[typed.is_skipped()];
                    " " (words.do_not_make_up())
                }
                div.buttons { button type="submit" { (words.hold()) } }
            }
        }
    }
}

impl HoldPage {
    fn whom(&self) -> Whom<'_> {
        Whom::OnHoldPage(&self.subject)
    }

    /// A form named a rule that does not exist.
    fn is_wrong_rule(&self) -> bool {
        self.forms.wrong == Some(FormError::Rule)
    }
}
