//! One instance in a plan, and what a guard makes of the whole.

use serde::Serialize;

use super::super::listing::{Line, or_empty};
use crate::hold::{Hold, Whom, binding};
use crate::schedule::Rule;
use crate::selection::{Match, Selection, obstacle};

/// What would become of one instance.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PlanLine {
    rule: String,
    action: String,
    account: String,
    region: String,
    instance_no: String,
    instance_name: String,
    status: String,
    operation: String,
    would: &'static str,
    reason: Option<String>,
}

impl Line for PlanLine {
    const KEYS: &'static [&'static str] = &[
        "rule",
        "action",
        "account",
        "region",
        "instance_no",
        "instance_name",
        "status",
        "operation",
        "would",
        "reason",
    ];
}

impl PlanLine {
    fn of(rule: &Rule, found: &Match<'_>, guard: Option<&str>, holds: &[Hold]) -> Self {
        let instance = found.instance;
        let kept = found.judgement.reason().map(ToOwned::to_owned);
        let is_there = instance.is_at_goal_of(rule.action);
        let Rule { name, account, .. } = rule;
        let whom = Whom { rule: name, account, no: &instance.no, name: &instance.name };
        let hold = binding(holds, whom).filter(|_| !is_there);
        let left_alone = || hold.map(|hold| hold.reason(rule.timezone));
        let guarded = || guard.filter(|_| !is_there).map(ToOwned::to_owned);
        let reason = kept.or_else(left_alone).or_else(|| obstacle(instance, rule.action));
        let reason = reason.or_else(guarded);
        let would = match &reason {
            Some(_) => "skip",
            None if is_there => "already",
            None => rule.action.as_str(),
        };
        Self {
            rule: rule.name.to_string(),
            action: rule.action.to_string(),
            account: rule.account.to_string(),
            region: instance.region.to_string(),
            instance_no: instance.no.to_string(),
            instance_name: instance.name.clone(),
            status: instance.status.to_string(),
            operation: instance.operation.to_string(),
            would,
            reason,
        }
    }

    /// Whether the rule's action would be asked for.
    pub(super) fn is_asked(&self) -> bool {
        self.would == self.action
    }
}

/// A line for each instance that the rule matches. `guard` is what keeps the whole firing back,
/// `holds` are those in force.
pub(super) fn lines_of(
    rule: &Rule,
    selection: &Selection<'_>,
    guard: Option<&str>,
    holds: &[Hold],
) -> Vec<PlanLine> {
    selection.matches.iter().map(|found| PlanLine::of(rule, found, guard, holds)).collect()
}

pub(super) const HEADS: [&[&str]; 3] = [
    &["rule", "action", "region"],
    &["instance", "name", "status", "operation", "would"],
    &["reason"],
];

pub(super) fn cells(line: &PlanLine) -> Vec<String> {
    vec![
        line.rule.clone(),
        line.action.clone(),
        line.region.clone(),
        line.instance_no.clone(),
        line.instance_name.clone(),
        line.status.clone(),
        line.operation.clone(),
        line.would.to_owned(),
        or_empty(line.reason.as_ref()),
    ]
}
