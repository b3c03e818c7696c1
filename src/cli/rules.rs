//! `lightsout rules`: lists the rules, or tells everything about one.

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use clap_complete::ArgValueCandidates;
use schemars::JsonSchema;
use serde::Serialize;

use super::completions;
use super::firings::{self, FiringLine};
use super::hold::{HoldLine, Holding};
use super::listing::{self, Format, Listing, column, painted};
use super::local_time::Spoken;
use super::naming::RuleFlag;
use super::next::{self, NextLine};
use super::paint::Painted;
use super::session::LogPlace;
use super::{Exit, Global, output};
use crate::agenda::{RuleStory, last_results};
use crate::audit::{AuditError, AuditReader};
use crate::clock::{Clock, SystemClock};
use crate::model::instance::Action;
use crate::model::language::Language;
use crate::model::outcome::Outcome;
use crate::schedule::readback::{hours_in_words, selection_in_words};
use crate::schedule::{Rule, RuleEntry, Schedules, beside, edit};

/// The days of the coming firings.
const COMING: TimeDelta = TimeDelta::days(7);
const MOST_COMING: usize = 40;

const EXAMPLES: &str = "\
Examples:
  lightsout rules
  lightsout rules dev-nightly
  lightsout rules -o json";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Rules {
    /// Everything about this rule
    #[arg(value_name = "RULE", add = ArgValueCandidates::new(completions::rules))]
    rule: Option<String>,
    #[command(flatten)]
    named: RuleFlag,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    place: LogPlace,
}

/// A rule of the file. Times are in the rule's zone.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RuleLine {
    rule: String,
    about: Option<String>,
    enabled: bool,
    /// `disabled_since` of the rule: a day.
    #[schemars(extend("format" = "date"))]
    disabled_since: Option<String>,
    /// `disabled_because` of the rule.
    disabled_because: Option<String>,
    /// Whether it only rehearses.
    dry_run: bool,
    account: String,
    timezone: String,
    /// Its hours, or its cron, in words.
    hours: String,
    /// Which servers it selects, in words.
    servers: String,
    /// Its next firing; null where none comes, as of a disabled rule.
    next_at: Option<String>,
    #[schemars(with = "Option<Action>")]
    next_action: Option<&'static str>,
    /// Its last firing.
    last_firing: Option<i64>,
    last_at: Option<String>,
    /// The sum of the last firing, in words.
    last_result: Option<String>,
    /// The same with colours.
    #[serde(skip)]
    painted: Painted,
}

/// A server of the last firing that found any.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "last_server")]
struct ServerLine {
    account: String,
    instance_no: String,
    instance_name: String,
    /// Null while it is open.
    #[schemars(with = "Option<Outcome>")]
    outcome: Option<&'static str>,
    reason: Option<String>,
}

/// Everything about a rule.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WholeRule {
    #[serde(flatten)]
    line: RuleLine,
    /// Its lines of schedules.toml.
    text: Option<String>,
    /// The last firing that found servers.
    last_servers_at: Option<String>,
    /// The servers that this firing found.
    last_servers: Vec<ServerLine>,
    /// Its firings of the next seven days, as `next` prints them.
    coming: Vec<NextLine>,
    /// Its last firings, the newest first.
    results: Vec<FiringLine>,
    /// The holds that keep it as it is.
    holds: Vec<HoldLine>,
}

impl Rules {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = self.place.read(global)?;
        let now = SystemClock::new().now();
        let log = AuditReader::open_if_there(&schedules.audit.path).await?;
        let format = self.listing.format;
        let spoken = Spoken { zone: schedules.timezone, now };
        let Some(name) = self.named.or(self.rule.as_ref()) else {
            let mut lines = Vec::new();
            for entry in schedules.entries() {
                lines.push(line(log.as_ref(), entry, now).await?);
            }
            show(&lines, format, spoken)?;
            return spoken.below_table(format, lines.len()).map(|()| Exit::Ok);
        };
        let entry = next::entry(&schedules, name)?;
        let rule = &entry[0];
        let story = match &log {
            Some(log) => RuleStory::read(log, (&rule.name, rule.action), now).await?,
            None => RuleStory::default(),
        };
        let line = line(log.as_ref(), entry, now).await?;
        let holding = Holding::of(&schedules, now).await;
        match format {
            Format::Csv => firings::print(&story.results, spoken, format)?,
            Format::Json => {
                listing::json(&[whole(&schedules, (entry, line), &story, &holding, now)])?;
            }
            Format::Table => {
                let whole = whole(&schedules, (entry, line), &story, &holding, now);
                tell(entry, &whole, spoken)?;
            }
        }
        Ok(Exit::Ok)
    }
}

async fn line(
    log: Option<&AuditReader>,
    entry: &RuleEntry,
    now: DateTime<Utc>,
) -> Result<RuleLine, AuditError> {
    let rule = &entry[0];
    let last = match log {
        Some(log) => last_results(log, rule.name.as_str(), 1).await?.pop(),
        None => None,
    };
    let last = last.map(|last| FiringLine::of(&last, rule.timezone));
    let coming = entry.iter().filter(|rule| rule.enabled);
    let next = coming
        .filter_map(|rule| Some((rule.next_after(now)?.at, rule.action)))
        .min_by_key(|it| it.0);
    Ok(RuleLine {
        rule: rule.name.to_string(),
        about: rule.about.as_deref().map(ToOwned::to_owned),
        enabled: rule.enabled,
        disabled_since: rule.disabled.since.map(|since| since.to_string()),
        disabled_because: rule.disabled.because.clone(),
        dry_run: rule.dry_run,
        account: rule.account.to_string(),
        timezone: rule.timezone.to_string(),
        hours: hours_in_words(entry, Language::English),
        servers: selection_in_words(rule, Language::English),
        next_at: next.map(|(at, _)| rule.timezone.show(at).to_rfc3339()),
        next_action: next.map(|(_, action)| action.as_str()),
        last_firing: last.as_ref().map(|last| last.firing),
        last_at: last.as_ref().map(|last| last.at.clone()),
        painted: last.as_ref().map(|last| last.painted.clone()).unwrap_or_default(),
        last_result: last.map(|last| last.result),
    })
}

