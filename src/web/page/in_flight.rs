//! Draws the firings under way: one row each, with its sum so far and its time.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};

use super::frame::Look;
use super::parts::table;
use crate::audit::{FiringSummary, HistoryLine};
use crate::model::outcome_sum::OutcomeSum;
use crate::schedule::{Rule, Schedules};

/// The most firings with a row.
const MOST_ROWS: usize = 100;

/// What the rows are made of.
#[derive(Clone, Copy)]
pub(super) struct UnderWay<'a> {
    /// The rules in use; `None`: they cannot be read.
    pub(super) schedules: Option<&'a Schedules>,
    /// The open lines.
    pub(super) lines: &'a [HistoryLine],
    pub(super) firings: &'a [FiringSummary],
}

/// Nothing when nothing is under way.
pub(super) fn in_flight(look: Look, under_way: UnderWay<'_>) -> Markup {
    let words = look.words;
    let mut open: BTreeMap<i64, Vec<&HistoryLine>> = BTreeMap::new();
    for line in under_way.lines {
        open.entry(line.firing).or_default().push(line);
    }
    let row = |(firing, lines): (&i64, &Vec<&HistoryLine>)| {
        let mut sum = OutcomeSum::default();
        let summaries = under_way.firings.iter();
        let of_firing = summaries.filter(|summary| i64::from(summary.firing) == *firing);
        for ((outcome, _), times) in of_firing.flat_map(|summary| &summary.counts) {
            sum.add(outcome.is_of_server(), Some(*outcome), *times);
        }
        for line in lines {
            sum.add(line.instance_no.is_some(), None, 1);
        }
        let first = lines[0];
        let sum = sum.in_language(words.0);
        vec![
            html! {
                (look.rule(&first.rule, &first.action)) " "
                a href={ "/firings/" (firing) } { (words.firing(*firing)) }
            },
            html! { @if sum.is_empty() { (words.listing_servers()) } @else { (sum) } },
            html! { (time(look, under_way, first)) },
        ]
    };
    let rows: Vec<Vec<Markup>> = open.iter().rev().take(MOST_ROWS).map(row).collect();
    html! {
        @if !open.is_empty() {
            section {
                h2 { (words.in_flight()) }
                (table(
                    words.in_flight(),
                    &[words.rule(), words.servers_so_far(), words.since_its_begin()],
                    &rows,
                ))
                @if open.len() > rows.len() { p { (words.more_in_flight(open.len() - rows.len())) } }
            }
        }
    }
}

/// `0:48 of 10:00 min`; without the patience where the rule is gone.
fn time(look: Look, under_way: UnderWay<'_>, line: &HistoryLine) -> String {
    let Ok(begun) = line.started_at.parse::<DateTime<Utc>>() else { return String::new() };
    let spent = clock((look.now - begun).max(TimeDelta::zero()));
    let rules = under_way.schedules.iter().flat_map(|schedules| &schedules.rules);
    let is_its_rule = |rule: &&std::sync::Arc<Rule>| {
        rule.name.as_str() == line.rule && rule.action.as_str() == line.action
    };
    let patience = rules.filter(is_its_rule).map(|rule| rule.patience).next();
    let patience = patience.and_then(|patience| TimeDelta::from_std(patience).ok());
    match patience {
        None => spent,
        Some(most) if most < TimeDelta::hours(1) => look.words.of_minutes(&spent, &clock(most)),
        Some(most) => look.words.of_patience(&spent, &clock(most)),
    }
}

/// `0:48`, `10:00`, `1:02:03`.
fn clock(length: TimeDelta) -> String {
    let (hours, minutes, seconds) =
        (length.num_hours(), length.num_minutes() % 60, length.num_seconds() % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_shown_as_on_a_clock() {
        for (seconds, shown) in [(0, "0:00"), (48, "0:48"), (600, "10:00"), (3_723, "1:02:03")] {
            assert_eq!(clock(TimeDelta::seconds(seconds)), shown);
        }
    }
}
