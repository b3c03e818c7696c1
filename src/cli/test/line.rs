//! One expectation and what is foreseen for it, in words.

use serde::Serialize;

use super::super::listing::{Line, or_empty};
use crate::schedule::expect::Expectation;
use crate::schedule::foresight::{Foresight, LOOK_BACK, LastFiring, Outlook, Restraint};
use crate::schedule::times::Skipped;
use crate::schedule::{Rule, Schedules};

/// How many rules that do not act are named.
const MOST_NAMED: usize = 3;

/// What became of one expectation.
#[derive(Clone, Debug, Serialize)]
pub(super) struct TestLine {
    pub(super) line: usize,
    pub(super) at: String,
    account: String,
    pub(super) instance: String,
    pub(super) expected: &'static str,
    /// A state, or `undecided`.
    would_be: &'static str,
    pub(super) holds: bool,
    /// The rule that makes it so.
    rule: Option<String>,
    /// When that rule last fired, in its local time.
    fired_at: Option<String>,
    reason: String,
    because: Option<String>,
}

impl Line for TestLine {
    const KEYS: &'static [&'static str] = &[
        "line", "at", "account", "instance", "expected", "would_be", "holds", "rule", "fired_at",
        "reason", "because",
    ];
}

pub(super) const HEADS: [&[&str]; 3] =
    [&["line", "at", "instance"], &["expected", "would be"], &["why"]];

impl TestLine {
    pub(super) fn of(expectation: &Expectation, schedules: &Schedules) -> Self {
        let foresight = expectation.foresee(schedules);
        let state = foresight.outlook.state();
        let last = match &foresight.outlook {
            Outlook::Left(last) => Some(last),
            Outlook::Torn { .. } | Outlook::Untouched => None,
        };
        Self {
            line: expectation.line,
            at: schedules.timezone.show(expectation.at).to_rfc3339(),
            account: expectation.account.to_string(),
            instance: expectation.instance.name.clone(),
            expected: expectation.state.as_str(),
            would_be: state.map_or("undecided", |state| state.as_str()),
            holds: state == Some(expectation.state),
            rule: last.map(|last| last.rule.name.to_string()),
            fired_at: last.map(|last| local(last)),
            reason: reason(&foresight),
            because: expectation.because.clone(),
        }
    }

    pub(super) fn cells(&self) -> Vec<String> {
        vec![
            self.line.to_string(),
            self.at.clone(),
            self.instance.clone(),
            self.expected.to_owned(),
            self.would_be.to_owned(),
            self.why(),
        ]
    }

    /// Why it would be so, and what it was expected for.
    pub(super) fn why(&self) -> String {
        let because = self.because.as_ref().map(|because| format!("; expected because: {because}"));
        format!("{}{}", self.reason, or_empty(because.as_ref()))
    }

    /// The expectation in a few words.
    pub(super) fn title(&self) -> String {
        format!("{} is {} at {}", self.instance, self.expected, self.at)
    }

    /// What would be instead.
    pub(super) fn verdict(&self) -> String {
        format!("it would be {}", self.would_be)
    }
}

fn local(last: &LastFiring<'_>) -> String {
    last.rule.timezone.show(last.occurrence.at).to_rfc3339()
}

/// Which rules make it so, and which do not act.
fn reason(foresight: &Foresight<'_>) -> String {
    let acts = |last: &LastFiring<'_>| format!("`{}` {}s it", last.rule.name, last.rule.action);
    let made = match &foresight.outlook {
        Outlook::Left(last) => {
            let note = last.occurrence.note.map(|note| format!(" ({note})"));
            format!("{} at {}{}", acts(last), local(last), or_empty(note.as_ref()))
        }
        Outlook::Torn { stop, start } => {
            let (stops, starts) = (acts(stop), acts(start));
            format!("{stops} and {starts}, both at {}", local(stop))
        }
        Outlook::Untouched => {
            format!("no rule acts on it in the {} days before", LOOK_BACK.num_days())
        }
    };
    let restrained = &foresight.restrained;
    let named = restrained.iter().take(MOST_NAMED).map(|(rule, why)| restraint(rule, *why));
    let others = match restrained.len().saturating_sub(MOST_NAMED) {
        0 => None,
        1 => Some("1 more rule does not act".to_owned()),
        others => Some(format!("{others} more rules do not act")),
    };
    let parts: Vec<String> = std::iter::once(made).chain(named).chain(others).collect();
    parts.join("; ")
}

fn restraint(rule: &Rule, why: Restraint<'_>) -> String {
    let (name, action) = (&rule.name, rule.action);
    match why {
        Restraint::Protected => format!("`[protect]` keeps `{name}` from it"),
        Restraint::Excepted => format!("`except` of `{name}` leaves it out"),
        Restraint::Disabled => format!("`{name}` would {action} it, but is disabled"),
        Restraint::DryRun => format!("`{name}` would {action} it, but is a dry run"),
        Restraint::NotOurs => {
            format!("`{name}` starts only what lightsout stopped, and no rule stops it before")
        }
        Restraint::Holiday(Skipped { occurrence, skip }) => {
            let at = rule.timezone.show(occurrence.at).to_rfc3339();
            format!("`{name}` would {action} it at {at}, but that is skipped: {skip}")
        }
    }
}
