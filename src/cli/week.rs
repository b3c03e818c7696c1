//! `lightsout week`: draws the hours off of seven days, 24 characters a day.
//!
//! [`crate::agenda`] computes the week.

use chrono::NaiveDate;
use clap::Args;
use clap_complete::ArgValueCandidates;
use schemars::JsonSchema;
use serde::Serialize;
use textwrap::core::display_width;

use super::completions;
use super::listing::{self, Format, Listing};
use super::naming::RuleFlag;
use super::next;
use super::session::LogPlace;
use super::{Exit, Global, output, table};
use crate::agenda::{DayPlan, HourOff, RuleStory, Week, WeekRow, clock};
use crate::audit::{AuditError, AuditReader};
use crate::clock::{Clock, SystemClock};
use crate::hold::HoldEntry;
use crate::model::instance::{AccountName, InstanceNo};
use crate::model::language::Language;
use crate::schedule::{RuleEntry, Schedules};

/// The width where the terminal does not say one.
const USUAL_WIDTH: usize = 80;
/// The characters of a day, with the gap before them.
const DAY: usize = 25;
const LONGEST_NAME: usize = 28;

const EXAMPLES: &str = "\
Examples:
  lightsout week
  lightsout week dev-hours";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct WeekCommand {
    /// The servers of this rule, those that it had last, instead of all rules
    #[arg(value_name = "RULE", add = ArgValueCandidates::new(completions::rules))]
    rule: Option<String>,
    #[command(flatten)]
    named: RuleFlag,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    place: LogPlace,
}

/// One day of a rule, or of a server of a rule.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DayLine {
    rule: String,
    /// Null without RULE.
    instance_no: Option<String>,
    /// Null without RULE.
    instance_name: Option<String>,
    /// Whether the rule is enabled.
    enabled: bool,
    /// How its firings go about their work, in words.
    order: Option<String>,
    /// The local day, in the rule's zone.
    day: NaiveDate,
    /// 24 characters, as in the table.
    hours: String,
    /// The times off of a window, such as `20:00-24:00`; null where only the firings are known.
    off: Option<Vec<String>>,
    /// The local times of its stops, such as `20:00`.
    stops: Vec<String>,
    /// The local times of its starts.
    starts: Vec<String>,
    /// The time of the day in which a hold keeps it as it is, such as `20:00-24:00`.
    held: Option<String>,
    /// The name of the day in the calendar of the rule.
    holiday: Option<String>,
    /// The override of the day, in words.
    #[serde(rename = "override")]
    changed: Option<String>,
    /// Why nothing fires on this day, in words.
    skipped: Option<String>,
}

impl WeekCommand {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = self.place.read(global)?;
        let now = SystemClock::new().now();
        let log = AuditReader::open_if_there(&schedules.audit.path).await?;
        let holds: Vec<HoldEntry> = match &log {
            Some(log) => log.holds(Some(now)).await?,
            None => Vec::new(),
        };
        let week = match self.named.or(self.rule.as_ref()) {
            None => Week::of_rules(&schedules, &holds, (now, Language::English)),
            Some(name) => {
                let entry = next::entry(&schedules, name)?;
                let servers = servers(log.as_ref(), entry, now).await?;
                if servers.is_empty() {
                    output::say(&format!("rule `{name}` has never found a server"));
                }
                Week::of_servers((&schedules, entry), &servers, &holds, (now, Language::English))
            }
        };
        match self.listing.format {
            Format::Table => draw(&schedules, &week)?,
            Format::Json => listing::json(&lines(&week))?,
            Format::Csv => listing::csv(&lines(&week))?,
        }
        Ok(Exit::Ok)
    }
}

