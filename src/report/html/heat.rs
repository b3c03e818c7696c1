//! Draws the share of time off for each hour of each day of the week, as a plot and in numbers.

use chrono::TimeDelta;
use maud::{Markup, html};

use super::parts::numbers;
use super::words::HtmlWords;
use crate::model::language::Language;
use crate::report::summary::percent;
use crate::report::{Report, Spent};

/// English, Korean.
const DAYS: [[&str; 7]; 2] =
    [["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], ["월", "화", "수", "목", "금", "토", "일"]];
/// In units of the drawing. On a phone, a unit is about one pixel.
const WIDTH: u32 = 360;
const LEFT: u32 = 30;
const TOP: u32 = 16;
const CELL: (u32, u32) = (13, 18);
const LEGEND: u32 = TOP + 7 * CELL.1 + 10;
const HEIGHT: u32 = LEGEND + 14;
/// The hours with a label.
const LABELLED: [u32; 4] = [0, 6, 12, 18];
/// The shares in the legend, in percent.
const SHOWN: [u32; 5] = [0, 25, 50, 75, 100];

/// The share of all servers' time that was off, by day of the week and hour of the day.
pub(super) fn heat_map(report: &Report, words: HtmlWords) -> Markup {
    if report.total.spent.whole() == TimeDelta::zero() {
        return html! {};
    }
    let heads: Vec<String> =
        [words.hour()].into_iter().chain(words.0.either(DAYS)).map(ToString::to_string).collect();
    let row = |hour: usize| {
        let cells = report.hours.0.iter().map(|day| share(&day[hour], words.0));
        std::iter::once(format!("{hour:02}–{:02}", hour + 1)).chain(cells).collect()
    };
    let rows: Vec<Vec<String>> = (0..24).map(row).collect();
    html! {
        section {
            h2 { (words.when_off()) }
            figure {
                (drawing(report, words))
                figcaption.small { (words.share_by_hour(report.zone.name())) }
            }
            details {
                summary { (words.in_numbers()) }
                (numbers(words.share_off(), &heads, &rows))
            }
        }
    }
}

/// A share, marked when most of the time is unknown.
fn share(spent: &Spent, language: Language) -> String {
    match spent.off_share() {
        None => "–".to_owned(),
        Some(_) if is_unseen(spent) => "?".to_owned(),
        Some(share) => percent(share, language),
    }
}

/// Whether most of the time is unknown.
fn is_unseen(spent: &Spent) -> bool {
    spent.known().is_none_or(|known| known < 0.5)
}

fn drawing(report: &Report, words: HtmlWords) -> Markup {
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) }
            role="img" aria-labelledby="heat-title heat-desc" {
            title id="heat-title" { (words.when_off_long()) }
            desc id="heat-desc" { (description(report, words)) }
            @for hour in LABELLED {
                text x=(LEFT + hour * CELL.0) y=(TOP - 5) { (format!("{hour:02}:00")) }
            }
            @for ((name, day), y) in words.0.either(DAYS).iter().zip(&report.hours.0).zip(steps(TOP, CELL.1)) {
                text x="0" y=(y + 13) { (name) }
                @for ((hour, spent), x) in day.iter().enumerate().zip(steps(LEFT, CELL.0)) {
                    (cell((x, y), (&format!("{name} {hour:02}:00"), spent), words.0))
                }
            }
            (legend(words))
        }
    }
}

fn cell((x, y): (u32, u32), (when, spent): (&str, &Spent), language: Language) -> Markup {
    let (width, height) = (CELL.0 - 1, CELL.1 - 1);
    let opacity = format!("{:.2}", spent.off_share().unwrap_or_default());
    html! {
        g {
            title { (when) ": " (share(spent, language)) }
            rect.cell x=(x) y=(y) width=(width) height=(height) fill-opacity=(opacity) {}
            rect.frame x=(x) y=(y) width=(width) height=(height) {}
            @if spent.off_share().is_some() && is_unseen(spent) {
                path.unseen d={ "M" (x) " " (y + height) "l" (width) " -" (height) } {}
            }
        }
    }
}

fn legend(words: HtmlWords) -> Markup {
    let (width, height) = (CELL.0 - 1, 11);
    let y = LEGEND;
    html! {
        @for (share, x) in SHOWN.into_iter().zip(steps(LEFT, 48)) {
            rect.cell x=(x) y=(y) width=(width) height=(height)
                fill-opacity=(format!("{:.2}", f64::from(share) / 100.0)) {}
            rect.frame x=(x) y=(y) width=(width) height=(height) {}
            text x=(x + width + 3) y=(y + 9) { (percent(f64::from(share) / 100.0, words.0)) }
        }
        rect.frame x=(LEFT + 248) y=(y) width=(width) height=(height) {}
        path.unseen d={ "M" (LEFT + 248) " " (y + height) "l" (width) " -" (height) } {}
        text x=(LEFT + 248 + width + 3) y=(y + 9) { (words.unknown()) }
    }
}

/// Positions at equal steps.
fn steps(from: u32, step: u32) -> impl Iterator<Item = u32> {
    (0..).map(move |place| from + place * step)
}

/// The drawing in words for screen readers: the hours with the largest and the smallest share.
fn description(report: &Report, words: HtmlWords) -> String {
    let mut known: Vec<(f64, String)> = Vec::new();
    for (name, day) in words.0.either(DAYS).iter().zip(&report.hours.0) {
        for (hour, spent) in day.iter().enumerate().filter(|(_, spent)| !is_unseen(spent)) {
            known.extend(spent.off_share().map(|share| (share, format!("{name} {hour:02}:00"))));
        }
    }
    let by_share = |one: &&(f64, String), other: &&(f64, String)| one.0.total_cmp(&other.0);
    // Of equal shares, the first of the week counts.
    let most = known.iter().rev().max_by(by_share);
    let least = known.iter().min_by(by_share);
    match (most, least) {
        (Some((most, when)), Some((least, then))) => {
            words.most_and_least(&percent(*most, words.0), when, &percent(*least, words.0), then)
        }
        _ => words.no_hour_known().to_owned(),
    }
}
