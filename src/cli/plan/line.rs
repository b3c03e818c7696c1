//! One instance in a plan, and the guard's effect on the whole.

use std::collections::HashMap;

use serde::Serialize;

use crate::cli::listing::{Columns, Line, column, optional};
use crate::hold::{Hold, RuleInstance, binding};
use crate::model::instance::InstanceNo;
use crate::model::reason::Reason;
use crate::schedule::{Rule, beside};
use crate::select::eligibility::{Match, Selection, obstacle};

/// The fate of one instance.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    /// The word of programs for the reason.
    reason_code: Option<&'static str>,
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
        "about",
        "reason_code",
    ];
}

impl PlanLine {
    fn of(rule: &Rule, found: &Match<'_>, against: Against<'_>) -> Self {
        let instance = found.instance;
        let kept = found.eligibility.reason();
        let is_there = instance.is_at_goal_of(rule.action);
        let left = || against.left_alone.get(&instance.no).filter(|_| !is_there).cloned();
        let Rule { name, account, .. } = rule;
        let whom = RuleInstance { rule: name, account, no: &instance.no, name: &instance.name };
        let hold = binding(against.holds, whom).filter(|_| !is_there);
        let until = || hold.map(|hold| hold.reason(rule.timezone));
        let guarded = || against.guard.filter(|_| !is_there).cloned();
        let reason = kept.or_else(left).or_else(until);
        let reason = reason.or_else(|| obstacle(instance, rule.action)).or_else(guarded);
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

/// The obstacles to acting, for all instances or for some.
#[derive(Clone, Copy)]
pub(super) struct Against<'a> {
    /// The guard that would stop the whole firing.
    pub(super) guard: Option<&'a Reason>,
    /// The instances excluded by earlier actions, with the reasons.
    pub(super) left_alone: &'a HashMap<InstanceNo, Reason>,
    pub(super) holds: &'a [Hold],
}

/// A line for each instance that the rule matches.
pub(super) fn lines_of(
    rule: &Rule,
    selection: &Selection<'_>,
    against: Against<'_>,
) -> Vec<PlanLine> {
    selection.matches.iter().map(|found| PlanLine::of(rule, found, against)).collect()
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
            column("would", |line: &PlanLine| line.would.to_owned()),
        ],
        vec![optional("reason", |line: &PlanLine| line.reason.as_ref())],
    ]
}
