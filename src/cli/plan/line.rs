//! One instance in a plan, and the guard's effect on the whole.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::listing::{Columns, column, optional, painted};
use crate::cli::paint::Painted;
use crate::hold::Hold;
use crate::model::instance::Action;
use crate::model::mark::Mark;
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::schedule::{Rule, beside};
use crate::select::decide::{Decision, Facts, decide};
use crate::select::eligibility::Selection;

/// What a rule would do now with one server that `select` matches.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(in super::super) struct PlanLine {
    rule: String,
    #[schemars(with = "Action")]
    action: String,
    account: String,
    region: String,
    instance_no: String,
    instance_name: String,
    /// The API's code of its status now, such as `RUN`.
    status: String,
    /// The API's code of what goes on with it; `NULL` for nothing.
    operation: String,
    /// What would be done: `already` where there is nothing to do, `skip` for a `reason`.
    #[schemars(extend("x-words" = ["stop", "start", "already", "skip"]))]
    would: &'static str,
    /// Why it would be skipped, in words.
    reason: Option<String>,
    reason_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    #[serde(skip)]
    mark: Mark,
}

impl PlanLine {
    /// `guard`: the reason why the whole firing would send nothing.
    fn of(rule: &Rule, decision: &Decision<'_, Hold>, guard: Option<&Reason>) -> Self {
        let instance = decision.instance;
        let reason = match &decision.against {
            None => guard.cloned(),
            Some(against) => against.reason(rule),
        };
        let would = match (&reason, &decision.against) {
            (Some(_), _) => "skip",
            (None, Some(_)) => "already",
            (None, None) => rule.action.as_str(),
        };
        let mark = match (&reason, &decision.against) {
            (Some(reason), _) => Outcome::Skipped.mark(Some(reason)),
            (None, Some(_)) => Outcome::Already.mark(None),
            (None, None) => Mark::Good,
        };
        Self {
            mark,
            rule: rule.name.to_string(),
            action: rule.action.to_string(),
            account: rule.account.to_string(),
            region: instance.region.to_string(),
            instance_no: instance.no.to_string(),
            instance_name: instance.name.clone(),
            status: instance.status.to_string(),
            operation: instance.operation.to_string(),
            would,
            reason: reason.as_ref().map(ToString::to_string),
            about: rule.about.as_deref().map(ToOwned::to_owned),
            reason_code: reason.and_then(|reason| reason.code()),
        }
    }

    /// Whether a request for it would be sent.
    pub(super) fn is_asked(&self) -> bool {
        self.would == self.action
    }
}

/// A line for each instance that the rule matches.
pub(super) fn lines_of(
    rule: &Rule,
    selection: &Selection<'_>,
    facts: &Facts<Hold>,
    guard: Option<&Reason>,
) -> Vec<PlanLine> {
    let decisions = decide(rule, &selection.matches, facts);
    decisions.iter().map(|decision| PlanLine::of(rule, decision, guard)).collect()
}

/// `in all: 6 stop, 1 skip`. A server that two rules match counts twice.
pub(super) fn sum(lines: &[PlanLine]) -> String {
    let mut counts = BTreeMap::new();
    for line in lines {
        *counts.entry(line.would).or_insert(0_u64) += 1;
    }
    let parts: Vec<_> = counts.iter().map(|(would, count)| format!("{count} {would}")).collect();
    if parts.is_empty() { String::new() } else { format!("in all: {}", parts.join(", ")) }
}

pub(super) fn columns<'c>() -> Columns<'c, PlanLine> {
    vec![
        vec![
            column("rule", |line: &PlanLine| beside(&line.rule, line.about.as_deref())),
            column("action", |line: &PlanLine| line.action.clone()),
            column("region", |line: &PlanLine| line.region.clone()),
        ],
        vec![
            column("instance", |line: &PlanLine| line.instance_no.clone()),
            column("name", |line: &PlanLine| line.instance_name.clone()),
            column("status", |line: &PlanLine| line.status.clone()),
            column("operation", |line: &PlanLine| line.operation.clone()),
            painted("would", |line: &PlanLine| Painted::marked(line.mark, line.would)),
        ],
        vec![optional("reason", |line: &PlanLine| line.reason.as_ref())],
    ]
}
