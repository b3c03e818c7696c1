//! Draws the money that each week saved, or its server-hours off when no price is known.

use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};

use super::parts::numbers;
use super::words::HtmlWords;
use crate::report::summary::saved;
use crate::report::{Report, WeekReport, hours, hours_text, money};
use crate::text::sanitize::harmless;

/// In units of the drawing. On a phone, a unit is about one pixel.
const WIDTH: u32 = 360;
const TOP: f64 = 16.0;
/// The height of the highest bar.
const TALL: f64 = 100.0;
const FLOOR: f64 = TOP + TALL;
const HEIGHT: u32 = 160;
const WIDEST: f64 = 28.0;
/// The greatest width of a character.
const LETTER: f64 = 6.2;

#[derive(Clone, Copy, Debug)]
enum Measure<'r> {
    Money(&'r str),
    /// Server-hours off.
    Hours,
}

/// A week as a bar: all of it, and our part.
#[derive(Clone, Debug)]
struct Bar {
    monday: NaiveDate,
    whole: f64,
    ours: f64,
    text: String,
    is_whole: bool,
}

impl<'r> Measure<'r> {
    fn of(report: &'r Report) -> Self {
        let total = &report.total;
        let is_priced = total.saved.unpriced < total.spent.off;
        report.currency.as_deref().filter(|_| is_priced).map_or(Self::Hours, Self::Money)
    }

    fn bar(self, week: &WeekReport, report: &Report) -> Bar {
        let (whole, ours, text) = match self {
            Self::Money(currency) => {
                let saved = &week.saved;
                (saved.amount.units(), saved.by_us.units(), money(saved.amount, currency))
            }
            Self::Hours => {
                let spent = &week.spent;
                (hours(spent.off), hours(spent.off_by_us), hours_text(spent.off))
            }
        };
        let ours = ours.clamp(0.0, whole.max(0.0));
        Bar {
            monday: week.monday,
            whole: whole.max(0.0),
            ours,
            text,
            is_whole: report.has_whole(week),
        }
    }

    fn title(self, words: HtmlWords) -> String {
        match self {
            Self::Money(currency) => words.saved_by_week(&harmless(currency)),
            Self::Hours => words.off_by_week().to_owned(),
        }
    }
}

/// One bar a week, and the same in numbers.
pub(super) fn weeks(report: &Report, words: HtmlWords) -> Markup {
    let measure = Measure::of(report);
    let bars: Vec<Bar> = report.weeks.iter().map(|week| measure.bar(week, report)).collect();
    if bars.iter().all(|bar| bar.whole <= 0.0) {
        return html! {};
    }
    html! {
        section {
            h2 { (measure.title(words)) }
            figure {
                (drawing(measure, &bars, words))
                figcaption.small {
                    (words.whose_bars())
                    @if bars.iter().any(|bar| !bar.is_whole) {
                        " " (words.striped())
                    }
                    @if matches!(measure, Measure::Money(_)) && report.total.unpriced > 0 {
                        " " (words.unpriced_missing())
                    }
                }
            }
            details {
                summary { (words.in_numbers()) }
                (table(report, words))
            }
        }
    }
}

fn table(report: &Report, words: HtmlWords) -> Markup {
    let currency = report.currency.as_deref();
    let mut heads = [words.week_from(), words.hours_off(), words.by_lightsout(), words.unknown()]
        .map(str::to_owned)
        .to_vec();
    heads.extend(currency.map(|currency| words.saved_in(&harmless(currency))));
    let row = |week: &WeekReport| {
        let spent = &week.spent;
        let mut row = vec![report.week_name(week, words.0)];
        row.extend([spent.off, spent.off_by_us, spent.unknown].map(hours_text));
        row.extend(currency.map(|currency| saved(&week.saved, spent, currency, words.0)));
        row
    };
    let rows: Vec<Vec<String>> = report.weeks.iter().map(row).collect();
    numbers(words.hours_of_weeks(), &heads, &rows)
}

