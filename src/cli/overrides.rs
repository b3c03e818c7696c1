//! `lightsout override`: appends an override to schedules.toml, and shows its effect.
//!
//! [`super::edit`] replaces the file; `schedule` makes the text.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args};
use clap_complete::ArgValueCandidates;

use super::{Exit, Global, completions, edit, next, output};
use crate::clock::{Clock, SystemClock};
use crate::schedule::edit::{NewChange, NewOverride, add_override};
use crate::schedule::{Rule, RuleEntry, Schedules};

const EXAMPLES: &str = "\
Examples:
  lightsout override dev-hours --from 2026-12-07 --until 2026-12-11 --off 23:00-08:00 \\
      --because \"release week\"
  lightsout override dev-nightly dev-morning --from 2026-12-24 --skip
  lightsout override month-end --from 2026-12-31 --cron '0 21 * * *'";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, group(ArgGroup::new("change").required(true)))]
pub(super) struct Override {
    /// The rules that it is about
    #[arg(value_name = "RULE", required = true, add = ArgValueCandidates::new(completions::rules))]
    rules: Vec<String>,
    /// The first day, in the zone of each rule
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    from: NaiveDate,
    /// The last day, which counts too [default: the first]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    until: Option<NaiveDate>,
    /// Of windows: the hours off that begin on these days. Repeated: also these
    #[arg(long, value_name = "HH:MM-HH:MM", group = "change")]
    off: Vec<String>,
    /// Of rules with `cron`: the pattern that holds on these days
    #[arg(long, value_name = "PATTERN", group = "change")]
    cron: Option<String>,
    /// Begin nothing on these days: no firing of a cron rule, no hours off of a window
    #[arg(long, group = "change")]
    skip: bool,
    /// What for: `next`, the page and `history` say so
    #[arg(
        long,
        alias = "why",
        value_name = "REASON",
        value_parser = NonEmptyStringValueParser::new()
    )]
    because: Option<String>,
}

impl Override {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let new = self.into_override();
        let schedules = edit::change(global, |before| {
            for rule in &new.rules {
                next::entry(before, rule)?;
            }
            add_override(&before.text, &new).map_err(|error| edit::misuse(&error).into())
        })?;
        let path = schedules.path.display();
        output::say(&format!("override of {} added to {path}", listed(&new.rules)));
        show(&schedules, &new, SystemClock::new().now())?;
        let holds = schedules.failing_expectations().is_empty();
        Ok(if holds { Exit::Ok } else { Exit::Incomplete })
    }

    fn into_override(self) -> NewOverride {
        let change = match self.cron {
            Some(cron) => NewChange::Cron(cron),
            None if self.skip => NewChange::Skip,
            None => NewChange::Off(self.off),
        };
        NewOverride {
            rules: self.rules,
            from: self.from,
            until: self.until.unwrap_or(self.from),
            change,
            because: self.because,
        }
    }
}

/// Shows the firings of the override's days, and of the days around them that are to come.
fn show(schedules: &Schedules, new: &NewOverride, now: DateTime<Utc>) -> anyhow::Result<()> {
    let entries: Vec<&RuleEntry> =
        new.rules.iter().map(|name| next::entry(schedules, name)).collect::<Result<_, _>>()?;
    let rules: Vec<&Rule> = entries.into_iter().flatten().map(AsRef::as_ref).collect();
    let just_before = |day: Option<NaiveDate>, rule: &Rule| {
        let midnight = day.map(|day| rule.timezone.instant(day.into()));
        midnight.map_or(now, |at| at - TimeDelta::milliseconds(1))
    };
    let around = |rule: &Rule| {
        let from = just_before(new.from.checked_sub_days(Days::new(1)), rule);
        (from.max(now), just_before(new.until.checked_add_days(Days::new(2)), rule))
    };
    next::show_between(&rules, around)
}

fn listed(rules: &[String]) -> String {
    rules.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", ")
}

/// A day as the file has it.
fn day(text: &str) -> Result<NaiveDate, &'static str> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    day.filter(|day| day.to_string() == text).ok_or("write year, month and day: 2026-12-07")
}
