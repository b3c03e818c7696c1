//! Draws the week: for each rule or server seven days, each as words and as a bar of 24 hours. A
//! narrow screen shows one day, which the address chooses.

use std::sync::Arc;

use chrono::NaiveDate;
use maud::{Markup, html};
use url::form_urlencoded;

use super::frame::{Look, Page};
use super::parts::{Text, rule_link};
use crate::agenda::{DayPlan, HourOff, Week, WeekRow, clock};
use crate::web::words::RuleWords;

/// The most times that are named one by one.
const MOST_TIMES: usize = 4;

#[derive(Debug)]
pub(in crate::web) struct WeekPage {
    /// The week; or why the rules cannot be used.
    pub(in crate::web) week: Result<Week, Arc<str>>,
    /// The rule whose servers are the rows.
    pub(in crate::web) rule: Option<String>,
    /// The day that a narrow screen shows; today without one.
    pub(in crate::web) day: Option<NaiveDate>,
}

/// The most rules, or servers of a rule, with a row.
const MOST_ROWS: usize = 200;

pub(in crate::web) fn week(look: Look, page: &WeekPage) -> Page {
    let words = RuleWords::of(look.words.0);
    let content = match &page.week {
        Err(problem) => html! {
            p.doubt { (look.words.file_wrong()) " " code { (Text(problem)) } }
        },
        Ok(week) => html! {
            @if let Some(rule) = &page.rule {
                p { (words.servers_of()) " " (rule_link(rule)) }
            }
            @if week.rows.is_empty() { p { (words.no_rule()) } } @else { (whole(look, page, week)) }
            @let more = week.rows.len().saturating_sub(MOST_ROWS);
            @if more > 0 { p { (words.more_rows(more, "lightsout week")) } }
        },
    };
    look.page(words.week(), content).refreshed(false)
}

fn whole(look: Look, page: &WeekPage, week: &Week) -> Markup {
    let words = RuleWords::of(look.words.0);
    let chosen = page.day.filter(|day| week.days.contains(day)).or(week.days.first().copied());
    let class = |day: NaiveDate| (chosen == Some(day)).then_some("chosen");
    html! {
        nav.chips.narrow aria-label=(words.day_choice()) {
            @for day in &week.days {
                a href=(address(page, *day)) aria-current=[class(*day).map(|_| "date")] {
                    (words.day(*day))
                }
            }
        }
        table.week {
            caption.heard { (words.week()) }
            thead {
                tr {
                    th scope="col" {
                        (if page.rule.is_some() { look.words.instance() } else { look.words.rule() })
                    }
                    @for day in &week.days { th scope="col" class=[class(*day)] title=(day) { (words.day(*day)) } }
                }
            }
            tbody {
                @for row in week.rows.iter().take(MOST_ROWS) {
                    tr {
                        th scope="row" { (head(look, row)) }
                        @for day in &row.days {
                            td class=[class(day.day)] { (cell(words, row, day)) }
                        }
                    }
                }
            }
        }
        p.hint { (words.week_legend()) }
    }
}

fn address(page: &WeekPage, day: NaiveDate) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(page.rule.iter().map(|rule| ("rule", rule)));
    query.append_pair("day", &day.to_string());
    format!("/week?{}", query.finish())
}

fn head(look: Look, row: &WeekRow) -> Markup {
    let words = RuleWords::of(look.words.0);
    html! {
        @match &row.server {
            Some((no, name)) => a href={ "/servers/" (no) } { (Text(name)) },
            None => {
                (rule_link(&row.rule))
                @if let Some(about) = &row.about { p.about { (Text(about)) } }
            },
        }
        @if !row.enabled { p.number { (words.does_not_fire()) } }
        @if row.enabled && row.dry_run { p.number { (look.words.dry_run()) } }
        @for order in &row.order { p.number { (Text(order)) } }
        @if row.zone != look.zone { p.number { (row.zone.name()) } }
    }
}

/// A day of a row: the bar for the eye, and all of it in words.
fn cell(words: RuleWords, row: &WeekRow, day: &DayPlan) -> Markup {
    let said = said(words, row, day);
    let more = [
        day.holiday.as_ref().map(|it| words.holiday_of(it)),
        day.changed.as_ref().map(|it| words.overridden(it)),
        day.skipped.as_ref().map(|it| words.skipped(it)),
        day.held.map(|(from, until)| words.held_from_to(&clock(from), &clock(until))),
    ];
    html! {
        (bar(row, day))
        p { (said) }
        @for one in more.into_iter().flatten() { p.differs { (Text(&one)) } }
    }
}

fn bar(row: &WeekRow, day: &DayPlan) -> Markup {
    let now = day.now.map(|minute| minute / 60);
    html! {
        div.bar aria-hidden="true" {
            @for hour in 0..24 { (slot(row, day, (hour, now == Some(hour)))) }
        }
    }
}

fn slot(row: &WeekRow, day: &DayPlan, (hour, is_now): (u16, bool)) -> Markup {
    let mut classes = match day.hour_off(hour) {
        HourOff::No => String::new(),
        HourOff::Part => "part".to_owned(),
        HourOff::Whole => "off".to_owned(),
    };
    for (is_so, class) in [(day.is_held(hour), " kept"), (is_now, " now")] {
        classes += if is_so { class } else { "" };
    }
    let mark = match (row.is_window, day.stops_in(hour), day.starts_in(hour)) {
        (false, true, _) => "■",
        (false, false, true) => "▲",
        _ => "",
    };
    html! { i class=[Some(classes.trim()).filter(|it| !it.is_empty())] { (mark) } }
}

/// `off 00:00–08:00, 20:00–24:00`, or the firings of a rule whose hours off are not known.
fn said(words: RuleWords, row: &WeekRow, day: &DayPlan) -> String {
    if row.is_window {
        let spans: Vec<String> = day
            .off
            .iter()
            .map(|(from, until)| format!("{}–{}", clock(*from), clock(*until)))
            .collect();
        return match day.off.as_slice() {
            [] => words.not_off().to_owned(),
            [(0, 1440)] => words.off_all_day().to_owned(),
            _ => words.off_at(&spans.join(", ")),
        };
    }
    let times = |sign: &str, times: &[u16]| {
        let named: Vec<String> =
            times.iter().take(MOST_TIMES).map(|at| format!("{sign} {}", clock(*at))).collect();
        let more = if times.len() > MOST_TIMES { " …" } else { "" };
        (!times.is_empty()).then(|| named.join(" ") + more)
    };
    let both: Vec<String> =
        [times("■", &day.stops), times("▲", &day.starts)].into_iter().flatten().collect();
    if both.is_empty() { words.nothing_fires().to_owned() } else { both.join(" ") }
}
