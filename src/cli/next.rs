//! `lightsout next`: lists the coming firings, in local time with its offset.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use clap_complete::ArgValueCandidates;
use schemars::JsonSchema;
use serde::Serialize;

use super::completions;
use super::hold::Holding;
use super::instant::{self, Times};
use super::listing::{self, Columns, Format, Listing, column, optional};
use super::naming::RuleFlag;
use super::output::Misuse;
use super::session::LogPlace;
use super::{Exit, Global, output};
use crate::clock::{Clock, SystemClock};
use crate::model::instance::Action;
use crate::model::language::Language;
use crate::schedule::calendar::{Calendar, Reach, Skip};
use crate::schedule::cron::Occurrence;
use crate::schedule::overrides::Change;
use crate::schedule::pace::Pace;
use crate::schedule::times::Skipped;
use crate::schedule::window::Window;
use crate::schedule::{Rule, RuleEntry, Schedules, beside};

/// The usual number of firings shown for a rule.
const USUAL: usize = 5;

/// What helps where a time was to be ahead, and is not.
const AHEAD: &str = "an age such as 2d counts back from now, and +2d ahead";

/// The most firings of a rule shown around an override.
const MOST_SHOWN: usize = 20;

/// The most skipped days shown for a rule without a given end. A rule that next fires in years is
/// not followed through all of them.
const MOST_SKIPPED: usize = 100;

const EXAMPLES: &str = "\
Examples:
  lightsout next
  lightsout next dev-nightly -n 10
  lightsout next --from monday --until 'friday 23:00' -o json";

#[derive(Debug, Args)]
#[command(after_help = instant::with_times(EXAMPLES, instant::COMING))]
pub(super) struct Next {
    /// Only this rule, enabled or not
    #[arg(value_name = "RULE", add = ArgValueCandidates::new(completions::rules))]
    rule: Option<String>,
    #[command(flatten)]
    named: RuleFlag,
    /// How many firings of each rule [default: 5; with --until: all]
    #[arg(short = 'n', long, alias = "limit", value_name = "N")]
    count: Option<usize>,
    /// After this time, instead of now
    #[arg(long, value_name = "T")]
    from: Option<String>,
    /// Up to and including this time
    #[arg(long, value_name = "T")]
    until: Option<String>,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    place: LogPlace,
}

/// A coming firing, or one that a holiday or an override prevents.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "next")]
pub(super) struct NextLine {
    rule: String,
    #[schemars(with = "Action")]
    action: String,
    /// In the rule's zone.
    at: String,
    /// Null for a window.
    cron: Option<String>,
    timezone: String,
    /// What else there is to know, in words: odd hours, holds, delays.
    note: Option<String>,
    /// True when a holiday or an override prevents the firing.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<bool>,
    /// The window in words that begins or ends here.
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    /// The override that makes the firing what it is, in words.
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    changed: Option<String>,
}

impl Next {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = self.place.read(global)?;
        let now = SystemClock::new().now();
        let times = Times::coming(schedules.timezone, now);
        let from = times.read("--from", self.from.as_ref())?;
        let until = times.read("--until", self.until.as_ref())?;
        if from.zip(until).is_some_and(|(from, until)| until < from) {
            let misuse = Misuse {
                message: "`--until` lies before `--from`".to_owned(),
                hint: AHEAD.to_owned(),
            };
            return Err(misuse.into());
        }
        if from.is_none() && until.is_some_and(|until| until < now) {
            output::warn("`--until` has passed: nothing is shown", Some(AHEAD));
        }
        let from = from.unwrap_or(now);
        let count = self.count.unwrap_or(if until.is_some() { usize::MAX } else { USUAL });
        let holding = Holding::of(&schedules, now).await;
        let mut lines = Vec::new();
        let rules = rules(&schedules, self.named.or(self.rule.as_ref()))?;
        for entry in rules.chunk_by(|one, next| one.name == next.name) {
            lines.extend(coming_of(entry, (from, until, count), &holding));
        }
        show(lines, self.listing.format)?;
        Ok(Exit::Ok)
    }
}

/// Prints the next firings of one entry of `[[rules]]`.
pub(super) fn show_entry(entry: &RuleEntry, from: DateTime<Utc>) -> anyhow::Result<()> {
    let nothing = Holding::default();
    let rules: Vec<&Rule> = entry.iter().map(AsRef::as_ref).collect();
    show(coming_of(&rules, (from, None, USUAL), &nothing), Format::Table)
}