fn drawing(measure: Measure<'_>, bars: &[Bar], words: HtmlWords) -> Markup {
    let most = bars.iter().map(|bar| bar.whole).fold(f64::MIN_POSITIVE, f64::max);
    let widest = bars.iter().map(|bar| letters(&bar.text)).fold(letters("00-00 "), f64::max);
    let (count, all) = (as_number(bars.len()), f64::from(WIDTH));
    // The first and the last label may reach half their width beyond their bars.
    let room = (all / count).min((all - widest) / (count - 1.0).max(1.0));
    let left = (all - count * room) / 2.0;
    // Labels that would touch are left out.
    let is_labelled = |place: usize| place.is_multiple_of(every(widest / room));
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) }
            role="img" aria-labelledby="weeks-title weeks-desc" {
            title id="weeks-title" { (measure.title(words)) }
            desc id="weeks-desc" { (description(bars, words)) }
            defs { (stripes()) }
            @for (place, bar) in bars.iter().enumerate() {
                @let middle = left + room * (as_number(place) + 0.5);
                @let top = FLOOR - TALL * bar.whole / most;
                (column(bar, (middle, (room * 0.7).min(WIDEST)), (most, words)))
                @if is_labelled(place) {
                    (label(&bar.text, (middle, top - 5.0)))
                    (label(&bar.monday.format("%m-%d").to_string(), (middle, FLOOR + 14.0)))
                }
                @if place == 0 || bar.monday.year() != bars[place - 1].monday.year() {
                    (label(&bar.monday.year().to_string(), (middle, FLOOR + 28.0)))
                }
            }
            line.axis x1="0" y1=(units(FLOOR)) x2=(WIDTH) y2=(units(FLOOR)) {}
        }
    }
}

/// A bar in two parts, one before the other.
fn column(bar: &Bar, (middle, width): (f64, f64), (most, words): (f64, HtmlWords)) -> Markup {
    let part = |length: f64| {
        let height = TALL * length / most;
        [middle - width / 2.0, FLOOR - height, width, height].map(units)
    };
    let ([x, y, width, height], [_, our_y, _, our_height]) = (part(bar.whole), part(bar.ours));
    html! {
        g {
            title {
                @if bar.is_whole { (words.week_from()) } @else { (words.part_of_week_from()) } " "
                (bar.monday) ": " (bar.text)
            }
            rect.theirs x=(x) y=(y) width=(width) height=(height) {}
            rect.ours x=(x) y=(our_y) width=(width) height=(our_height) {}
            @if !bar.is_whole {
                rect x=(x) y=(y) width=(width) height=(height) fill="url(#weeks-stripes)" {}
            }
        }
    }
}

/// Stripes that are seen on filled ground and on empty ground.
fn stripes() -> Markup {
    html! {
        pattern id="weeks-stripes" width="7" height="7" patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)" {
            line.gap x1="2" y1="0" x2="2" y2="7" {}
            line.stripe x1="2" y1="0" x2="2" y2="7" {}
        }
    }
}

fn label(text: &str, (middle, y): (f64, f64)) -> Markup {
    html! { text x=(units(middle)) y=(units(y)) text-anchor="middle" { (text) } }
}

/// The greatest width of a text.
fn letters(text: &str) -> f64 {
    as_number(text.chars().count()) * LETTER
}

/// Every n-th bar has a label, so that labels with this ratio of width to room do not touch.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small positive number"
)]
fn every(ratio: f64) -> usize {
    ratio.ceil().max(1.0) as usize
}

/// The drawing in words, for screen readers.
fn description(bars: &[Bar], words: HtmlWords) -> String {
    let by_height = |one: &&Bar, other: &&Bar| one.whole.total_cmp(&other.whole);
    let (most, least) = (bars.iter().rev().max_by(by_height), bars.iter().min_by(by_height));
    let Some((most, least)) = most.zip(least) else { return words.no_week().to_owned() };
    let [most_at, least_at] = [most, least].map(|bar| bar.monday.to_string());
    words.weeks_in_short(&most.text, &most_at, &least.text, &least_at)
}

/// A position in the drawing, to a tenth of a unit.
fn units(length: f64) -> String {
    format!("{length:.1}")
}

#[expect(clippy::cast_precision_loss, reason = "there are few weeks")]
fn as_number(count: usize) -> f64 {
    count as f64
}
