//! `lightsout hold`, `release` and `holds`: keeps rules from a server or a rule for a while.
//!
//! `subject` finds the thing to hold, [`hold::end_time`] the end, `outlook` the firings that fall
//! into the hold, and `door` records it. `release` and `list` are the other two commands.

mod door;
mod list;
mod outlook;
mod release;
mod subject;

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args};
use clap_complete::ArgValueCandidates;

use self::door::Door;
use self::subject::Kind;
use super::listing::Format;
use super::output::{self, Misuse};
use super::session::LogPlace;
use super::{Exit, Global, completions, next};
use crate::audit::{AuditError, AuditReader};
use crate::clock::{Clock, SystemClock};
use crate::hold;
use crate::hold::end_time::{self, UntilError};
use crate::hold::held_firings::{HeldFirings, HeldWords, HoldSpan};
use crate::hold_socket::author;
use crate::model::ids::HoldId;
use crate::model::known_instance::Directory;
use crate::model::language::Language;
use crate::schedule::Schedules;

pub(super) use list::{HoldLine, Holds, in_words, lines};
pub(super) use outlook::Holding;
pub(super) use release::Release;

/// The most firings of each rule that are shown to fall into a hold.
const SHOWN: usize = 5;

const EXAMPLES: &str = "\
T is the next 02:00, monday or \"monday 08:00\" in the file's time zone; tomorrow, or \"tomorrow
08:00\"; \"2026-11-24 02:00\" or 2026-11-24 in that zone; 2026-11-24T02:00:00+09:00; or a time from
now such as 90m or 12h. A day without a time is the midnight at its beginning

Examples:
  lightsout hold dev-db --until 02:00 --why release
  lightsout hold dev-nightly --tonight
  lightsout hold 1021003 --until \"2026-11-24 06:00\" --skip";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, group(ArgGroup::new("when").required(true)))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Hold {
    /// The rule, or the server: its name or its number
    #[arg(
        value_name = "RULE-or-SERVER",
        value_parser = NonEmptyStringValueParser::new(),
        add = ArgValueCandidates::new(completions::rules_and_servers)
    )]
    name: String,
    /// Until this time
    #[arg(long, value_name = "T", group = "when")]
    until: Option<String>,
    /// Until the next start that concerns it, if there is one within a day; else until 08:00
    #[arg(long, group = "when")]
    tonight: bool,
    /// What for: `holds`, `plan` and the log say so
    #[arg(
        long,
        alias = "because",
        value_name = "REASON",
        value_parser = NonEmptyStringValueParser::new()
    )]
    why: Option<String>,
    /// Do not catch up at the end on what falls into it
    #[arg(long)]
    skip: bool,
    /// Hold the rule of that name, where there is a server of that name, too
    #[arg(long, conflicts_with = "instance")]
    rule: bool,
    /// Hold the server of that name, where there is a rule of that name, too
    #[arg(long = "server", visible_alias = "instance")]
    instance: bool,
    #[command(flatten)]
    place: LogPlace,
}

impl Hold {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = self.place.read(global)?;
        let clock: Arc<dyn Clock> = SystemClock::new();
        let now = clock.now();
        let (mut known, had_daemon) = known(&schedules).await?;
        let kind = Kind::of(self.rule, self.instance);
        let door = Door::of(&schedules);
        let named = (&*self.name, kind);
        let subject = match &door {
            Door::Log => subject::resolve(named, &schedules, &mut known, &clock).await?,
            Door::Socket(_) => subject::known(named, &schedules, &known)?,
        };
        let until = if let Some(text) = &self.until {
            end_time::parse(text, &schedules, now).map_err(|error| misuse(&error))?
        } else {
            let (at, why) = end_time::tonight(&subject, &schedules, &known, now);
            output::say(&why);
            end_time::judge(at, &schedules, now).map_err(|error| misuse(&error))?;
            at
        };
        let who = author::of_this_process();
        let hold = hold::Hold { subject, until, skip: self.skip, why: self.why, who };
        let id = door.hold(&hold, &schedules, clock).await?;
        tell(id, &hold, &schedules);
        if !had_daemon {
            warn_of_no_daemon(&schedules.audit.path);
        }
        show(hold, &known, &schedules, now)?;
        Ok(Exit::Ok)
    }
}

/// The instances in the log, and whether a daemon has ever run on it. Nothing and false when there
/// is no log, or the log has yet to be migrated.
async fn known(schedules: &Schedules) -> Result<(Directory, bool), AuditError> {
    match AuditReader::open(&schedules.audit.path).await {
        Ok(log) => {
            let known = (log.directory().await?, log.had_daemon().await?);
            log.close().await?;
            Ok(known)
        }
        Err(AuditError::Missing(_)) => Ok((Directory::default(), false)),
        Err(AuditError::Older(_)) => Ok((Directory::default(), true)),
        Err(error) => Err(error),
    }
}

/// A hold that no daemon reads is the most dangerous slip: it seems to work.
fn warn_of_no_daemon(log: &Path) {
    output::warn(
        &format!(
            "NO DAEMON HAS EVER RUN on the audit log {}: this hold holds nothing until one does",
            log.display()
        ),
        Some(
            "is it the log of the daemon that is meant? `--config` or `--log` names another one, \
             and `lightsout status` says whether a daemon is alive on it",
        ),
    );
}

fn misuse(error: &UntilError) -> Misuse {
    Misuse { message: error.to_string(), hint: error.hint() }
}

fn tell(id: HoldId, hold: &hold::Hold, schedules: &Schedules) {
    let what = match &hold.subject {
        crate::model::subject::Subject::Rule(name) => format!("rule `{name}`"),
        subject => format!("server `{subject}`"),
    };
    let until = schedules.timezone.show(hold.until).format("%F %H:%M%:z");
    output::say(&output::harmless(&format!("{what} is held until {until} (hold {id})")));
    output::hint(&format!("`lightsout release {id}` ends it earlier"));
}

/// Shows the firings that fall into a hold, and their fate.
fn show(
    hold: hold::Hold,
    known: &Directory,
    schedules: &Schedules,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let (rules, until) = (known.rules_about(&hold.subject, schedules), hold.until);
    let span = HoldSpan { from: now, until, skip: hold.skip };
    let inside = HeldFirings::of(&hold.subject, schedules, known, span);
    if let Some(start) = inside.start() {
        let shown = |at| schedules.timezone.show(at).format("%F %H:%M%:z").to_string();
        output::warn(&HeldWords(Language::English).start_is_held(start, shown), None);
    }
    let mut holding = Holding::default();
    holding.add(hold, known, schedules);
    let firings: Vec<_> = rules
        .into_iter()
        .flat_map(|rule| {
            let coming = next::coming(rule, (now, Some(until), SHOWN), &holding);
            coming.into_iter().take_while(|(at, _)| *at < until)
        })
        .collect();
    if firings.is_empty() {
        output::say("no firing to come falls into it, as far as the rules and the log can tell");
    }
    next::show(firings, Format::Table)
}
