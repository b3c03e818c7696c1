//! `lightsout report budget`: shows each server's used part of the stop budget, and when its rules
//! will have used it up. [`crate::stop_limit`] computes both.

use chrono::TimeDelta;
use clap::Args;
use clap_complete::ArgValueCandidates;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::listing::{self, Columns, Listing, column, optional};
use crate::cli::output::{self, Misuse};
use crate::cli::session::{self, LogPlace};
use crate::cli::{Exit, Global, completions};
use crate::clock::{Clock, SystemClock};
use crate::schedule::Schedules;
use crate::schedule::budget::Count;
use crate::schedule::budget::spent::Spent;
use crate::state_history::{Seen, State};
use crate::stop_limit::{Doubt, Forecast, InstanceBudget, Passing, days, entries};
use crate::text::did_you_mean::nearest;
use crate::text::normal_form::same;

/// An instance that was not seen for this long counts as gone, unless it is named.
const GONE: TimeDelta = TimeDelta::days(30);

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lightsout report budget\n  lightsout report budget dev-db -o json"
)]
pub(super) struct Budget {
    /// Only these servers: numbers, or names as the log knows them
    #[arg(value_name = "SERVER", add = ArgValueCandidates::new(completions::servers))]
    servers: Vec<String>,
    /// The same as SERVER
    #[arg(long = "server", value_name = "SERVER")]
    named: Vec<String>,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    place: LogPlace,
}

/// How much of the stop budget a server has used. Times are in the file's zone.
#[derive(Debug, Serialize, JsonSchema)]
pub(in super::super) struct BudgetLine {
    account: String,
    region: String,
    instance_no: String,
    instance_name: String,
    /// Its state when last seen.
    state: State,
    /// When that was.
    as_of: String,
    /// The days off in a row until then; 0 where it runs.
    in_a_row: DaysOff,
    /// The part of `in_a_row` that is known.
    in_a_row_at_least: f64,
    /// The days in a row that `[budget]` allows.
    in_a_row_limit: u32,
    /// The longest time off in the last 365 days, in days.
    longest: DaysOff,
    /// The part of `longest` that is known.
    longest_at_least: f64,
    /// The days off in the last 365 days.
    in_12_months: DaysOff,
    /// The part of `in_12_months` that is known.
    in_12_months_at_least: f64,
    /// The days in 12 months that `[budget]` allows.
    in_12_months_limit: u32,
    /// How days are counted: `count` of `[budget]`.
    #[schemars(with = "Count")]
    count: &'static str,
    /// What the present rules lead to: a limit is passed already, will be, never is, or nobody knows.
    #[schemars(extend("x-words" = ["passed", "passes", "never", "unknown"]))]
    forecast: &'static str,
    /// The limit that is passed first, in words: `in a row` or `in 12 months`.
    limit: Option<String>,
    /// When it will be passed.
    passes_at: Option<String>,
    /// Whether it may be passed sooner, since a part of the time is unknown.
    at_the_latest: Option<bool>,
    /// The rule whose stop leads there.
    rule: Option<String>,
    /// Why nobody knows, in words.
    reason: Option<String>,
}

/// Days, or the word `unknown` where nobody saw all of the time.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(in super::super) enum DaysOff {
    Known(f64),
    Unknown(#[schemars(extend("x-words" = ["unknown"]))] &'static str),
}

impl Budget {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let file = self.place.read(global)?;
        let now = SystemClock::new().now();
        let log = session::needed_log(&file.audit.path).await?;
        let mut facts = log.budget_facts(now).await?;
        log.close().await?;
        let known = facts.seen.len();
        let wanted = [self.servers, self.named].concat();
        if wanted.is_empty() {
            facts.seen.retain(|seen| seen.sightings.looked_at.is_some_and(|at| now - at <= GONE));
        } else {
            facts.seen = these(facts.seen, &wanted)?;
        }
        let free = facts.seen.iter().filter(|seen| facts.has_no_limit(&file, seen)).count();
        let entries = entries(&file, &facts, now);
        let lines: Vec<BudgetLine> = entries.iter().map(|entry| line(entry, &file)).collect();
        listing::print(self.listing.format, &lines, &columns())?;
        let gone = if wanted.is_empty() { known - lines.len() - free } else { 0 };
        output::say(&closing(&file, &entries, gone));
        if free > 0 {
            output::say(&without_limit(free));
        }
        Ok(Exit::Ok)
    }
}

/// The named instances, by number or by name.
fn these(seen: Vec<Seen>, names: &[String]) -> Result<Vec<Seen>, Misuse> {
    let is = |seen: &Seen, name: &String| seen.no.as_str() == name || same(&seen.name, name);
    if let Some(name) = names.iter().find(|name| !seen.iter().any(|seen| is(seen, name))) {
        let words = seen.iter().flat_map(|seen| [seen.name.as_str(), seen.no.as_str()]);
        return Err(Misuse {
            message: format!("the log has never seen a server `{name}`"),
            hint: match nearest(name, words) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`lightsout report budget` shows all that it knows".to_owned(),
            },
        });
    }
    Ok(seen.into_iter().filter(|seen| names.iter().any(|name| is(seen, name))).collect())
}