fn show(lines: &[RuleLine], format: Format, spoken: Spoken) -> anyhow::Result<()> {
    if lines.is_empty() {
        output::say("there is no rule; `lightsout add` writes one");
    }
    let hours = |line: &RuleLine| match standing(line) {
        Some(standing) => format!("{} ({standing})", line.hours),
        None => line.hours.clone(),
    };
    let next = move |line: &RuleLine| {
        let at = line.next_at.as_ref().map(|at| spoken.of(at));
        at.map(|at| format!("{at} {}", line.next_action.unwrap_or_default())).unwrap_or_default()
    };
    let columns = vec![
        vec![
            column("rule", |line: &RuleLine| beside(&line.rule, line.about.as_deref())),
            column("hours", hours),
        ],
        vec![column("next", next), painted("last", |line: &RuleLine| line.painted.clone())],
    ];
    listing::print(format, lines, &columns)
}

/// Why a rule does less than it says.
fn standing(line: &RuleLine) -> Option<String> {
    if line.enabled {
        return line.dry_run.then(|| "a dry run".to_owned());
    }
    let since = line.disabled_since.as_ref().map(|since| format!(" since {since}"));
    let because = line.disabled_because.as_ref().map(|because| format!(": {because}"));
    Some(format!("disabled{}{}", since.unwrap_or_default(), because.unwrap_or_default()))
}

fn whole(
    schedules: &Schedules,
    (entry, line): (&RuleEntry, RuleLine),
    story: &RuleStory,
    holding: &Holding,
    now: DateTime<Utc>,
) -> WholeRule {
    let zone = schedules.timezone;
    let of_rule = |rule: &std::sync::Arc<Rule>| {
        next::coming(rule, (now, Some(now + COMING), MOST_COMING), holding)
    };
    let mut coming: Vec<_> = entry.iter().flat_map(of_rule).collect();
    coming.sort_by_key(|(at, _)| *at);
    let servers = story.last.iter().flat_map(|last| &last.servers).map(|it| ServerLine {
        account: it.account.to_string(),
        instance_no: it.no.to_string(),
        instance_name: it.name.clone(),
        outcome: it.outcome.map(Outcome::as_str),
        reason: it.reason.as_ref().map(ToString::to_string),
    });
    WholeRule {
        text: edit::lines_of(&schedules.text, &line.rule).ok(),
        last_servers_at: story.last.as_ref().map(|last| zone.show(last.at).to_rfc3339()),
        last_servers: servers.collect(),
        coming: coming.into_iter().map(|(_, line)| line).collect(),
        results: story.results.iter().map(|it| FiringLine::of(it, zone)).collect(),
        holds: story.holds.iter().map(|hold| HoldLine::of(hold, &[], (zone, now))).collect(),
        line,
    }
}

/// Tells everything about a rule, in sections.
fn tell(entry: &RuleEntry, rule: &WholeRule, spoken: Spoken) -> anyhow::Result<()> {
    let line = &rule.line;
    output::out(&format!("{}\n", output::harmless(&beside(&line.rule, line.about.as_deref()))))?;
    let standing = standing(line).unwrap_or_else(|| "enabled".to_owned());
    let facts = [
        ("hours", format!("{}, {}", line.hours, line.timezone)),
        ("servers", line.servers.clone()),
        ("account", line.account.clone()),
        ("state", standing),
        ("as of", spoken.as_of()),
    ];
    for (label, fact) in facts {
        output::out(&format!("{label:<9}{}\n", output::harmless(&fact)))?;
    }
    for rule in entry {
        for order in rule.pace.in_language(Language::English) {
            output::out(&format!("{:<9}{order}\n", rule.action))?;
        }
    }
    for change in entry[0].times.overrides.iter() {
        output::out(&format!("override {change}\n"))?;
    }
    for hold in &rule.holds {
        output::out(&format!("held     {}\n", output::harmless(&hold.to_string())))?;
    }
    match &rule.last_servers_at {
        None => section("servers last time: none was ever found")?,
        Some(at) => {
            section(&format!("servers last time, {}:", spoken.of(at)))?;
            let names = rule.last_servers.iter().map(|it| it.instance_name.as_str());
            let names = output::harmless(&names.collect::<Vec<_>>().join(", "));
            let width = super::table::width().unwrap_or(80);
            output::out(&format!("{}\n", super::table::wrap(&names, width).join("\n")))?;
        }
    }
    if rule.coming.is_empty() {
        section("next seven days: nothing")?;
    } else {
        section("next seven days:")?;
        next::table_of_rule(&rule.coming)?;
    }
    if rule.results.is_empty() {
        section("last results: it has never fired")?;
    } else {
        section("last results:")?;
        listing::print(Format::Table, &rule.results, &firings::columns(spoken))?;
    }
    if let Some(text) = &rule.text {
        section("in schedules.toml:")?;
        let lines: Vec<String> = text.lines().map(output::harmless).collect();
        output::out(&format!("{}\n", lines.join("\n")))?;
    }
    Ok(())
}

fn section(head: &str) -> anyhow::Result<()> {
    output::out(&format!("\n{head}\n"))
}