/// The servers that a rule had last.
async fn servers(
    log: Option<&AuditReader>,
    entry: &RuleEntry,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<(AccountName, InstanceNo, String)>, AuditError> {
    let Some(log) = log else { return Ok(Vec::new()) };
    let story = RuleStory::read(log, (&entry[0].name, entry[0].action), now).await?;
    let servers = story.last.into_iter().flat_map(|last| last.servers);
    Ok(servers.map(|it| (it.account, it.no, it.name)).collect())
}

fn lines(week: &Week) -> Vec<DayLine> {
    let times = |times: &[u16]| times.iter().map(|at| clock(*at)).collect();
    let span = |(from, until): &(u16, u16)| format!("{}-{}", clock(*from), clock(*until));
    let of_row = |row: &WeekRow| {
        let lines = row.days.iter().map(|day| DayLine {
            rule: row.rule.clone(),
            instance_no: row.server.as_ref().map(|(no, _)| no.to_string()),
            instance_name: row.server.as_ref().map(|(_, name)| name.clone()),
            enabled: row.enabled,
            order: (!row.order.is_empty()).then(|| row.order.join(", ")),
            day: day.day,
            hours: hours(row, day),
            off: row.is_window.then(|| day.off.iter().map(span).collect()),
            stops: times(&day.stops),
            starts: times(&day.starts),
            held: day.held.as_ref().map(span),
            holiday: day.holiday.clone(),
            changed: day.changed.clone(),
            skipped: day.skipped.clone(),
        });
        lines.collect::<Vec<_>>()
    };
    week.rows.iter().flat_map(of_row).collect()
}

/// The hours of a day: `########............####`.
fn hours(row: &WeekRow, day: &DayPlan) -> String {
    (0..24).map(|hour| mark(row, day, hour)).collect()
}

fn mark(row: &WeekRow, day: &DayPlan, hour: u16) -> char {
    if day.is_held(hour) {
        return 'h';
    }
    match (row.is_window, day.hour_off(hour)) {
        (true, HourOff::Whole) => '#',
        (true, HourOff::Part) => '~',
        (true, HourOff::No) => '.',
        (false, _) => match (day.stops_in(hour), day.starts_in(hour)) {
            (true, _) => '■',
            (false, true) => '▲',
            (false, false) => '.',
        },
    }
}

/// Draws blocks of as many days as fit, a line a row.
fn draw(schedules: &Schedules, week: &Week) -> anyhow::Result<()> {
    if week.rows.is_empty() {
        output::say("there is no rule");
        return Ok(());
    }
    let names: Vec<String> = week.rows.iter().map(name).collect();
    let wide = names.iter().map(|name| display_width(name)).max().unwrap_or(0);
    let room = table::width().unwrap_or(USUAL_WIDTH).saturating_sub(wide);
    let most = (room / DAY).clamp(1, week.days.len().max(1));
    for (block, days) in week.days.chunks(most).enumerate() {
        let first = block * most;
        if block > 0 {
            output::out("\n")?;
        }
        head(days, wide, (block == 0).then(|| now(week)).flatten())?;
        for (row, name) in week.rows.iter().zip(&names) {
            let days = row.days.iter().skip(first).take(days.len());
            let days: Vec<String> = days.map(|day| hours(row, day)).collect();
            let gap = " ".repeat(wide - display_width(name));
            output::out(&format!("{name}{gap} {}\n", days.join(" ")))?;
        }
        for note in notes(week, first..first + days.len()) {
            let note = textwrap::fill(
                &note,
                textwrap::Options::new(room + wide).subsequent_indent("    "),
            );
            output::out(&format!("{note}\n"))?;
        }
    }
    if week.rows.iter().any(|row| !row.is_window) {
        output::say("■ stop  ▲ start: what is off in between is not known of a rule with `cron`");
    }
    let zone = schedules.timezone;
    output::say(&format!("# off  ~ part of the hour  . not off  h held  v now; times in {zone}"));
    Ok(())
}

/// The hour of now, for the mark above it.
fn now(week: &Week) -> Option<usize> {
    let minute = week.rows.first()?.days.first()?.now?;
    Some(usize::from(minute / 60))
}

/// The days, and the hours of a clock above the characters.
fn head(days: &[NaiveDate], wide: usize, now: Option<usize>) -> anyhow::Result<()> {
    let indent = " ".repeat(wide);
    let dates: Vec<String> =
        days.iter().map(|day| format!("{:<24}", day.format("%a %F").to_string())).collect();
    output::out(&format!("{indent} {}\n", dates.join(" ").trim_end()))?;
    let mut hours: Vec<Vec<u8>> =
        days.iter().map(|_| b"0     6     12    18    ".to_vec()).collect();
    if let (Some(now), Some(today)) = (now, hours.first_mut()) {
        today[now] = b'v';
    }
    let hours: Vec<String> =
        hours.iter().map(|day| String::from_utf8_lossy(day).into_owned()).collect();
    output::out(&format!("{indent} {}\n", hours.join(" ").trim_end()))
}

/// The name of a row; a long one is cut.
fn name(row: &WeekRow) -> String {
    let name = row.server.as_ref().map_or(&row.rule, |(_, name)| name);
    let name = output::harmless(name);
    if display_width(&name) <= LONGEST_NAME {
        return name;
    }
    let mut cut = String::new();
    for letter in name.chars() {
        if display_width(&cut) + 2 > LONGEST_NAME {
            break;
        }
        cut.push(letter);
    }
    cut + "…"
}

/// What is different on these days, and rules that do nothing at all. Rows with the same note
/// share it.
fn notes(week: &Week, days: std::ops::Range<usize>) -> Vec<String> {
    let mut notes: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |note: String, who: String| match notes.iter_mut().find(|it| it.0 == note) {
        Some((_, all)) => all.push(who),
        None => notes.push((note, vec![who])),
    };
    for place in days.clone() {
        for row in &week.rows {
            let Some(day) = row.days.get(place) else { continue };
            let changed = day.changed.as_ref().map(|it| format!("override: {it}"));
            let skipped = day.skipped.as_ref().map(|it| format!("skipped: {it}"));
            let holiday = day.holiday.as_ref().filter(|_| skipped.is_none());
            let holiday = holiday.map(|it| format!("holiday of {it}"));
            let held =
                day.held.map(|(from, until)| format!("held {}-{}", clock(from), clock(until)));
            for what in [holiday, skipped, changed, held].into_iter().flatten() {
                add(format!("{}: {}", day.day.format("%a %F"), output::harmless(&what)), name(row));
            }
        }
    }
    if days.start == 0 {
        for row in week.rows.iter().filter(|row| !row.order.is_empty()) {
            add(row.order.join(", "), name(row));
        }
        for row in &week.rows {
            let what = match (row.enabled, row.dry_run) {
                (false, _) => "disabled",
                (true, true) => "a dry run",
                (true, false) => continue,
            };
            add(what.to_owned(), name(row));
        }
    }
    notes.into_iter().map(|(note, who)| format!("  {note}: {}", who.join(", "))).collect()
}
