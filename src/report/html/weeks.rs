//! What each week saved; where no price is known, how many server-hours were off in it.

use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};

use super::parts::numbers;
use crate::harmless::harmless;
use crate::report::figures::saved;
use crate::report::{Report, WeekReport, hours, hours_text, money};

/// In units of the drawing, of which a phone shows about one a pixel.
const WIDTH: u32 = 360;
const TOP: f64 = 16.0;
/// How high the highest bar is.
const TALL: f64 = 100.0;
const FLOOR: f64 = TOP + TALL;
const HEIGHT: u32 = 160;
/// No bar is wider.
const WIDEST: f64 = 28.0;
/// How many weeks have a label, and how many bars a number above them.
const MOST_LABELS: usize = 7;

/// What the bars are of.
#[derive(Clone, Copy, Debug)]
enum Measure<'r> {
    /// Money, in this currency.
    Money(&'r str),
    /// Server-hours off.
    Hours,
}

/// A week as it is drawn: all of it, and the part of it that is our doing.
#[derive(Clone, Debug)]
struct Bar {
    monday: NaiveDate,
    whole: f64,
    ours: f64,
    text: String,
}

impl<'r> Measure<'r> {
    fn of(report: &'r Report) -> Self {
        let total = &report.total;
        let is_priced = total.saved.unpriced < total.spent.off;
        report.currency.as_deref().filter(|_| is_priced).map_or(Self::Hours, Self::Money)
    }

    fn bar(self, week: &WeekReport) -> Bar {
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
        Bar { monday: week.monday, whole: whole.max(0.0), ours, text }
    }

    fn title(self) -> String {
        match self {
            Self::Money(currency) => format!("Saved by week, in {}", harmless(currency)),
            Self::Hours => "Server-hours off by week".to_owned(),
        }
    }
}

/// A bar a week, and the same in numbers.
pub(super) fn weeks(report: &Report) -> Markup {
    let measure = Measure::of(report);
    let bars: Vec<Bar> = report.weeks.iter().map(|week| measure.bar(week)).collect();
    if bars.iter().all(|bar| bar.whole <= 0.0) {
        return html! {};
    }
    html! {
        section {
            h2 { (measure.title()) }
            figure {
                (drawing(measure, &bars))
                figcaption.small {
                    "Filled: by lightsout. Outlined: by others. "
                    "A week begins on Monday; the first and the last may be cut short."
                    @if matches!(measure, Measure::Money(_)) && report.total.unpriced > 0 {
                        " What is off at an unknown price is missing."
                    }
                }
            }
            details {
                summary { "The same in numbers" }
                (table(report))
            }
        }
    }
}

fn table(report: &Report) -> Markup {
    let currency = report.currency.as_deref();
    let mut heads =
        ["Week from", "Hours off", "by lightsout", "unknown"].map(str::to_owned).to_vec();
    heads.extend(currency.map(|currency| format!("Saved, {}", harmless(currency))));
    let row = |week: &WeekReport| {
        let spent = &week.spent;
        let mut row = vec![week.monday.to_string()];
        row.extend([spent.off, spent.off_by_us, spent.unknown].map(hours_text));
        row.extend(currency.map(|currency| saved(&week.saved, spent, currency)));
        row
    };
    let rows: Vec<Vec<String>> = report.weeks.iter().map(row).collect();
    numbers("Server-hours of each week", &heads, &rows)
}

fn drawing(measure: Measure<'_>, bars: &[Bar]) -> Markup {
    let count = bars.len().max(1);
    let room = f64::from(WIDTH) / as_number(count);
    let width = (room * 0.7).min(WIDEST);
    let most = bars.iter().map(|bar| bar.whole).fold(f64::MIN_POSITIVE, f64::max);
    let every = count.div_ceil(MOST_LABELS);
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) }
            role="img" aria-labelledby="weeks-title weeks-desc" {
            title id="weeks-title" { (measure.title()) }
            desc id="weeks-desc" { (description(bars)) }
            @for (place, bar) in bars.iter().enumerate() {
                @let middle = room * (as_number(place) + 0.5);
                @let (ours, whole) = (TALL * bar.ours / most, TALL * bar.whole / most);
                g {
                    title { "Week from " (bar.monday) ": " (bar.text) }
                    rect.theirs x=(units(middle - width / 2.0)) y=(units(FLOOR - whole))
                        width=(units(width)) height=(units(whole)) {}
                    rect.ours x=(units(middle - width / 2.0)) y=(units(FLOOR - ours))
                        width=(units(width)) height=(units(ours)) {}
                }
                @if place % every == 0 {
                    text x=(units(middle)) y=(units(FLOOR - whole - 5.0)) text-anchor="middle" {
                        (bar.text)
                    }
                    text x=(units(middle)) y=(units(FLOOR + 14.0)) text-anchor="middle" {
                        (bar.monday.format("%m-%d"))
                    }
                }
                @if place == 0 || bar.monday.year() != bars[place - 1].monday.year() {
                    text x=(units(middle)) y=(units(FLOOR + 28.0)) text-anchor="middle" {
                        (bar.monday.year())
                    }
                }
            }
            line.axis x1="0" y1=(units(FLOOR)) x2=(WIDTH) y2=(units(FLOOR)) {}
        }
    }
}

/// What the drawing shows, for those who do not see it.
fn description(bars: &[Bar]) -> String {
    let by_height = |one: &&Bar, other: &&Bar| one.whole.total_cmp(&other.whole);
    let (most, least) = (bars.iter().rev().max_by(by_height), bars.iter().min_by(by_height));
    match (most, least) {
        (Some(most), Some(least)) => format!(
            "Most in the week from {}, {}; least in the week from {}, {}. \
            All numbers are in the table below.",
            most.monday, most.text, least.monday, least.text
        ),
        _ => "There is no week.".to_owned(),
    }
}

/// A place in the drawing, to a tenth of a unit.
fn units(length: f64) -> String {
    format!("{length:.1}")
}

#[expect(clippy::cast_precision_loss, reason = "there are few weeks")]
fn as_number(count: usize) -> f64 {
    count as f64
}
