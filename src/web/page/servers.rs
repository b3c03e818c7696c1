//! Draws the list of servers with its search, and the lines that open the page of one server.
//!
//! [`crate::web::servers`] collects the data.

use std::collections::HashMap;

use maud::{Markup, html};
use url::form_urlencoded;

use super::frame::{Look, Page, TYPING};
use super::hold::hold_link;
use super::near_time::in_words;
use super::parts::{Text, author, column, listing, rule_link};
use crate::model::instance::{AccountName, InstanceNo};
use crate::model::subject::Subject;
use crate::schedule::budget::Limit;
use crate::servers::{NearLimit, NextFiring, Only, ServerHold, ServerNow};
use crate::state_history::State;
use crate::stop_limit::days;
use crate::verdict::{self, Troubled};
use crate::web::words::{RuleWords, Words};

#[derive(Debug)]
pub(in crate::web) struct ServersPage {
    pub(in crate::web) asked: Asked,
    /// The number of servers that were ever seen, and of those that are meant.
    pub(in crate::web) known: usize,
    pub(in crate::web) found: usize,
    /// The servers of this page.
    pub(in crate::web) servers: Vec<ServerNow>,
    /// The servers that did not stop last night or tonight.
    pub(in crate::web) troubled: HashMap<(AccountName, InstanceNo), Troubled>,
    /// The number of this page, from 1 on, and of all pages.
    pub(in crate::web) page: usize,
    pub(in crate::web) pages: usize,
    pub(in crate::web) may_hold: bool,
}

/// The question of the list.
#[derive(Clone, Debug)]
pub(in crate::web) struct Asked {
    /// The search, as it was typed.
    pub(in crate::web) search: String,
    pub(in crate::web) only: Option<Only>,
}

/// What one tap shows; all first.
const CHIPS: [Option<Only>; 5] =
    [None, Some(Only::Running), Some(Only::Off), Some(Only::Trouble), Some(Only::Held)];

impl Asked {
    /// The address of a page of this list.
    fn address(&self, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.search.is_empty() {
            query.append_pair("q", &self.search);
        }
        if let Some(only) = self.only {
            query.append_pair("state", only.as_str());
        }
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        let query = query.finish();
        if query.is_empty() { "/servers".to_owned() } else { format!("/servers?{query}") }
    }
}

pub(in crate::web) fn servers(look: Look, page: &ServersPage) -> Page {
    let words = look.words;
    let content = html! {
        (search(words, &page.asked))
        (chips(words, &page.asked))
        @if page.servers.is_empty() {
            p role="status" { (none(words, page)) }
        } @else {
            p.hint role="status" { (words.servers_found(page.found, page.known)) }
            (list(look, page))
        }
        (pages(words, page))
    };
    look.page(words.servers(), content)
}

/// Why the list is empty.
fn none(words: Words, page: &ServersPage) -> &'static str {
    match page.asked.only {
        _ if page.known == 0 => words.no_server_yet(),
        Some(_) => RuleWords::of(words.0).no_server_is_so(),
        None => words.no_server(),
    }
}

/// The states and troubles that people ask for, a tap each. A search stays.
fn chips(words: Words, asked: &Asked) -> Markup {
    let more = RuleWords::of(words.0);
    let word = |only: Option<Only>| match only {
        None => more.all(),
        Some(Only::Running) => words.running(),
        Some(Only::Off) => words.off(),
        Some(Only::Unknown) => words.unknown_state(),
        Some(Only::Trouble) => more.trouble(),
        Some(Only::Held) => words.held(),
    };
    html! {
        nav.chips aria-label=(more.questions()) {
            @for only in CHIPS {
                @let this = Asked { only, ..asked.clone() };
                a href=(this.address(1)) aria-current=[(only == asked.only).then_some("true")] {
                    (word(only))
                }
            }
        }
    }
}

/// The field that finds servers on the first page, which asks again by itself.
pub(super) fn search_all(words: Words) -> Markup {
    html! {
        (search(words, &Asked { search: String::new(), only: None }))
        script src=(TYPING.0) {}
    }
}

fn search(words: Words, asked: &Asked) -> Markup {
    html! {
        form.find role="search" action="/servers" method="get" aria-label=(words.find_server()) {
            label for="q" { (words.find_server()) }
            input #q name="q" type="search" value=(asked.search) autocomplete="off" autocapitalize="none"
                spellcheck="false" enterkeyhint="search" placeholder=(words.find_server_hint());
            @if let Some(only) = asked.only {
                input type="hidden" name="state" value=(only.as_str());
            }
            button type="submit" { (words.find()) }
        }
    }
}

