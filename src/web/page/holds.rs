//! Draws the holds in force, and the forms that release them.
//!
//! [`super::hold`] draws the forms that set a hold. [`crate::web::hold`] does what the forms ask for.

use maud::{Markup, html};

use super::frame::Look;
use super::parts::{Text, author, column, listing, rule_link, text};
use crate::hold::HoldEntry;
use crate::hold::end_time::UntilError;
use crate::model::instance::InstanceNo;
use crate::model::reason::Reason;
use crate::model::subject::Subject;
use crate::time::duration::in_language;
use crate::web::filter::address;
use crate::web::forms::{DoneAbout, FormDone, FormError, Forms, FormsClosed};
use crate::web::words::Words;

/// The page that a form stands on, and to which its result leads back.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whom<'a> {
    All,
    Instance(&'a InstanceNo),
    /// The page that holds this rule or this server.
    OnHoldPage(&'a Subject),
}

/// The holds, the result of the last form, and why nothing can be held.
pub(super) fn holds(look: Look, forms: &Forms, holds: &[HoldEntry], whom: Whom<'_>) -> Markup {
    let words = look.words;
    html! {
        section #holds {
            h2 { (words.holds()) }
            @if let Some(done) = forms.done { p role="status" { (said(words, done, &forms.about)) } }
            @if holds.is_empty() {
                p { (words.nothing_held()) }
            } @else {
                (held(look, forms, holds, whom))
            }
            @if let Some(closed) = forms.closed { p.hint { (why_closed(words, closed)) } }
        }
    }
}

pub(super) fn said(words: Words, done: FormDone, about: &DoneAbout) -> String {
    let name = crate::text::sanitize::harmless(&about.name);
    match done {
        FormDone::Held(hold) | FormDone::Already(hold) => words.held_now(hold),
        FormDone::Released(_) if about.is_held => words.released_but_held(&name),
        FormDone::Released(_) => words.released_now(&name),
        FormDone::WasOver(_) => words.was_over(&name),
    }
}

/// The error of a form. It stands first on the page; that of a field stands at the field, too.
pub(super) fn trouble(words: Words, forms: &Forms) -> Option<String> {
    let wrong = forms.wrong.as_ref()?;
    let why = match wrong {
        FormError::Seal => words.wrong_seal().to_owned(),
        FormError::Log(why) => {
            let why = crate::text::sanitize::harmless(&Reason::told(why, words.0));
            format!("{} {why}", words.log_not_written())
        }
        FormError::Rule => words.wrong_rule().to_owned(),
        FormError::Until(error) => why_not_until(words, error),
    };
    let is_told = matches!(wrong, FormError::Seal | FormError::Log(_));
    Some(if is_told { why } else { format!("{} {why}", words.nothing_recorded()) })
}

pub(super) fn why_closed(words: Words, closed: FormsClosed) -> &'static str {
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
        column(words.until(), |entry: &HoldEntry| look.near(entry.hold.until)),
        column(words.who(), move |entry: &HoldEntry| html! { (author(look, &entry.hold.who)) }),
        column(words.reason(), |entry: &HoldEntry| text(entry.hold.story().as_ref())),
        column(words.at_its_end(), |entry: &HoldEntry| html! { (made_up(entry.hold.skip)) }),
        column(words.release(), |entry: &HoldEntry| {
            html! { @if may_release { (release(words, forms, entry, (whom, words.release()))) } }
        }),
    ];
    listing(words.holds(), &columns, holds)
}

fn subject(words: Words, subject: &Subject) -> Markup {
    match subject {
        Subject::Rule(rule) => html! { (rule_link(rule)) " " (words.rule()) },
        Subject::Instance(name) if InstanceNo::new(name.as_str()).is_ok() => html! {
            a href={ "/servers/" (name) } { (Text(name)) } " " (words.instance())
        },
        Subject::Instance(name) => html! {
            a href=(address(&[("instance", name)])) { (Text(name)) } " " (words.instance())
        },
        Subject::Tagged { no, name, .. } => html! {
            a href={ "/servers/" (no) } { (Text(name)) } " " (words.instance())
        },
    }
}

/// The form that releases a hold. `word` is what its button says.
pub(super) fn release(
    words: Words,
    forms: &Forms,
    entry: &HoldEntry,
    (whom, word): (Whom<'_>, &str),
) -> Markup {
    let held = crate::text::sanitize::harmless(&entry.hold.subject.to_string());
    let label = if word == words.undo() { words.undo_of(&held) } else { words.release_of(&held) };
    html! {
        form.bare action={ "/holds/" (entry.id) "/release" } method="post" {
            input type="hidden" name="seal" value=(forms.seal);
            @match whom {
                Whom::All => {},
                Whom::Instance(no) => input type="hidden" name="instance" value=(no);,
                Whom::OnHoldPage(subject) => {
                    input type="hidden" name="from" value="hold";
                    @match subject {
                        Subject::Rule(rule) => input type="hidden" name="rule" value=(rule);,
                        Subject::Instance(no) => input type="hidden" name="instance" value=(no);,
                        Subject::Tagged { no, .. } => {
                            input type="hidden" name="instance" value=(no);
                        },
                    }
                },
            }
            button type="submit" aria-label=(label) { (word) }
        }
    }
}

pub(super) fn why_not_until(words: Words, error: &UntilError) -> String {
    match error {
        UntilError::NoTime(_) => words.wrong_time().to_owned(),
        UntilError::Passed(_) => words.has_passed().to_owned(),
        UntilError::TooFar { longest, end, .. } => {
            words.too_far(&in_language(longest, words.0), end)
        }
    }
}
