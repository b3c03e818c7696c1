//! `lightsout plan`: what each rule would do now. Reads the cloud, sends nothing, writes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::{Exit, Global, Listing, next, output, session};
use crate::clock::{Clock, SystemClock};
use crate::cloud::ncloud::Environment;
use crate::instance::AccountName;
use crate::reading::Reading;
use crate::schedule::{Rule, Schedules};
use crate::selection::{Selection, obstacle};

/// How long the cloud may take to be read.
pub(super) const READ_PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Only this rule
    rule: Option<String>,
    #[command(flatten)]
    listing: Listing,
}

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

impl Plan {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = session::read(global)?;
        let rules = next::rules(&schedules, self.rule.as_deref())?;
        let clock: Arc<dyn Clock> = SystemClock::new();
        let clouds = session::connect(&schedules, &Environment::of_process(), &clock)?;
        let mut accounts: BTreeMap<&AccountName, Vec<&Rule>> = BTreeMap::new();
        for rule in rules {
            accounts.entry(&rule.account).or_default().push(rule);
        }
        let mut lines = Vec::new();
        let mut exit = Exit::Ok;
        for (account, rules) in accounts {
            let questions = schedules.tag_questions(rules.iter().copied());
            let until = clock.moment() + READ_PATIENCE;
            let _wait = output::Progress::start(&format!("reading account {account}"));
            match Reading::take(&clouds[account], &*clock, &questions, until).await {
                Ok(reading) => {
                    for rule in rules {
                        exit = exit.max(plan(rule, &schedules, &reading, &mut lines));
                    }
                }
                Err(error) => {
                    output::warn(&format!("could not read account `{account}`: {error}"), None);
                    exit = Exit::CloudFailed;
                }
            }
        }
        show(&lines, self.listing.format)?;
        Ok(exit)
    }
}

/// Plans one rule; says what a firing would end as, where a guard would send nothing.
pub(super) fn plan(
    rule: &Rule,
    schedules: &Schedules,
    reading: &Reading,
    lines: &mut Vec<PlanLine>,
) -> Exit {
    let selection = Selection::of(rule, &schedules.protect, reading);
    for found in &selection.matches {
        let instance = found.instance;
        let kept = found.judgement.reason().map(ToOwned::to_owned);
        let reason = kept.or_else(|| obstacle(instance, rule.action));
        let would = match &reason {
            Some(_) => "skip",
            None if instance.is_at_goal_of(rule.action) => "already",
            None => rule.action.as_str(),
        };
        lines.push(PlanLine {
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
        });
    }
    let mut exit = Exit::Ok;
    for (region, error) in reading.unlisted.iter().chain(&reading.untagged) {
        output::warn(&format!("region {region} could not be read: {error}"), None);
        exit = Exit::CloudFailed;
    }
    let strangers: Vec<String> = reading.strangers.iter().map(ToString::to_string).collect();
    if !strangers.is_empty() {
        let message = format!("tagged, but not in the server list: {}", strangers.join(", "));
        output::warn(&message, Some("such instances are left alone"));
    }
    let chosen = selection.chosen().count();
    if selection.matches.is_empty() {
        warn_nothing_matched(rule);
    } else if chosen > usize::try_from(rule.max_instances).unwrap_or(usize::MAX) {
        let message = format!(
            "rule `{}` is about {chosen} instances, max_instances = {}: a firing would send nothing",
            rule.name, rule.max_instances
        );
        output::warn(&message, Some("narrow `select`, or raise `max_instances` on the rule"));
        exit = exit.max(Exit::Guarded);
    }
    exit
}

/// Warns of a rule that matches nothing.
pub(super) fn warn_nothing_matched(rule: &Rule) {
    let message = format!("rule `{}` matched no instance", rule.name);
    let hint = rule.select.tags.first().map(|tag| {
        format!(
            "no instance has tag `{}={}`; `lightsout plan {}` shows what was looked at",
            tag.key, tag.value, rule.name
        )
    });
    output::warn(&message, hint.as_deref());
}

/// Prints a plan.
pub(super) fn show(lines: &[PlanLine], format: output::Format) -> anyhow::Result<()> {
    let heads = ["rule", "region", "instance", "name", "status", "operation", "would", "reason"];
    output::listing(format, lines, &heads, |line| {
        vec![
            line.rule.clone(),
            line.region.clone(),
            line.instance_no.clone(),
            line.instance_name.clone(),
            line.status.clone(),
            line.operation.clone(),
            line.would.to_owned(),
            line.reason.clone().unwrap_or_default(),
        ]
    })
}