fn list(look: Look, page: &ServersPage) -> Markup {
    let words = look.words;
    let mut columns = vec![
        column(words.instance(), move |it: &ServerNow| named(it)),
        column(words.state(), move |it: &ServerNow| {
            html! { (state(look, it)) (trouble(look, page, it)) }
        }),
        column(words.next(), move |it: &ServerNow| next(look, it)),
        column(words.held(), move |it: &ServerNow| held(look, it)),
        column(words.budget(), move |it: &ServerNow| budget(look, it)),
    ];
    if page.may_hold {
        columns.push(column(words.hold(), move |it: &ServerNow| hold(words, it)));
    }
    html! { div.servers { (listing(words.servers(), &columns, &page.servers)) } }
}

fn named(server: &ServerNow) -> Markup {
    let no = server.no.as_str();
    let name = if server.name.is_empty() { no } else { &server.name };
    html! {
        a.name href={ "/servers/" (no) } { (Text(name)) }
        " " span.number { (no) " · " (server.account) "/" (Text(&server.region)) }
    }
}

/// How the last stop of the server ended, if that needs somebody.
fn trouble(look: Look, page: &ServersPage, server: &ServerNow) -> Markup {
    let Some(trouble) = page.troubled.get(&(server.account.clone(), server.no.clone())) else {
        return html! {};
    };
    let word = verdict::Words(look.words.0).end_of(trouble);
    html! {
        p {
            span.outcome.bad {
                @match trouble.firing {
                    Some(firing) => a href={ "/firings/" (i64::from(firing)) } { (Text(&word)) },
                    None => (Text(&word)),
                }
            }
        }
    }
}

fn hold(words: Words, server: &ServerNow) -> Markup {
    let name = if server.name.is_empty() { server.no.as_str() } else { &server.name };
    hold_link(words, &Subject::Instance(server.no.to_string()), name)
}

/// `running since 08:00`, or what was seen last.
pub(super) fn state(look: Look, server: &ServerNow) -> Markup {
    let words = look.words;
    html! {
        span.state { (words.state_of(server.state)) }
        @match (server.state, server.since, server.last_seen) {
            (State::Unknown, _, Some((last, at))) => {
                " " span.number {
                    (words.last_seen_so()) " " (words.state_of(last)) ", " (look.near(at))
                }
            },
            (_, Some(since), _) => { " " (in_words(&words.since_time("\u{0}"), &look.near(since))) },
            _ => {},
        }
    }
}

fn next(look: Look, server: &ServerNow) -> Markup {
    match (server.next(), &server.rules) {
        (Some(next), _) => firing(look, next),
        _ if server.is_not_known_yet() => html! { (look.words.not_known_yet()) },
        (None, None) => html! {},
        (None, Some(rules)) if rules.is_empty() => html! { (look.words.no_rule_means_it()) },
        (None, Some(_)) => html! { (look.words.nothing_to_come()) },
    }
}

/// `stop 20:00, dev-nightly`.
pub(super) fn firing(look: Look, next: &NextFiring) -> Markup {
    html! {
        (look.words.action_of(next.action.as_str())) " " (look.near(next.at))
        ", " (rule_link(&next.rule))
    }
}

/// The hold on a server, by whom and with which rule.
pub(super) fn held(look: Look, server: &ServerNow) -> Markup {
    let words = look.words;
    let Some(ServerHold { until, by, with_rule, .. }) = &server.held else { return html! {} };
    html! {
        (in_words(&words.until_then("\u{0}"), &look.near_day(*until)))
        ", " (words.by_whom(&author(look, by)))
        @if let Some(rule) = with_rule {
            ", " (words.with_rule(&crate::text::sanitize::harmless(rule)))
        }
    }
}

/// The limit that is near; nothing when none is.
fn budget(look: Look, server: &ServerNow) -> Markup {
    let words = look.words;
    let Some(NearLimit { limit, spent, allowed, at }) = server.near_limit else { return html! {} };
    let row = match limit {
        Limit::InARow => words.in_a_row(),
        Limit::In12Months => words.in_12_months(),
    };
    html! {
        (row) ": " (words.days_of(days(spent.at_least()), allowed)) " "
        span.number { "(" (in_words(&words.as_of_time("\u{0}"), &look.near(at))) ")" }
    }
}

fn pages(words: Words, page: &ServersPage) -> Markup {
    html! {
        @if page.pages > 1 {
            nav.pages aria-label=(words.pages_of_servers()) {
                @if page.page > 1 { a rel="prev" href=(page.asked.address(page.page - 1)) { (words.previous()) } }
                span { (words.page_of(page.page, page.pages)) }
                @if page.page < page.pages {
                    a rel="next" href=(page.asked.address(page.page + 1)) { (words.next_page()) }
                }
            }
        }
    }
}