/// Prints the firings of rules after one time and up to another, which depend on the rule.
pub(super) fn show_between(
    rules: &[&Rule],
    span: impl Fn(&Rule) -> (DateTime<Utc>, DateTime<Utc>),
) -> anyhow::Result<()> {
    let nothing = Holding::default();
    let of_rule = |rule: &&Rule| {
        let (from, until) = span(rule);
        coming(rule, (from, Some(until), MOST_SHOWN), &nothing)
    };
    show(rules.iter().flat_map(of_rule).collect(), Format::Table)
}

/// The next `count` firings of one entry of `[[rules]]`, in order. A window's stops and starts both
/// count.
fn coming_of(
    entry: &[&Rule],
    (from, until, count): (DateTime<Utc>, Option<DateTime<Utc>>, usize),
    holding: &Holding,
) -> Vec<(DateTime<Utc>, NextLine)> {
    let of_rule = |rule: &&Rule| coming(rule, (from, until, count), holding);
    let mut lines: Vec<_> = entry.iter().flat_map(of_rule).collect();
    if entry.len() > 1 {
        lines.sort_by_key(|(at, _)| *at);
        lines.truncate(count);
    }
    lines
}

/// The next `count` firings of a rule after `from` and by `until`, and the days on which a holiday
/// or an override prevents one, up to the last of these firings or `until`.
pub(super) fn coming(
    rule: &Rule,
    (from, until, count): (DateTime<Utc>, Option<DateTime<Utc>>, usize),
    holding: &Holding,
) -> Vec<(DateTime<Utc>, NextLine)> {
    let is_wanted = |at: DateTime<Utc>| until.is_none_or(|until| at <= until);
    let occurrences = rule.occurrences(from).take_while(|it| is_wanted(it.at)).take(count);
    let fires = |occurrence: Occurrence| {
        let held = holding.notes(rule, occurrence.at);
        (occurrence.at, line(rule, &occurrence, None, held))
    };
    let mut lines: Vec<_> = occurrences.map(fires).collect();
    // After the last firing, more skipped days may follow.
    let last = lines.last().map(|(at, _)| *at);
    let end = if lines.len() < count { until } else { last };
    let most = if until.is_some() { usize::MAX } else { MOST_SKIPPED };
    let skipped = rule.skipped(from).take(most);
    let skipped = skipped.take_while(|it| end.is_some_and(|end| it.occurrence.at <= end));
    lines.extend(skipped.map(|Skipped { occurrence, skip }| {
        (occurrence.at, line(rule, &occurrence, Some(skip), Vec::new()))
    }));
    lines.sort_by_key(|(at, _)| *at);
    lines
}

fn line(
    rule: &Rule,
    occurrence: &Occurrence,
    skip: Option<Skip<'_>>,
    held: Vec<String>,
) -> NextLine {
    let disabled = (!rule.enabled).then(|| format!("{}: does not fire", rule.disabled));
    let skipped = skip.map(|skip| format!("skipped: {skip}"));
    let changed = rule.override_of(occurrence).filter(|_| skip.is_none());
    let overridden = changed.map(|changed| format!("override: {changed}"));
    let moved = occurrence.note.map(|note| note.to_string());
    let window = rule.times.window().map(|window| match changed.map(|changed| &changed.change) {
        Some(Change::Off(hours)) => format!("off {hours}"),
        _ => window.to_string(),
    });
    let order = if skip.is_none() { in_order(rule, occurrence.at) } else { Vec::new() };
    let notes: Vec<String> = [disabled, skipped, overridden, moved]
        .into_iter()
        .flatten()
        .chain(order)
        .chain(held)
        .chain(holidays(rule, occurrence.at))
        .chain(beyond(rule, occurrence))
        .collect();
    NextLine {
        rule: rule.name.to_string(),
        action: rule.action.to_string(),
        at: rule.timezone.show(occurrence.at).to_rfc3339(),
        cron: window.is_none().then(|| match changed.map(|changed| &changed.change) {
            Some(Change::Cron(cron)) => cron.to_string(),
            _ => rule.times.to_string(),
        }),
        timezone: rule.timezone.to_string(),
        note: (!notes.is_empty()).then(|| notes.join("; ")),
        skipped: skip.map(|_| true),
        window,
        about: rule.about.as_deref().map(ToOwned::to_owned),
        changed: changed.map(ToString::to_string),
    }
}

