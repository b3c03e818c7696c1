//! `lightsout plan`: what each rule would do now. Reads the cloud, sends nothing, writes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::listing::{self, Line, Listing, or_empty};
use super::{Exit, Global, next, output, progress, session};
use crate::clock::{Clock, SystemClock};
use crate::cloud::CloudError;
use crate::cloud::ncloud::Environment;
use crate::dispatch::Clouds;
use crate::instance::AccountName;
use crate::reading::Reading;
use crate::schedule::selector::TagQuestion;
use crate::schedule::{Rule, Schedules};
use crate::selection::{Selection, obstacle};

/// How long the cloud may take to be read.
const READ_PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Args)]
pub(super) struct Plan {
    /// Only this rule, enabled or not
    rule: Option<String>,
    #[command(flatten)]
    listing: Listing,
}

/// What would become of one instance.
#[derive(Clone, Debug, Serialize)]
struct PlanLine {
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
            match read(account, &clouds, &*clock, &questions).await {
                Ok(reading) => {
                    for rule in rules {
                        exit = exit.max(plan(rule, &schedules, &reading, &mut lines));
                    }
                }
                Err(error) => {
                    let message = format!("could not read account `{account}`: {error}");
                    output::warn(&message, output::about_cloud(&error));
                    exit = Exit::CloudFailed;
                }
            }
        }
        listing::print(self.listing.format, &lines, &HEADS, cells)?;
        Ok(exit)
    }
}

/// Reads an account, and says so meanwhile.
async fn read(
    account: &AccountName,
    clouds: &Clouds,
    clock: &dyn Clock,
    questions: &BTreeSet<TagQuestion>,
) -> Result<Reading, CloudError> {
    let reading = Reading::take(&clouds[account], clock, questions, clock.moment() + READ_PATIENCE);
    let (account, most) = (account.as_str(), progress::shown(READ_PATIENCE));
    progress::while_waiting(clock, reading, async |waited| {
        format!("listing account {account}, {} of {most}", progress::shown(waited))
    })
    .await
}

/// Shows on stderr what a rule would do, before it is asked about. Returns how many instances
/// would be stopped or started.
pub(super) async fn preview(
    rule: &Rule,
    schedules: &Schedules,
    clouds: &Clouds,
    clock: &dyn Clock,
) -> Result<usize, CloudError> {
    let questions = schedules.tag_questions([rule]);
    let reading = read(&rule.account, clouds, clock, &questions).await?;
    let mut lines = Vec::new();
    plan(rule, schedules, &reading, &mut lines);
    output::say(listing::as_table(&lines, &HEADS, cells).trim_end());
    Ok(lines.iter().filter(|line| line.would == rule.action.as_str()).count())
}

/// Plans one rule; says what a firing would end as, where a guard would send nothing.
fn plan(rule: &Rule, schedules: &Schedules, reading: &Reading, lines: &mut Vec<PlanLine>) -> Exit {
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

const HEADS: [&[&str]; 3] =
    [&["rule", "region"], &["instance", "name", "status", "operation", "would"], &["reason"]];

fn cells(line: &PlanLine) -> Vec<String> {
    vec![
        line.rule.clone(),
        line.region.clone(),
        line.instance_no.clone(),
        line.instance_name.clone(),
        line.status.clone(),
        line.operation.clone(),
        line.would.to_owned(),
        or_empty(line.reason.as_ref()),
    ]
}
