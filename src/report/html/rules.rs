//! Draws the firings of each rule: due, come true, and the rest.

use maud::{Markup, html};

use super::Origin;
use super::parts::{amounts, stacked, words};
use crate::report::{Report, RuleReport, number};

pub(super) fn rules(report: &Report, origin: &Origin<'_>) -> Markup {
    let rows: Vec<_> = report.rules.iter().map(|rule| row(rule, origin)).collect();
    let say = origin.words();
    let columns = [
        words(say.rule()),
        amounts(say.due()),
        amounts(say.came_true()),
        words(say.did_not()),
        words(say.besides()),
        words(say.servers()),
    ];
    html! {
        section {
            h2 { (say.rules()) }
            @if rows.is_empty() {
                p { (say.no_rule()) }
            } @else {
                (stacked(say.firings_of_rules(), &columns, &rows))
            }
        }
    }
}

fn row(rule: &RuleReport, origin: &Origin<'_>) -> Vec<Markup> {
    let (firings, language) = (&rule.firings, origin.language);
    let short = firings.shortfalls(language);
    let outcomes = [rule.ends.shortfalls(language), rule.ends.besides(language)].concat();
    vec![
        html! { (origin.rule(&rule.rule)) span.small { (rule.action.in_language(language)) } },
        html! { (number(firings.due)) },
        html! { (number(firings.came_true)) },
        html! { @if !short.is_empty() { span.bad { (short.join(", ")) } } },
        html! { (firings.besides(language).join(", ")) },
        html! { (outcomes.join(", ")) },
    ]
}
