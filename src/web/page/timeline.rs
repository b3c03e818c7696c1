//! Draws the last nights, the newest first: as a matrix of rules and nights, and on a narrow screen
//! as a list of nights, with the trouble unfolded.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, TimeDelta};
use maud::{Markup, html};

use super::frame::Look;
use super::parts::{Text, class, counted, outcome, rule_link};
use crate::audit::{FiringSummary, SumPart};
use crate::model::mark::Mark;
use crate::model::outcome::{Arrival, Outcome};
use crate::web::filter::address;
use crate::web::words::RuleWords;

pub(in crate::web) const NIGHTS: TimeDelta = TimeDelta::days(7);
pub(in crate::web) const MOST_FIRINGS: u32 = 500;

/// The most firings of a rule in a night that stand in one cell.
const MOST_IN_A_CELL: usize = 2;

/// The firings of each night, in the order of their times.
type Nights<'f> = BTreeMap<NaiveDate, Vec<&'f FiringSummary>>;

/// The nights, from firings in the order of their times.
pub(super) fn timeline(look: Look, firings: &[FiringSummary]) -> Markup {
    let words = look.words;
    let mut nights: Nights<'_> = BTreeMap::new();
    for firing in firings {
        nights.entry(night_of(look, firing)).or_default().push(firing);
    }
    let is_cut = u32::try_from(firings.len()).is_ok_and(|shown| shown >= MOST_FIRINGS);
    html! {
        section #nights {
            h2 { (words.last_nights()) }
            @if is_cut { p { (words.only_newest(MOST_FIRINGS)) } }
            @if nights.is_empty() {
                p { (words.no_nights()) }
            } @else {
                div.wide { (matrix(look, &nights)) }
                div.narrow { (list(look, &nights)) }
            }
        }
    }
}

/// The day on whose evening a night begins. A night goes from noon to noon.
fn night_of(look: Look, firing: &FiringSummary) -> NaiveDate {
    (look.zone.local(firing.due_at) - TimeDelta::hours(12)).date()
}

fn matrix(look: Look, nights: &Nights<'_>) -> Markup {
    let mut rules: BTreeMap<&str, BTreeMap<NaiveDate, Vec<&FiringSummary>>> = BTreeMap::new();
    for (night, firings) in nights {
        for firing in firings {
            let of_rule = rules.entry(&firing.rule).or_default();
            of_rule.entry(*night).or_default().push(firing);
        }
    }
    let more = RuleWords::of(look.words.0);
    html! {
        table.nights {
            caption.heard { (look.words.last_nights()) }
            thead {
                tr {
                    th scope="col" { (look.words.rule()) }
                    @for night in nights.keys().rev() {
                        th scope="col" title=(night) { (more.day(*night)) }
                    }
                }
            }
            tbody {
                @for (rule, of_rule) in &rules {
                    tr {
                        th scope="row" { (rule_link(rule)) }
                        @for night in nights.keys().rev() {
                            td { @if let Some(firings) = of_rule.get(night) {
                                (cell(look, (rule, *night), firings))
                            } }
                        }
                    }
                }
            }
        }
        p.hint aria-hidden="true" { (more.legend()) }
    }
}

/// The firings of a rule in a night; of many, the gravest, and how many more there are.
fn cell(look: Look, (rule, night): (&str, NaiveDate), firings: &[&FiringSummary]) -> Markup {
    if firings.len() <= MOST_IN_A_CELL {
        return html! { @for firing in firings { (mark(look, firing)) } };
    }
    let gravest = firings.iter().max_by_key(|it| (it.troubles(), it.is_open, it.due_at));
    let noon = |day: Option<NaiveDate>| format!("{} 12:00", day.unwrap_or(night));
    let (since, until) = (noon(Some(night)), noon(night.succ_opt()));
    let all = address(&[("rule", rule), ("since", &since), ("until", &until)]);
    html! {
        @if let Some(gravest) = gravest { (mark(look, gravest)) }
        a.more href=(all) { (RuleWords::of(look.words.0).more_firings(firings.len() - 1)) }
    }
}

/// A firing as a mark and a count. The same in words is there for everybody who asks, and for
/// screen readers.
fn mark(look: Look, firing: &FiringSummary) -> Markup {
    let (mark, count) = judged(firing);
    let sign = if firing.is_open { "…" } else { mark.sign() };
    let said = said(look, firing);
    html! {
        a class={ "mark-of " (class(mark)) } href={ "/firings/" (i64::from(firing.firing)) } title=(said) {
            span aria-hidden="true" { (action_sign(&firing.action)) " " (sign) " " (count) }
            span.heard { (said) }
        }
    }
}

