//! Draws what comes: first all of the next day, then the rules that fire later.
//!
//! [`crate::agenda`] finds it.

use maud::{Markup, html};

use super::frame::Look;
use super::hold::{hold_link, hold_rule};
use super::near_time::in_words;
use super::parts::{Text, author, rule_link, table};
use crate::agenda::{Agenda, Coming, ComingFiring, ComingWhat, ComingWords, NamedServer};
use crate::hold::HoldEntry;
use crate::model::instance::InstanceNo;
use crate::model::subject::Subject;
use crate::verdict::{Hindrance, Words};

const MOST_ROWS: usize = 100;

/// The most skipped days shown for a rule.
const MOST_SKIPPED: usize = 5;

pub(super) fn coming(
    look: Look,
    (agenda, hindrance): (&Agenda, Option<&Hindrance>),
    may_hold: bool,
) -> Markup {
    let (words, more) = (look.words, ComingWords(look.words.0));
    let is_empty = agenda.coming.is_empty() && agenda.later.is_empty();
    let left = MOST_ROWS.saturating_sub(agenda.coming.len());
    html! {
        section #coming {
            h2 { (words.comes_next()) }
            @if let Some(hindrance) = hindrance.filter(|_| !is_empty) {
                p.doubt { (Text(&Words(words.0).blocked_by(hindrance))) "." }
            }
            @if is_empty {
                p { (words.nothing_comes()) }
            } @else if agenda.coming.is_empty() {
                p { (more.nothing_within_a_day()) }
            } @else {
                (rows(look, (more.within_a_day(), &agenda.coming), may_hold, MOST_ROWS))
            }
            @if !agenda.later.is_empty() {
                h3 { (more.later()) }
                (rows(look, (more.later(), &agenda.later), may_hold, left))
            }
        }
    }
}

fn rows(look: Look, (caption, coming): (&str, &[Coming]), may_hold: bool, most: usize) -> Markup {
    let (words, more) = (look.words, ComingWords(look.words.0));
    let row = |it: &Coming| {
        let when = html! {
            (look.near(it.at)) " " span.number { (more.in_time(it.at - look.now)) }
        };
        let hold = html! { @if may_hold { (hold(look, &it.what)) } };
        vec![when, what(look, &it.what), last_time(look, &it.what), note(look, it), hold]
    };
    let rows: Vec<_> = coming.iter().take(most).map(row).collect();
    let heads = [words.when(), words.what_comes(), more.last_time(), words.note(), words.hold()];
    let heads = &heads[..if may_hold { 5 } else { 4 }];
    html! {
        (table(caption, heads, &rows))
        @if coming.len() > rows.len() { p { (words.more_rules(coming.len() - rows.len())) } }
    }
}

fn what(look: Look, what: &ComingWhat) -> Markup {
    let words = ComingWords(look.words.0);
    match what {
        ComingWhat::Firing(ComingFiring { rule, .. }) => html! {
            (look.rule(rule.name.as_str(), rule.action.as_str()))
            @if let Some(about) = &rule.about { p.about { (Text(about)) } }
        },
        ComingWhat::Deferred { rule, action, servers } => html! {
            (rule_link(rule)) ": "
            (in_words(&words.deferred(*action, "\u{0}"), &names(words, servers)))
        },
        ComingWhat::BudgetStart(server) => {
            in_words(&words.budget_start("\u{0}"), &server_link(&server.no, &server.name))
        }
        ComingWhat::HoldEnd(entry) => in_words(&words.hold_ends("\u{0}"), &subject(entry)),
    }
}

/// The names of servers, as far as they are named, each a link.
fn names(words: ComingWords, servers: &[NamedServer]) -> Markup {
    let (named, others) = servers.split_at(servers.len().min(ComingWords::MOST_NAMED));
    let links = html! {
        @for (place, server) in named.iter().enumerate() {
            @if place > 0 { ", " }
            (server_link(&server.no, &server.name))
        }
    };
    if others.is_empty() {
        links
    } else {
        in_words(&words.names_and_more("\u{0}", others.len()), &links)
    }
}

fn server_link(no: &InstanceNo, name: &str) -> Markup {
    html! { a href={ "/servers/" (no) } { (Text(name)) } }
}

fn subject(entry: &HoldEntry) -> Markup {
    match &entry.hold.subject {
        Subject::Rule(rule) => rule_link(rule),
        Subject::Tagged { no, name, .. } => server_link(no, name),
        Subject::Instance(name) => html! {
            a href={ "/servers/" (percent_encoded(name)) } { (Text(name)) }
        },
    }
}

fn percent_encoded(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn last_time(look: Look, what: &ComingWhat) -> Markup {
    let words = ComingWords(look.words.0);
    html! {
        @if let ComingWhat::Firing(firing) = what {
            (words.last_servers(firing.last_time, firing.rule.action))
        }
    }
}

fn note(look: Look, coming: &Coming) -> Markup {
    let words = look.words;
    let firing = match &coming.what {
        ComingWhat::Firing(firing) => firing,
        ComingWhat::HoldEnd(entry) => {
            return html! { (words.by_whom(&author(look, &entry.hold.who))) };
        }
        _ => return html! {},
    };
    let (rule, next) = (&firing.rule, &firing.next);
    let note = next.note.as_ref().map(|note| note.in_language(words.0));
    let changed = rule.override_of(next).map(|it| it.in_language(words.0));
    let skipped = rule.skipped(look.now).take_while(|skipped| skipped.occurrence.at < next.at);
    let skipped = skipped.take(MOST_SKIPPED);
    let skipped = skipped.map(|skipped| {
        let day = rule.timezone.local(skipped.occurrence.at).date();
        words.skipped_on(&day.to_string(), &skipped.skip.in_language(words.0))
    });
    let skipped: Vec<String> = skipped.collect();
    html! {
        @if rule.dry_run { (words.dry_run()) " " }
        @if let Some(until) = firing.held_until {
            (in_words(&words.held_until("\u{0}"), &look.near_day(until))) " "
        }
        @if let Some(note) = &note { (Text(note)) " " }
        @if let Some(changed) = &changed { p { (Text(&words.overridden(changed))) } }
        @if let Some(more) = ComingWords(words.0).more(firing) { p { (more) } }
        @for day in &skipped { p { (Text(day)) } }
    }
}

/// The control that holds what would be acted on.
fn hold(look: Look, what: &ComingWhat) -> Markup {
    let words = look.words;
    let server =
        |no: &InstanceNo, name: &str| hold_link(words, &Subject::Instance(no.to_string()), name);
    match what {
        ComingWhat::Firing(firing) => hold_rule(words, firing.rule.name.as_str()),
        ComingWhat::Deferred { servers, .. } if servers.len() == 1 => {
            server(&servers[0].no, &servers[0].name)
        }
        ComingWhat::Deferred { rule, .. } => hold_rule(words, rule),
        ComingWhat::BudgetStart(one) => server(&one.no, &one.name),
        ComingWhat::HoldEnd(entry) => match &entry.hold.subject {
            Subject::Rule(rule) => hold_rule(words, rule),
            Subject::Tagged { no, name, .. } => server(no, name),
            Subject::Instance(no) => html! {
                @if let Ok(no) = InstanceNo::new(no.as_str()) { (server(&no, no.as_str())) }
            },
        },
    }
}
