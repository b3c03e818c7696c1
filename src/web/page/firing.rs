//! Draws one firing in full: every request with its answer, every instance with its outcome.

use maud::{Markup, html};

use super::frame::{Look, Page};
use super::parts::{Text, column, facts, listing, text};
use crate::audit::{FiringStory, HistoryLine, RequestLine, SessionLine};
use crate::web::words::Words;

pub(in crate::web) fn firing(look: Look, story: &FiringStory) -> Option<Page> {
    let words = look.words;
    let first = story.lines.first()?;
    let content = html! {
        (facts(&about(look, story, first)))
        section {
            h2 { (words.instances()) }
            (look.lines_of_firing(&story.lines))
        }
        section {
            h2 { (words.requests()) }
            @if story.requests.is_empty() {
                p { (words.no_request()) }
            } @else {
                (requests(look, &story.requests))
            }
        }
    };
    let is_open = story.ended_at.is_none() && !story.is_missed();
    Some(look.page(&words.firing(first.firing), content).refreshed(is_open))
}

fn about(look: Look, story: &FiringStory, first: &HistoryLine) -> [(&'static str, Markup); 12] {
    let words = look.words;
    let processes = std::iter::once(&story.session).chain(&story.taken_over_by);
    [
        (words.rule(), look.rule(&first.rule, &first.action)),
        (words.account(), html! { (Text(&first.account)) }),
        (words.trigger(), html! { (Text(words.trigger_of(&first.trigger))) }),
        (words.due(), html! { @if let Some(at) = &first.scheduled_at { (look.second(at)) } }),
        (
            words.begun(),
            html! {
                @if story.is_missed() { (words.never_begun()) } @else { (look.second(&first.started_at)) }
            },
        ),
        (
            words.ended(),
            html! {
                @if let Some(at) = &story.ended_at { (look.second(at)) }
                @else if !story.is_missed() { (words.not_yet()) }
            },
        ),
        (words.note(), html! { @if story.dry_run { (words.dry_run()) } }),
        (words.makes_up_for(), firings(&story.makes_up_for)),
        (words.made_up_by(), firings(&story.made_up_by)),
        (words.patience(), html! { (words.seconds(story.patience_ms / 1000)) }),
        (words.processes(), html! { @for one in processes { (process(words, one)) } }),
        (words.file(), html! { code { (Text(&story.file_sha256)) } }),
    ]
}

fn firings(numbers: &[i64]) -> Markup {
    html! { @for number in numbers { a href={ "/firings/" (number) } { (number) } " " } }
}

fn process(words: Words, session: &SessionLine) -> Markup {
    html! {
        p {
            (Text(words.writer_of(&session.writer))) " " (session.pid)
            @if let Some(host) = &session.host { ", " (Text(host)) }
            ", lightsout " (Text(&session.version))
        }
    }
}

fn requests(look: Look, requests: &[RequestLine]) -> Markup {
    let words = look.words;
    let result = move |line: &RequestLine| {
        html! {
            (Text(line.result.as_deref().map_or(words.no_answer(), |it| words.result_of(it))))
            @if let Some(status) = line.http_status { ", HTTP " (status) }
            @if let Some(code) = &line.return_code { ", " (words.code()) " " (Text(code)) }
        }
    };
    let instances = |line: &RequestLine| {
        html! {
            @for no in &line.instances { a href={ "/servers/" (Text(no)) } { (Text(no)) } " " }
        }
    };
    let columns = [
        column(words.asked(), move |line: &RequestLine| look.second(&line.requested_at)),
        column(words.answered(), move |line: &RequestLine| {
            html! { @if let Some(at) = &line.answered_at { (look.second(at)) } }
        }),
        column(words.region(), |line: &RequestLine| html! { (Text(&line.region)) }),
        column(words.request_result(), result),
        column(words.request_id(), |line: &RequestLine| text(line.request_id.as_ref())),
        column(words.instances(), instances),
        column(words.message(), |line: &RequestLine| {
            text(line.return_message.as_ref().or(line.detail.as_ref()))
        }),
    ];
    listing(words.requests(), &columns, requests)
}
