//! Every filter of `history` alone, and every two of them together.

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::audit::{HistoryFilter, Wanted};
use lightsout::model::instance::Action;
use lightsout::model::outcome::Outcome;

use super::company::{DISSOLVED, name, number, rule_name};
use super::writing::Written;

/// One filter and how it is called.
type Named = (&'static str, HistoryFilter);

/// No filter, as `lightsout history` asks: one more than is shown.
pub(crate) fn none() -> HistoryFilter {
    HistoryFilter { limit: 51, ..HistoryFilter::default() }
}

/// The filters on one thing each, by what they are on.
pub(crate) fn single(log: Written) -> [Vec<Named>; 4] {
    let rule = |name: String| HistoryFilter { rule: Some(name), ..none() };
    let instance = |no: String| HistoryFilter { instance: Some(no), ..none() };
    let outcome = |outcome| HistoryFilter { outcomes: vec![Wanted::Outcome(outcome)], ..none() };
    let between = |since: DateTime<Utc>, until: DateTime<Utc>| HistoryFilter {
        since: Some(since),
        until: Some(until),
        ..none()
    };
    // A month, a fifth into the log: three to four years back in the full one.
    let back = log.from + (log.to - log.from) / 5;
    let month = between(back, back + TimeDelta::days(30));
    [
        vec![
            ("rule", rule(rule_name(3, Action::Stop))),
            ("rule of a dissolved team", rule(rule_name(DISSOLVED, Action::Stop))),
            ("rule that never was", rule("no-such-rule".to_owned())),
        ],
        vec![
            ("instance", instance(number(3, 7, log.days))),
            ("instance returned long ago", instance(number(3, 8, 0))),
            ("name", instance(name(3, 7))),
            ("name of a dissolved team", instance(name(DISSOLVED, 7))),
            ("instance that nobody has", instance("99999999".to_owned())),
        ],
        vec![
            ("common outcome", outcome(Outcome::Stopped)),
            ("rare outcome (refused)", outcome(Outcome::Refused)),
            ("rarest outcome (unknown)", outcome(Outcome::Unknown)),
            ("outcome that never was (dry_run)", outcome(Outcome::DryRun)),
            ("outcome of whole firings (missed)", outcome(Outcome::Missed)),
        ],
        vec![
            (
                "since two days ago",
                HistoryFilter { since: Some(log.to - TimeDelta::days(2)), ..none() },
            ),
            ("since the beginning", HistoryFilter { since: Some(log.from), ..none() }),
            ("until a fifth of the log", HistoryFilter { until: Some(back), ..none() }),
            ("a month, a fifth into the log", month),
            (
                "a time before the log",
                HistoryFilter { until: Some(log.from - TimeDelta::days(1)), ..none() },
            ),
        ],
    ]
}

/// Every two filters on different things.
pub(crate) fn pairs(log: Written) -> Vec<(String, HistoryFilter)> {
    let all = single(log);
    let mut pairs = Vec::new();
    for (at, ones) in all.iter().enumerate() {
        for others in &all[at + 1..] {
            for (one, a) in ones {
                pairs.extend(
                    others.iter().map(|(other, b)| (format!("{one} + {other}"), both(a, b))),
                );
            }
        }
    }
    pairs
}

fn both(a: &HistoryFilter, b: &HistoryFilter) -> HistoryFilter {
    HistoryFilter {
        rule: a.rule.clone().or_else(|| b.rule.clone()),
        instance: a.instance.clone().or_else(|| b.instance.clone()),
        outcomes: [&*a.outcomes, &*b.outcomes].concat(),
        since: a.since.or(b.since),
        until: a.until.or(b.until),
        after: None,
        limit: a.limit,
    }
}
