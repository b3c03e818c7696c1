//! Draws the history with its filters, one page at a time.

use maud::{Markup, html};

use super::field::{Field, input};
use super::frame::{Look, Page};
use super::parts::Text;
use crate::audit::{HistoryLine, Wanted};
use crate::model::outcome::Outcome;
use crate::model::period::Period;
use crate::web::filter::{FilterError, MOST_IN_A_FILE, Typed, address};
use crate::web::words::RuleWords;

/// The days of the trouble that one tap shows.
const TROUBLE_DAYS: i64 = 30;

#[derive(Debug)]
pub(in crate::web) struct HistoryPage {
    pub(in crate::web) typed: Typed,
    /// The lines, or the field that makes no sense.
    pub(in crate::web) lines: Result<Vec<HistoryLine>, FilterError>,
    pub(in crate::web) has_more: bool,
    /// The names of the rules to choose from.
    pub(in crate::web) rules: Vec<String>,
    pub(in crate::web) last_night: Period,
}

pub(in crate::web) fn history(look: Look, page: &HistoryPage) -> Page {
    let words = look.words;
    let chips = chips(look, page);
    let left = left(look, &page.typed);
    let content = html! {
        (drawn(look, page, &chips))
        details.filters open[page.lines.is_err()] {
            summary {
                (RuleWords::of(words.0).filter())
                @if !left.is_empty() { ": " (Text(&left)) }
            }
            (filters(look, page))
        }
        @if let Ok(lines) = &page.lines {
            @if lines.is_empty() {
                p role="status" { (words.no_line()) }
            } @else {
                (look.lines(words.history(), lines))
            }
            (pages(look, page, lines))
            @if !lines.is_empty() {
                p.hint {
                    a href=(page.typed.file(false)) { (words.as_csv()) } " · "
                    a href=(page.typed.file(true)) { (words.as_excel()) } " · "
                    (words.most_in_a_file(MOST_IN_A_FILE))
                }
            }
        }
    };
    look.page(words.history(), content)
}

/// What the filter leaves, in words.
fn left(look: Look, typed: &Typed) -> String {
    let more = RuleWords::of(look.words.0);
    let said = |word: &str| match word {
        "trouble" => more.trouble().to_owned(),
        "held" => more.held().to_owned(),
        word => word
            .parse::<Outcome>()
            .map_or_else(|_| word.to_owned(), |it| it.in_language(look.words.0).to_owned()),
    };
    let outcomes = typed.outcome.split(',').map(str::trim).filter(|word| !word.is_empty());
    let values = typed.values().into_iter().map(ToOwned::to_owned);
    outcomes.map(said).chain(values).collect::<Vec<_>>().join(", ")
}

fn pages(look: Look, page: &HistoryPage, lines: &[HistoryLine]) -> Markup {
    let words = look.words;
    let older = lines.last().filter(|_| page.has_more);
    html! {
        @if page.typed.is_continued() || older.is_some() {
            nav.pages aria-label=(words.pages()) {
                @if page.typed.is_continued() {
                    a href=(page.typed.first_page()) { (words.newest()) }
                }
                @if let Some(last) = older {
                    a rel="next" href=(page.typed.page_after(last.place())) { (words.older()) }
                }
            }
        }
    }
}

/// The questions that most people have, a tap each.
fn chips(look: Look, page: &HistoryPage) -> [(String, String); 3] {
    let words = RuleWords::of(look.words.0);
    let at = |at| look.zone.show(at).format("%Y-%m-%d %H:%M").to_string();
    let Period { from, until } = page.last_night;
    let trouble = format!("{TROUBLE_DAYS}d");
    [
        (words.last_night().to_owned(), address(&[("since", &at(from)), ("until", &at(until))])),
        (
            words.trouble_in_days(TROUBLE_DAYS),
            address(&[("outcome", "trouble"), ("since", &trouble)]),
        ),
        (words.held().to_owned(), address(&[("outcome", "held")])),
    ]
}

fn drawn(look: Look, page: &HistoryPage, chips: &[(String, String)]) -> Markup {
    let here = page.typed.first_page();
    html! {
        nav.chips aria-label=(RuleWords::of(look.words.0).questions()) {
            @for (word, address) in chips {
                a href=(address) aria-current=[(*address == here).then_some("true")] { (word) }
            }
        }
    }
}

fn filters(look: Look, page: &HistoryPage) -> Markup {
    let (words, typed) = (look.words, &page.typed);
    let wrong = page.lines.as_ref().err().copied();
    let wrong_if = |field, message| (wrong == Some(field)).then_some(message);
    let hint = Some(words.time_hint());
    let time = |name, label, value, field| {
        input(&Field {
            name,
            label,
            hint,
            value,
            wrong: wrong_if(field, words.wrong_time()),
            ..Field::default()
        })
    };
    html! {
        form role="search" action="/history" method="get" aria-label=(words.filters()) {
            (input(&Field {
                name: "rule", label: words.rule(), value: &typed.rule, list: Some("rules"),
                ..Field::default()
            }))
            datalist #rules { @for rule in &page.rules { option value=(rule) {} } }
            (input(&Field {
                name: "instance", label: words.instance(), hint: Some(words.instance_hint()),
                value: &typed.instance, ..Field::default()
            }))
            (outcomes(look, typed, wrong_if(FilterError::Outcome, words.wrong_outcome())))
            (time("since", words.since(), &*typed.since, FilterError::Since))
            (time("until", words.until(), &*typed.until, FilterError::Until))
            (input(&Field {
                name: "limit", label: words.limit(), hint: Some(words.limit_hint()),
                value: &typed.limit, wrong: wrong_if(FilterError::Limit, words.wrong_limit()),
                ..Field::default()
            }))
            div.buttons {
                button type="submit" { (words.show()) }
                a href="/history" { (words.clear()) }
            }
        }
    }
}

fn outcomes(look: Look, typed: &Typed, wrong: Option<&'static str>) -> Markup {
    let words = look.words;
    let more = RuleWords::of(words.0);
    let groups = [("trouble", more.trouble()), ("held", more.held())];
    let is_other =
        !typed.outcome.is_empty() && typed.outcome.parse::<Wanted>().is_err() && wrong.is_none();
    html! {
        div.field {
            label for="outcome" { (words.outcome()) }
            select #outcome name="outcome" aria-describedby=[wrong.map(|_| "outcome-wrong")] {
                option value="" { (words.any()) }
                @for (word, told) in groups {
                    option value=(word) selected[typed.outcome == word] { (told) }
                }
                @if is_other {
                    option value=(typed.outcome) selected { (Text(&typed.outcome)) }
                }
                @for one in Outcome::ALL {
                    option value=(one.as_str()) selected[typed.outcome == one.as_str()] {
                        (words.outcome_of(one))
                    }
                }
            }
            @if let Some(wrong) = wrong { p #outcome-wrong.wrong role="alert" { (wrong) } }
        }
    }
}
