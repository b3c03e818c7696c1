//! Draws the firings of each rule: due, come true, and the rest.

use maud::{Markup, html};

use super::Origin;
use super::parts::{Column, amounts, stacked, words};
use crate::report::{Report, RuleReport, number};

const COLUMNS: [Column; 6] = [
    words("Rule"),
    amounts("Due"),
    amounts("Came true"),
    words("Did not"),
    words("Besides"),
    words("Servers"),
];

pub(super) fn rules(report: &Report, origin: &Origin<'_>) -> Markup {
    let rows: Vec<_> = report.rules.iter().map(|rule| row(rule, origin)).collect();
    html! {
        section {
            h2 { "Rules" }
            @if rows.is_empty() {
                p { "No rule had anything to do in this time." }
            } @else {
                (stacked("Firings of each rule, and what became of servers in them", &COLUMNS, &rows))
            }
        }
    }
}

fn row(rule: &RuleReport, origin: &Origin<'_>) -> Vec<Markup> {
    let firings = &rule.firings;
    let short = firings.shortfalls();
    let outcomes = [rule.ends.shortfalls(), rule.ends.besides()].concat();
    vec![
        html! { (origin.rule(&rule.rule)) span.small { (rule.action.as_str()) } },
        html! { (number(firings.due)) },
        html! { (number(firings.came_true)) },
        html! { @if !short.is_empty() { span.bad { (short.join(", ")) } } },
        html! { (firings.besides().join(", ")) },
        html! { (outcomes.join(", ")) },
    ]
}