/// How the firing goes about its work, with its own delay.
fn in_order(rule: &Rule, at: DateTime<Utc>) -> Vec<String> {
    let delay = rule.pace.delay(&rule.name, at);
    let drawn = Pace { jitter: Duration::ZERO, ..rule.pace.clone() };
    let begins = rule.timezone.show(at + delay).format("%H:%M:%S");
    let delayed = (!delay.is_zero()).then(|| format!("begins {begins} by its jitter"));
    delayed.into_iter().chain(drawn.in_language(Language::English)).collect()
}

/// The holidays over which a window's stop extends.
fn holidays(rule: &Rule, at: DateTime<Utc>) -> Option<String> {
    let window = rule.times.window().filter(|_| rule.action == Action::Stop)?;
    let until = rule.undone_after(at)?;
    let [first, last] = [at, until].map(|at| rule.timezone.local(at).date());
    let overrides = &rule.times.overrides;
    let days = window.holidays(first, last).filter(|(day, _)| overrides.on(*day).is_none());
    let days = days.map(|(day, skip)| format!("{day} ({skip})"));
    let days: Vec<String> = days.collect();
    (!days.is_empty()).then(|| format!("also off on {}", days.join(", ")))
}

/// The calendar of the rule that does not reach that day.
fn beyond(rule: &Rule, occurrence: &Occurrence) -> Option<String> {
    let of_window = rule.times.window().into_iter().flat_map(Window::calendars);
    let mut calendars = rule.times.days.calendars().chain(of_window);
    let day = occurrence.day(rule.timezone);
    let has_ended = |calendar: &&Arc<Calendar>| matches!(calendar.reach(day), Reach::Until { end, .. } if end < day);
    let ended = calendars.find(has_ended)?;
    Some(format!("beyond the end of calendar {}", ended.name))
}

/// Prints coming firings in the order of their instants.
pub(super) fn show(
    mut lines: Vec<(DateTime<Utc>, NextLine)>,
    format: Format,
) -> anyhow::Result<()> {
    lines.sort_by_key(|(at, _)| *at);
    let lines: Vec<NextLine> = lines.into_iter().map(|(_, line)| line).collect();
    listing::print(format, &lines, &columns())
}

fn columns<'c>() -> Columns<'c, NextLine> {
    vec![
        vec![
            column("at", |line: &NextLine| line.at.clone()),
            column("rule", |line: &NextLine| beside(&line.rule, line.about.as_deref())),
            column("action", |line: &NextLine| line.action.clone()),
        ],
        vec![
            optional("cron", |line: &NextLine| line.cron.as_ref().or(line.window.as_ref())),
            column("zone", |line: &NextLine| line.timezone.clone()),
        ],
        vec![optional("note", |line: &NextLine| line.note.as_ref())],
    ]
}

/// Prints the firings of one rule as a table, without what is the same on each line.
pub(super) fn table_of_rule(lines: &[NextLine]) -> anyhow::Result<()> {
    let columns = vec![
        vec![
            column("at", |line: &NextLine| line.at.clone()),
            column("action", |line: &NextLine| line.action.clone()),
        ],
        vec![optional("note", |line: &NextLine| line.note.as_ref())],
    ];
    listing::print(Format::Table, lines, &columns)
}

/// The rule with that name, both halves of a window, or all enabled rules.
pub(super) fn rules<'a>(
    schedules: &'a Schedules,
    name: Option<&str>,
) -> anyhow::Result<Vec<&'a Rule>> {
    let Some(name) = name else {
        let enabled = schedules.rules.iter().filter(|rule| rule.enabled);
        return Ok(enabled.map(AsRef::as_ref).collect());
    };
    Ok(entry(schedules, name)?.iter().map(AsRef::as_ref).collect())
}

/// The entry of `[[rules]]` with that name.
pub(super) fn entry<'a>(schedules: &'a Schedules, name: &str) -> anyhow::Result<&'a RuleEntry> {
    let Some(entry) = schedules.entry(name) else {
        let names: Vec<&str> = schedules.entries().map(|entry| entry[0].name.as_str()).collect();
        let misuse = Misuse {
            message: format!("there is no rule `{name}` in {}", schedules.path.display()),
            hint: format!("its rules are: {}", names.join(", ")),
        };
        return Err(misuse.into());
    };
    Ok(entry)
}
