//! Draws the holds, and the forms that set and release them.
//!
//! [`crate::web::hold`] does what the forms ask for.

use maud::{Markup, html};

use super::field::{Field, input};
use super::frame::Look;
use super::parts::{Caption, Text, column, listing, text};
use crate::hold::HoldEntry;
use crate::hold::end_time::UntilError;
use crate::model::instance::InstanceNo;
use crate::model::subject::Subject;
use crate::web::filter::address;
use crate::web::forms::{FormDone, FormError, Forms, FormsClosed, LONGEST_WHO, LONGEST_WHY};
use crate::web::words::Words;

#[derive(Clone, Copy, Debug)]
pub(super) enum Whom<'a> {
    Rules(&'a [&'a str]),
    Instance(&'a InstanceNo),
}

/// The holds, the result of the last form, and the forms.
pub(super) fn holds(look: Look, forms: &Forms, holds: &[HoldEntry], whom: Whom<'_>) -> Markup {
    let words = look.words;
    html! {
        section #holds {
            h2 { (words.holds()) }
            @if let Some(done) = forms.done { p role="status" { (said(words, done)) } }
            @if let Some(wrong) = trouble(words, forms) { p.wrong role="alert" { (wrong) } }
            @if holds.is_empty() {
                p { (words.nothing_held()) }
            } @else {
                (held(look, forms, holds, whom))
            }
            @match forms.closed {
                Some(closed) => p.hint { (why_closed(words, closed)) },
                None => (form(look, forms, whom)),
            }
        }
    }
}

fn said(words: Words, done: FormDone) -> String {
    match done {
        FormDone::Held(hold) => words.held_now(hold),
        FormDone::Released(hold) => words.released_now(hold),
        FormDone::WasOver(hold) => words.was_over(hold),
    }
}

/// The error of the form as a whole; errors of one field stand at the field.
fn trouble(words: Words, forms: &Forms) -> Option<String> {
    match forms.wrong.as_ref()? {
        FormError::Seal => Some(words.wrong_seal().to_owned()),
        FormError::Log(why) => {
            Some(format!("{} {}", words.log_not_written(), crate::text::sanitize::harmless(why)))
        }
        FormError::Rule | FormError::Until(_) => None,
    }
}

fn why_closed(words: Words, closed: FormsClosed) -> &'static str {
    match closed {
        FormsClosed::ReadOnly => words.closed_by_wish(),
        FormsClosed::Log => words.closed_by_log(),
        FormsClosed::Rules => words.closed_by_rules(),
    }
}

/// The holds, each with a button that releases it.
fn held(look: Look, forms: &Forms, holds: &[HoldEntry], whom: Whom<'_>) -> Markup {
    let words = look.words;
    // Without rules no hold can be set, but a hold can still be released.
    let may_release = matches!(forms.closed, None | Some(FormsClosed::Rules));
    let made_up = |skip| if skip { words.not_made_up() } else { words.made_up() };
    let columns = [
        column(words.subject(), |entry: &HoldEntry| subject(words, &entry.hold.subject)),
        column(words.until(), |entry: &HoldEntry| look.instant(entry.hold.until)),
        column(words.who(), |entry: &HoldEntry| html! { (Text(&entry.hold.who)) }),
        column(words.reason(), |entry: &HoldEntry| text(entry.hold.story().as_ref())),
        column(words.at_its_end(), |entry: &HoldEntry| html! { (made_up(entry.hold.skip)) }),
        column(words.release(), |entry: &HoldEntry| {
            html! { @if may_release { (release(words, forms, entry, whom)) } }
        }),
    ];
    listing(Caption::Heard(words.holds()), &columns, holds)
}

fn subject(words: Words, subject: &Subject) -> Markup {
    match subject {
        Subject::Rule(rule) => html! {
            a href=(address(&[("rule", rule)])) { (Text(rule)) } " " (words.rule())
        },
        Subject::Instance(name) if InstanceNo::new(name.as_str()).is_ok() => html! {
            a href={ "/instances/" (name) } { (Text(name)) } " " (words.instance())
        },
        Subject::Instance(name) => html! {
            a href=(address(&[("instance", name)])) { (Text(name)) } " " (words.instance())
        },
        Subject::Tagged { no, name, .. } => html! {
            a href={ "/instances/" (no) } { (Text(name)) } " " (words.instance())
        },
    }
}

fn release(words: Words, forms: &Forms, entry: &HoldEntry, whom: Whom<'_>) -> Markup {
    let label = words.release_of(&crate::text::sanitize::harmless(&entry.hold.subject.to_string()));
    html! {
        form.bare action={ "/holds/" (entry.id) "/release" } method="post" {
            input type="hidden" name="seal" value=(forms.seal);
            @if let Whom::Instance(no) = whom { input type="hidden" name="instance" value=(no); }
            button type="submit" aria-label=(label) { (words.release()) }
        }
    }
}

/// The form that sets a hold; folded up until somebody has typed into it.
fn form(look: Look, forms: &Forms, whom: Whom<'_>) -> Markup {
    let words = look.words;
    let typed = &forms.typed;
    let until = match &forms.wrong {
        Some(FormError::Until(error)) => Some(why_not_until(words, error)),
        _ => None,
    };
    let title = match whom {
        Whom::Rules(_) => words.hold_a_rule(),
        Whom::Instance(_) => words.hold_it(),
    };
    html! {
        details open[forms.wrong.is_some()] {
            summary { (title) }
            form action="/holds" method="post" aria-label=(title) {
                input type="hidden" name="seal" value=(forms.seal);
                @match whom {
                    Whom::Rules(rules) => (choose(words, rules, forms)),
                    Whom::Instance(no) => input type="hidden" name="instance" value=(no);,
                }
                (input(&Field {
                    name: "until", label: words.until(), hint: Some(words.until_hint()),
                    value: &typed.until, wrong: until.as_deref(),
                    ..Field::default()
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
                div.field {
                    label for="then" { (words.at_its_end()) }
                    select #then name="then" {
                        option value="make-up" { (words.make_up()) }
                        option value="skip" selected[typed.is_skipped()] { (words.do_not_make_up()) }
                    }
                }
                div.buttons { button type="submit" { (words.hold()) } }
            }
        }
    }
}

fn choose(words: Words, rules: &[&str], forms: &Forms) -> Markup {
    let is_wrong = forms.wrong == Some(FormError::Rule);
    html! {
        div.field {
            label for="rule" { (words.rule()) }
            select #rule name="rule" required aria-describedby=[is_wrong.then_some("rule-wrong")] {
                @for rule in rules {
                    option value=(rule) selected[forms.typed.rule == **rule] { (rule) }
                }
            }
            @if is_wrong { p #rule-wrong.wrong role="alert" { (words.wrong_rule()) } }
        }
    }
}

fn why_not_until(words: Words, error: &UntilError) -> String {
    match error {
        UntilError::NoTime(_) => words.wrong_time().to_owned(),
        UntilError::Passed(_) => words.has_passed().to_owned(),
        UntilError::TooFar { longest, end, .. } => words.too_far(longest, end),
    }
}