fn line(entry: &InstanceBudget<'_>, file: &Schedules) -> BudgetLine {
    let (seen, standing, budget) = (entry.instance, &entry.standing, &file.budget);
    let rfc3339 = |at| file.timezone.show(at).to_rfc3339();
    let value = |spent: Spent| {
        spent.known().map_or(DaysOff::Unknown("unknown"), |spent| DaysOff::Known(days(spent)))
    };
    let passing = match &entry.forecast {
        Forecast::Passes(passing) => Some(passing),
        _ => None,
    };
    BudgetLine {
        account: seen.account.to_string(),
        region: seen.region.clone(),
        instance_no: seen.no.to_string(),
        instance_name: seen.name.clone(),
        state: standing.state,
        as_of: rfc3339(standing.at),
        in_a_row: value(standing.in_a_row),
        in_a_row_at_least: days(standing.in_a_row.at_least()),
        in_a_row_limit: budget.in_a_row,
        longest: value(standing.longest),
        longest_at_least: days(standing.longest.at_least()),
        in_12_months: value(standing.in_12_months),
        in_12_months_at_least: days(standing.in_12_months.at_least()),
        in_12_months_limit: budget.in_12_months,
        count: budget.count.as_str(),
        forecast: match entry.forecast {
            Forecast::Passed(_) => "passed",
            Forecast::Passes(_) => "passes",
            Forecast::Never => "never",
            Forecast::Unknown(_) => "unknown",
        },
        limit: match &entry.forecast {
            Forecast::Passed(limit) | Forecast::Passes(Passing { limit, .. }) => {
                Some(limit.to_string())
            }
            Forecast::Never | Forecast::Unknown(_) => None,
        },
        passes_at: passing.map(|passing| rfc3339(passing.at)),
        at_the_latest: passing.map(|passing| passing.at_the_latest),
        rule: passing.and_then(|passing| passing.by.clone()),
        reason: match &entry.forecast {
            Forecast::Unknown(doubt) => Some(reason(doubt)),
            _ => None,
        },
    }
}

fn reason(doubt: &Doubt) -> String {
    match doubt {
        Doubt::Past => "part of its past is unknown".to_owned(),
        Doubt::StartedByPeople(rule) => format!("`{rule}` stops it, and no rule starts it"),
        Doubt::Torn(one, other) => format!("`{one}` and `{other}` meet at one instant"),
        Doubt::TooOften => "its rules turn it more than once an hour".to_owned(),
    }
}

fn columns<'c>() -> Columns<'c, BudgetLine> {
    let spent = |days: &DaysOff, at_least: f64| match days {
        DaysOff::Known(days) => format!("{days:?}"),
        DaysOff::Unknown(_) if at_least > 0.0 => format!("unknown, at least {at_least:.1}"),
        DaysOff::Unknown(word) => (*word).to_owned(),
    };
    vec![
        vec![
            column("instance", |line: &BudgetLine| line.instance_name.clone()),
            column("no", |line: &BudgetLine| line.instance_no.clone()),
        ],
        vec![
            column("account", |line: &BudgetLine| line.account.clone()),
            column("state", |line: &BudgetLine| state(line.state).to_owned()),
        ],
        vec![
            column("in a row", move |line: &BudgetLine| {
                spent(&line.in_a_row, line.in_a_row_at_least)
            }),
            column("in 12 months", move |line: &BudgetLine| {
                spent(&line.in_12_months, line.in_12_months_at_least)
            }),
        ],
        vec![
            column("passes its limit", passes),
            optional("by", |line: &BudgetLine| line.rule.as_ref()),
        ],
    ]
}

fn passes(line: &BudgetLine) -> String {
    let limit = line.limit.as_deref().unwrap_or_default();
    let latest = if line.at_the_latest == Some(true) { " at the latest" } else { "" };
    match (&line.passes_at, &line.reason) {
        (Some(at), _) => format!("{}{latest} ({limit})", at.get(..10).unwrap_or(at)),
        (None, Some(reason)) => format!("unknown: {reason}"),
        (None, None) if line.forecast == "passed" => format!("passed ({limit})"),
        (None, None) => line.forecast.to_owned(),
    }
}

fn state(state: State) -> &'static str {
    match state {
        State::Running => "running",
        State::Off => "off",
        State::Unknown => "unknown",
    }
}

/// The number of instances without a limit.
fn without_limit(free: usize) -> String {
    let has = if free == 1 { "1 server has" } else { &format!("{free} servers have") };
    format!(
        "{has} no limit: it is said of what costs less while stopped, not of GPU, Micro, VDS, \
         bare metal, local disks and Classic High Memory"
    )
}

/// The limits, and the gaps in the data.
fn closing(file: &Schedules, entries: &[InstanceBudget<'_>], gone: usize) -> String {
    let budget = &file.budget;
    let is_unknown = |entry: &&InstanceBudget<'_>| {
        let standing = &entry.standing;
        standing.in_a_row.known().is_none() || standing.in_12_months.known().is_none()
    };
    let unknown = match (entries.iter().filter(is_unknown).count(), entries.len()) {
        (0, _) => String::new(),
        (unknown, all) => format!("; {unknown} of {all} partly unknown: not seen all the time"),
    };
    let gone = match gone {
        0 => String::new(),
        1 => "; 1 that was not seen for 30 days is left out".to_owned(),
        more => format!("; {more} that were not seen for 30 days are left out"),
    };
    format!(
        "Days by `count = \"{}\"`; limits: {} in a row, {} in 12 months (the last 365 days). What \
         NAVER Cloud allows, and how it counts, is not confirmed: `[budget]` sets it{unknown}{gone}",
        budget.count.as_str(),
        budget.in_a_row,
        budget.in_12_months
    )
}