/// `20:00 stop: 52 stopped, 1 refused`.
fn said(look: Look, firing: &FiringSummary) -> String {
    let words = look.words;
    let at = look.zone.show(firing.due_at).format("%H:%M");
    let open = firing.is_open.then(|| words.open().to_owned());
    let sums = firing.sums().into_iter().map(|sum| told(look, sum));
    let dry_run = firing.dry_run.then(|| words.dry_run().to_owned());
    let result: Vec<String> = open.into_iter().chain(sums).chain(dry_run).collect();
    format!("{at} {}: {}", words.action_of(&firing.action), result.join(", "))
}

fn told(look: Look, sum: SumPart<'_>) -> String {
    let word = look.words.outcome_of(sum.outcome);
    counted(look, word, sum.outcome.is_of_server().then_some(sum.times))
}

fn action_sign(action: &str) -> &'static str {
    if action == "start" { "▲" } else { "■" }
}

/// The mark of a firing, and the number of servers that it is about.
fn judged(firing: &FiringSummary) -> (Mark, u64) {
    let troubles = firing.troubles();
    if troubles > 0 {
        return (Mark::Trouble, troubles);
    }
    let count = |is: fn(Outcome) -> bool| -> u64 {
        let sums = firing.sums();
        sums.iter().filter(|sum| is(sum.outcome)).map(|sum| sum.times).sum()
    };
    match count(|outcome| outcome.arrival() == Arrival::Seen) {
        // The counts of a firing under way are not its last.
        done if firing.is_open => (Mark::Quiet, done),
        0 => (Mark::Quiet, count(Outcome::is_of_server)),
        done => (Mark::Good, done),
    }
}

/// A line a night; below it, whatever needs somebody, and the rest folded.
fn list(look: Look, nights: &Nights<'_>) -> Markup {
    let more = RuleWords::of(look.words.0);
    html! {
        @for (night, firings) in nights.iter().rev() {
            @let (bad, well): (Vec<&FiringSummary>, Vec<_>) =
                firings.iter().partition(|it| it.troubles() > 0);
            div.night {
                h3 { (look.words.night_of(&night.to_string(), night.weekday())) }
                @let open = well.iter().filter(|it| it.is_open).count();
                @if bad.is_empty() && open > 0 {
                    p.quiet { span aria-hidden="true" { (Mark::Quiet.sign()) " " } (more.some_open(well.len(), open)) }
                } @else if bad.is_empty() {
                    p.good { span aria-hidden="true" { (Mark::Good.sign()) " " } (more.all_well(well.len())) }
                } @else {
                    p.bad { span aria-hidden="true" { (Mark::Trouble.sign()) " " } (more.to_look_at(bad.len())) }
                    (lines(look, &bad))
                }
                @if !well.is_empty() {
                    details {
                        summary { @if open > 0 { (more.some_open(well.len(), open)) } @else { (more.went_well(well.len())) } }
                        (lines(look, &well))
                    }
                }
            }
        }
    }
}

fn lines(look: Look, firings: &[&FiringSummary]) -> Markup {
    html! { ul { @for firing in firings { li { (line(look, firing)) } } } }
}

/// A firing in one line: when, which rule, what became of it.
pub(super) fn line(look: Look, firing: &FiringSummary) -> Markup {
    html! {
        a href={ "/firings/" (i64::from(firing.firing)) } {
            (look.hour(firing.due_at)) " " (Text(&firing.rule))
        }
        " " span.action { (Text(look.words.action_of(&firing.action))) } " "
        (result(look, firing))
    }
}

/// The outcomes of a firing, with their counts.
pub(super) fn result(look: Look, firing: &FiringSummary) -> Markup {
    let words = look.words;
    html! {
        @if firing.is_open { span.outcome { (words.open()) } " " }
        @for sum in firing.sums() {
            @let times = sum.outcome.is_of_server().then_some(sum.times);
            (self::sum(look, sum, times)) " "
        }
        @if firing.dry_run { span.number { "(" (words.dry_run()) ")" } " " }
        @if firing.trigger != "schedule" {
            span.number { (words.trigger_of(&firing.trigger)) }
        }
    }
}

/// An outcome, with its count when there is one.
pub(super) fn sum(look: Look, sum: SumPart<'_>, times: Option<u64>) -> Markup {
    if !sum.is_held() {
        return outcome(look, sum.outcome, sum.reason, times);
    }
    html! {
        span.outcome.quiet {
            (counted(look, RuleWords::of(look.words.0).held(), times))
        }
    }
}
