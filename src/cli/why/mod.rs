//! `lightsout why`: why a server ran, or was off, at a time; from the log alone.
//!
//! `whom` knows who is meant, `page` what is printed for people and `lines` for programs; the
//! order of causes is that of [`crate::why`].

mod lines;
mod page;
mod whom;

use std::path::Path;

use chrono::{DateTime, Utc};
use clap::Args;

use self::page::Page;
use super::listing::{self, Format, Listing};
use super::output::Misuse;
use super::{Exit, Global, instant, output, session};
use crate::audit::{Around, AuditReader, FileInUse, KnownInstance};
use crate::clock::{Clock, SystemClock};
use crate::instance::Action;
use crate::schedule::Schedules;
use crate::schedule::zone::Zone;
use crate::why::{Facts, Meaning, rules_in_use, timeline, verdict};

#[derive(Debug, Args)]
#[command(after_help = super::TIMES)]
pub(super) struct Why {
    /// The server: its number, or its name as the log knows it
    #[arg(value_name = "INSTANCE")]
    instance: String,
    /// Ask about this time [default: now]
    #[arg(long, value_name = "T")]
    at: Option<String>,
    /// Its account, where several have a server of that name or number
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    #[command(flatten)]
    listing: Listing,
}

impl Why {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (file, _) = session::glimpse(global)?;
        let now = SystemClock::new().now();
        let at =
            self.at.as_ref().map(|text| instant::parse(text, file.timezone, now)).transpose()?;
        let at = at.unwrap_or(now);
        if at > now {
            return Err(to_come().into());
        }
        let log = session::log(&file.log).await?.ok_or_else(|| no_log(&file.log))?;
        let instance = whom::resolve(&self.instance, self.account.as_deref(), &log).await?;
        let page = page(&log, instance, at, (file.timezone, now)).await?;
        log.close().await?;
        match self.listing.format {
            Format::Table => output::out(&page.text())?,
            Format::Json => listing::json(&[page.lines()])?,
            Format::Csv => listing::csv(&page.lines().timeline)?,
        }
        Ok(Exit::Ok)
    }
}

/// Everything there is to say.
async fn page(
    log: &AuditReader,
    instance: KnownInstance,
    at: DateTime<Utc>,
    (zone, now): (Zone, DateTime<Utc>),
) -> anyhow::Result<Page> {
    let in_use = log.file_in_use(at).await?;
    let file = in_use.as_ref().and_then(recall);
    let named: Vec<(String, Action)> = file
        .iter()
        .flat_map(|file| rules_in_use(file, &instance, &[]))
        .filter(|rule| rule.meaning == Meaning::Named)
        .map(|rule| (rule.rule, rule.action))
        .collect();
    let around = log.around(&instance, at, &named).await?;
    let rules = file.as_ref().map(|file| rules_in_use(file, &instance, &around.matched));
    let rules = rules.unwrap_or_default();
    let events = timeline(&around, &instance, (file.as_ref(), &rules), (zone, now));
    let facts = Facts {
        at,
        now,
        before: around.before.as_ref().map(|seen| (seen.at(), seen.status.clone())),
        same_until: same_until(&around),
        after: around.after.as_ref().map(|seen| (seen.at(), seen.status.clone())),
        events,
        rules,
    };
    let verdict = verdict(&facts, zone);
    let is_readable = in_use.is_none() || file.is_some();
    Ok(Page {
        instance,
        facts,
        verdict,
        zone,
        in_use,
        is_readable,
        pruned_before: around.pruned_before,
    })
}

/// Until when it was seen as it had last been: up to the change, or to the last look of all.
fn same_until(around: &Around) -> Option<DateTime<Utc>> {
    let seen_at = around.before.as_ref()?.at();
    match &around.after {
        Some(after) => Some(after.at()),
        None => Some(around.looked_at.map_or(seen_at, |looked_at| looked_at.max(seen_at))),
    }
}

fn recall(file: &FileInUse) -> Option<Schedules> {
    Schedules::recall(Path::new(&file.path), &file.text).ok().map(|(schedules, _)| schedules)
}

fn to_come() -> Misuse {
    Misuse {
        message: "that time is still to come: the log cannot know it".to_owned(),
        hint: "`lightsout next` and `lightsout plan` say what is to come".to_owned(),
    }
}

fn no_log(path: &Path) -> Misuse {
    Misuse {
        message: format!("nothing is known: there is no {}", path.display()),
        hint: "`lightsout run` or `fire` begins one".to_owned(),
    }
}
