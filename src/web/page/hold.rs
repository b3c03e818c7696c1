//! Draws the page on which one rule or one server is held, with a tap for the usual ends.
//!
//! It never asks again by itself, so nothing that somebody types is lost.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};

use super::field::{Field, input};
use super::frame::{Look, Page};
use super::holds::{self, Whom};
use super::near_time::in_words;
use super::parts::Text;
use crate::hold::HoldEntry;
use crate::model::subject::Subject;
use crate::text::sanitize::harmless;
use crate::web::forms::{FormDone, FormError, Forms, LONGEST_WHO, LONGEST_WHY, hold_address};
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
    pub(in crate::web) holds: Vec<HoldEntry>,
    pub(in crate::web) choices: Vec<(Choice, DateTime<Utc>)>,
    pub(in crate::web) forms: Forms,
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
    let just_held = page.holds.iter().find(|it| forms.done == Some(FormDone::Held(it.id.into())));
    let content = html! {
        p { (back(words, page)) }
        (result(look, page, just_held))
        @for entry in page.holds.iter().filter(|it| just_held.is_none_or(|held| held.id != it.id)) {
            div.held {
                p { (is_held(look, page, entry)) }
                (holds::release(words, forms, entry, (page.whom(), words.release())))
            }
        }
        @if page.holds.is_empty() && !page.is_wrong_rule() { p { (words.not_held()) } }
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

/// The result of the last form.
fn result(look: Look, page: &HoldPage, just_held: Option<&HoldEntry>) -> Markup {
    let (words, forms) = (look.words, &page.forms);
    let is_here = |hold: i64| page.holds.iter().any(|it| i64::from(it.id) == hold);
    html! {
        @match (forms.done, just_held) {
            (_, Some(entry)) => {
                div.done role="status" { p { (is_held(look, page, entry)) } }
                (holds::release(words, forms, entry, (page.whom(), words.undo())))
            },
            (Some(FormDone::Already(hold)), _) if is_here(hold) => {
                p.done role="status" { (words.held_already()) }
            },
            (Some(done @ (FormDone::Released(_) | FormDone::WasOver(_))), _) => {
                p.done role="status" { (holds::said(words, done)) }
            },
            _ => {},
        }
    }
}

/// `dev-a is held until Mon 30 Nov 08:00, by kim`.
fn is_held(look: Look, page: &HoldPage, entry: &HoldEntry) -> Markup {
    let words = look.words;
    let until = look.near_day(entry.hold.until).into_string();
    let name = html! { (Text(&page.name)) }.into_string();
    let why = entry.hold.story().map(|why| format!(" ({})", html! { (Text(&why)) }.into_string()));
    html! {
        strong { (maud::PreEscaped(words.is_held(&name, &until))) }
        " " (words.by_whom(&harmless(&entry.hold.who))) (maud::PreEscaped(why.unwrap_or_default())) ". "
        (if entry.hold.skip { words.not_made_up() } else { words.made_up() })
    }
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
            @for (choice, until) in &page.choices {
                @let (label, value) = chosen(words, *choice, *until);
                button type="submit" name="until" value=(value) {
                    strong { (label) }
                    @let end = match choice {
                        Choice::Tomorrow => look.near(*until),
                        _ => look.near_day(*until),
                    };
                    " " span.number { (in_words(&words.until_then("\u{0}"), &end)) }
                }
            }
        }
    }
}

/// The label of a choice, and its value in the form. The end that was shown is the end that counts,
/// but for hours from the tap on.
fn chosen(words: Words, choice: Choice, until: DateTime<Utc>) -> (&'static str, String) {
    let shown = until.to_rfc3339_opts(SecondsFormat::Secs, true);
    match choice {
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
