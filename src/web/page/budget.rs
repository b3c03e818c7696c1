//! Draws the stop budget of an instance on its page. `stop_limit` computes it.

use maud::{Markup, html};

use super::frame::Look;
use super::parts::facts;
use crate::schedule::budget::spent::Spent;
use crate::schedule::budget::{Budget, Limit};
use crate::stop_limit::{Forecast, InstanceBudget, days};

/// One entry for each account that has seen the instance.
pub(super) fn budget(look: Look, limits: &Budget, entries: &[InstanceBudget<'_>]) -> Markup {
    let words = look.words;
    html! {
        @if !entries.is_empty() {
            details #budget {
                summary { (words.budget()) }
                @for entry in entries { (facts(&stands(look, limits, entry))) }
                p { (words.unconfirmed()) }
            }
        }
    }
}

fn stands(look: Look, limits: &Budget, entry: &InstanceBudget<'_>) -> [(&'static str, Markup); 4] {
    let (words, standing) = (look.words, &entry.standing);
    let spent = |spent: Spent, limit: Limit| {
        let (days, most) = (days(spent.at_least()), limits.days(limit));
        let told = match spent {
            Spent::Known(_) => words.days_of(days, most),
            Spent::Unknown { .. } => words.at_least_of(days, most),
        };
        html! { (told) }
    };
    [
        (words.in_a_row(), spent(standing.in_a_row, Limit::InARow)),
        (words.in_12_months(), spent(standing.in_12_months, Limit::In12Months)),
        (words.passes(), html! { (passes(look, &entry.forecast)) }),
        (words.as_of(), look.near(standing.at)),
    ]
}

fn passes(look: Look, forecast: &Forecast) -> String {
    let words = look.words;
    match forecast {
        Forecast::Passed(_) => words.passed().to_owned(),
        Forecast::Passes(passing) => {
            let day = look.zone.local(passing.at).date().to_string();
            if passing.at_the_latest { words.passes_by(&day) } else { words.passes_on(&day) }
        }
        Forecast::Never => words.passes_never().to_owned(),
        Forecast::Unknown(_) => words.passes_unknown().to_owned(),
    }
}
