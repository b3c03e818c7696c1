//! What is left alone for a while, and the forms that set and release holds.

use maud::{Markup, html};

use super::field::{Field, input};
use super::frame::Look;
use super::parts::{Caption, Text, table};
use crate::hold::HoldEntry;
use crate::hold::end_time::UntilError;
use crate::model::instance::InstanceNo;
use crate::model::subject::Subject;
use crate::web::filter::address;
use crate::web::forms::{Closed, Desk, Done, LONGEST_WHO, LONGEST_WHY, Wrong};
use crate::web::words::Words;

/// What a form holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whom<'a> {
    /// One of these rules.
    Rules(&'a [&'a str]),
    /// This instance.
    Instance(&'a InstanceNo),
}

/// The holds, what was done to them just now, and the forms.
pub(super) fn holds(look: Look, desk: &Desk, holds: &[HoldEntry], whom: Whom<'_>) -> Markup {
    let words = look.words;
    html! {
        section #holds {
            h2 { (words.holds) }
            @if let Some(done) = desk.done { p role="status" { (said(words, done)) } }
            @if let Some(wrong) = trouble(words, desk) { p.wrong role="alert" { (wrong) } }
            @if holds.is_empty() {
                p { (words.nothing_held) }
            } @else {
                (held(look, desk, holds, whom))
            }
            @match desk.closed {
                Some(closed) => p.hint { (why_closed(words, closed)) },
                None => (form(look, desk, whom)),
            }
        }
    }
}

fn said(words: &Words, done: Done) -> String {
    match done {
        Done::Held(hold) => (words.held_now)(hold),
        Done::Released(hold) => (words.released_now)(hold),
        Done::WasOver(hold) => (words.was_over)(hold),
    }
}

/// What is wrong, but with one field.
fn trouble(words: &Words, desk: &Desk) -> Option<String> {
    match desk.wrong.as_ref()? {
        Wrong::Seal => Some(words.wrong_seal.to_owned()),
        Wrong::Log(why) => {
            Some(format!("{} {}", words.log_not_written, crate::text::sanitize::harmless(why)))
        }
        Wrong::Rule | Wrong::Until(_) => None,
    }
}

fn why_closed(words: &Words, closed: Closed) -> &'static str {
    match closed {
        Closed::ReadOnly => words.closed_by_wish,
        Closed::Log => words.closed_by_log,
        Closed::Rules => words.closed_by_rules,
    }
}

/// The holds, each with a button that releases it.
fn held(look: Look, desk: &Desk, holds: &[HoldEntry], whom: Whom<'_>) -> Markup {
    let words = look.words;
    let heads =
        [words.subject, words.until, words.who, words.reason, words.at_its_end, words.release];
    let row = |entry: &HoldEntry| {
        let hold = &entry.hold;
        let why = hold.story();
        vec![
            subject(words, &hold.subject),
            look.instant(hold.until),
            html! { (Text(&hold.who)) },
            html! { @if let Some(why) = &why { (Text(why)) } },
            html! { @if hold.skip { (words.not_made_up) } @else { (words.made_up) } },
            // Without rules nothing can be set, but what is held can be released.
            html! {
                @if matches!(desk.closed, None | Some(Closed::Rules)) { (release(words, desk, entry, whom)) }
            },
        ]
    };
    table(Caption::Heard(words.holds), &heads, &holds.iter().map(row).collect::<Vec<_>>())
}

fn subject(words: &Words, subject: &Subject) -> Markup {
    match subject {
        Subject::Rule(rule) => html! {
            a href=(address(&[("rule", rule)])) { (Text(rule)) } " " (words.rule)
        },
        Subject::Instance(name) if InstanceNo::new(name.as_str()).is_ok() => html! {
            a href={ "/instances/" (name) } { (Text(name)) } " " (words.instance)
        },
        Subject::Instance(name) => html! {
            a href=(address(&[("instance", name)])) { (Text(name)) } " " (words.instance)
        },
        Subject::Tagged { no, name, .. } => html! {
            a href={ "/instances/" (no) } { (Text(name)) } " " (words.instance)
        },
    }
}

fn release(words: &Words, desk: &Desk, entry: &HoldEntry, whom: Whom<'_>) -> Markup {
    let label =
        (words.release_of)(&crate::text::sanitize::harmless(&entry.hold.subject.to_string()));
    html! {
        form.bare action={ "/holds/" (entry.id) "/release" } method="post" {
            input type="hidden" name="seal" value=(desk.seal);
            @if let Whom::Instance(no) = whom { input type="hidden" name="instance" value=(no); }
            button type="submit" aria-label=(label) { (words.release) }
        }
    }
}

/// What a hold is set with; kept out of the way where nobody has typed into it.
fn form(look: Look, desk: &Desk, whom: Whom<'_>) -> Markup {
    let words = look.words;
    let typed = &desk.typed;
    let until = match &desk.wrong {
        Some(Wrong::Until(error)) => Some(why_not_until(words, error)),
        _ => None,
    };
    let title = match whom {
        Whom::Rules(_) => words.hold_a_rule,
        Whom::Instance(_) => words.hold_it,
    };
    html! {
        details open[desk.wrong.is_some()] {
            summary { (title) }
            form action="/holds" method="post" aria-label=(title) {
                input type="hidden" name="seal" value=(desk.seal);
                @match whom {
                    Whom::Rules(rules) => (choose(words, rules, desk)),
                    Whom::Instance(no) => input type="hidden" name="instance" value=(no);,
                }
                (input(&Field {
                    name: "until", label: words.until, hint: Some(words.until_hint),
                    value: &typed.until, wrong: until.as_deref(),
                    ..Field::default()
                }))
                (input(&Field {
                    name: "why", label: words.reason, value: &typed.why,
                    longest: Some(LONGEST_WHY), ..Field::default()
                }))
                (input(&Field {
                    name: "who", label: words.your_name, hint: Some(words.your_name_hint),
                    value: &typed.who, longest: Some(LONGEST_WHO), ..Field::default()
                }))
                div.field {
                    label for="then" { (words.at_its_end) }
                    select #then name="then" {
                        option value="make-up" { (words.make_up) }
                        option value="skip" selected[typed.is_skipped()] { (words.do_not_make_up) }
                    }
                }
                div.buttons { button type="submit" { (words.hold) } }
            }
        }
    }
}

fn choose(words: &Words, rules: &[&str], desk: &Desk) -> Markup {
    let is_wrong = desk.wrong == Some(Wrong::Rule);
    html! {
        div.field {
            label for="rule" { (words.rule) }
            select #rule name="rule" required aria-describedby=[is_wrong.then_some("rule-wrong")] {
                @for rule in rules {
                    option value=(rule) selected[desk.typed.rule == **rule] { (rule) }
                }
            }
            @if is_wrong { p #rule-wrong.wrong role="alert" { (words.wrong_rule) } }
        }
    }
}

fn why_not_until(words: &Words, error: &UntilError) -> String {
    match error {
        UntilError::NoTime(_) => words.wrong_time.to_owned(),
        UntilError::Passed(_) => words.has_passed.to_owned(),
        UntilError::TooFar { longest, end, .. } => (words.too_far)(longest, end),
    }
}
