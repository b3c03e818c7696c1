//! Draws the list of servers with its search, and the lines that open the page of one server.
//!
//! [`crate::web::servers`] collects the data.

use maud::{Markup, html};
use url::form_urlencoded;

use super::frame::{Look, Page};
use super::hold::hold_link;
use super::near_time::in_words;
use super::parts::{Text, column, listing, rule_link};
use crate::model::subject::Subject;
use crate::schedule::budget::Limit;
use crate::servers::{NearLimit, NextFiring, ServerHold, ServerNow};
use crate::state_history::State;
use crate::stop_limit::days;
use crate::web::words::Words;

#[derive(Debug)]
pub(in crate::web) struct ServersPage {
    /// The search, as it was typed.
    pub(in crate::web) search: String,
    /// The number of servers that were ever seen, and of those that are meant.
    pub(in crate::web) known: usize,
    pub(in crate::web) found: usize,
    /// The servers of this page.
    pub(in crate::web) servers: Vec<ServerNow>,
    /// The number of this page, from 1 on, and of all pages.
    pub(in crate::web) page: usize,
    pub(in crate::web) pages: usize,
    pub(in crate::web) may_hold: bool,
}

pub(in crate::web) fn servers(look: Look, page: &ServersPage) -> Page {
    let words = look.words;
    let content = html! {
        (search(words, &page.search))
        @if page.servers.is_empty() {
            p role="status" {
                (if page.known == 0 { words.no_server_yet() } else { words.no_server() })
            }
        } @else {
            p.hint role="status" { (words.servers_found(page.found, page.known)) }
            (list(look, page))
        }
        (pages(words, page))
    };
    look.page(words.servers(), content)
}

/// The field that finds servers. It stands on the first page, too.
pub(super) fn search(words: Words, typed: &str) -> Markup {
    html! {
        form.find role="search" action="/servers" method="get" aria-label=(words.find_server()) {
            label for="q" { (words.find_server()) }
            input #q name="q" type="search" value=(typed) autocomplete="off" autocapitalize="none"
                spellcheck="false" enterkeyhint="search" placeholder=(words.find_server_hint());
            button type="submit" { (words.find()) }
        }
    }
}

fn list(look: Look, page: &ServersPage) -> Markup {
    let words = look.words;
    let mut columns = vec![
        column(words.instance(), move |it: &ServerNow| named(it)),
        column(words.state(), move |it: &ServerNow| state(look, it)),
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
        ", " (words.by_whom(&crate::text::sanitize::harmless(by)))
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
    let address = |number: usize| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !page.search.is_empty() {
            query.append_pair("q", &page.search);
        }
        format!("/servers?{}", query.append_pair("page", &number.to_string()).finish())
    };
    html! {
        @if page.pages > 1 {
            nav.pages aria-label=(words.pages_of_servers()) {
                @if page.page > 1 { a rel="prev" href=(address(page.page - 1)) { (words.previous()) } }
                span { (words.page_of(page.page, page.pages)) }
                @if page.page < page.pages {
                    a rel="next" href=(address(page.page + 1)) { (words.next_page()) }
                }
            }
        }
    }
}
