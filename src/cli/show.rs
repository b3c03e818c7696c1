//! `lightsout show`: shows one firing with every request and every instance.

use clap::Args;

use super::history::{lines_of_history, tell_sum};
use super::listing::{self, Format, Listing, column, optional};
use super::local_time::{Spoken, local};
use super::output::{self, Misuse};
use super::session::{self, LogPlace};
use super::{Exit, Global};
use crate::audit::{AuditError, AuditReader, FiringStory, HistoryFilter, RequestLine};
use crate::clock::{Clock, SystemClock};
use crate::model::ids::FiringId;
use crate::schedule::Glimpse;
use crate::time::zone::Zone;

const EXAMPLES: &str = "\
Examples:
  lightsout show last
  lightsout show 42 -o json";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    /// The firing's number, as `history` shows it, or `last`
    #[arg(value_parser = number)]
    firing: Which,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    place: LogPlace,
}

#[derive(Clone, Copy, Debug)]
enum Which {
    Number(i64),
    /// The newest.
    Last,
}

impl Show {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (file, _) = self.place.glimpse(global)?;
        let story = match session::log(&file.log).await? {
            Some(log) => self.story(&log).await?,
            None => None,
        };
        let story = story.ok_or_else(|| no_such_firing(self.firing, &file))?;
        match self.listing.format {
            Format::Table => {
                tell(&story, Spoken { zone: file.timezone, now: SystemClock::new().now() })?;
            }
            Format::Json => listing::json(&[story])?,
            Format::Csv => listing::csv(&story.lines)?,
        }
        Ok(Exit::Ok)
    }

    async fn story(&self, log: &AuditReader) -> Result<Option<FiringStory>, AuditError> {
        let firing = match self.firing {
            Which::Number(number) => FiringId::from(number),
            Which::Last => {
                let newest = HistoryFilter { limit: 1, ..HistoryFilter::default() };
                let Some(newest) = log.firings(&newest).await?.pop() else { return Ok(None) };
                newest.firing
            }
        };
        log.show(firing).await
    }
}

fn number(text: &str) -> Result<Which, String> {
    if text == "last" {
        return Ok(Which::Last);
    }
    let no_number = |_| "it is no number; `lightsout history` shows the numbers of the firings";
    text.parse().map(Which::Number).map_err(no_number).map_err(ToOwned::to_owned)
}

fn no_such_firing(which: Which, file: &Glimpse) -> Misuse {
    let which = match which {
        Which::Number(number) => format!("firing {number}"),
        Which::Last => "firing".to_owned(),
    };
    Misuse {
        message: format!("there is no {which} in {}", file.log.display()),
        hint: "`lightsout history` shows the numbers of the firings".to_owned(),
    }
}

fn tell(story: &FiringStory, spoken: Spoken) -> anyhow::Result<()> {
    let zone = spoken.zone;
    if let Some(line) = story.lines.first() {
        let at = local(line.scheduled_at.as_ref().unwrap_or(&line.started_at), zone);
        let dry_run = if story.dry_run { ", dry run" } else { "" };
        output::out(&format!(
            "firing   {}: {} {} at {at} ({}), account {}{dry_run}\n",
            line.firing, line.action, line.rule, line.trigger, line.account,
        ))?;
    }
    if let Some(before) = &story.once_more {
        output::out(&format!(
            "again    claimed before as firing {}, when the clock showed {} at {}\n",
            before.firing,
            local(&before.ahead_at, zone),
            local(&before.real_at, zone),
        ))?;
    }
    for (label, others) in
        [("catches up on", &story.makes_up_for), ("caught up by", &story.made_up_by)]
    {
        if !others.is_empty() {
            let numbers: Vec<String> = others.iter().map(ToString::to_string).collect();
            output::out(&format!("{label} firing {}\n", numbers.join(", ")))?;
        }
    }
    let ended = story.ended_at.as_ref().map(|at| local(at, zone));
    let not_ended = if story.is_missed() { "never begun" } else { "not yet" };
    output::out(&format!("ended    {}\n", ended.as_deref().unwrap_or(not_ended)))?;
    for (label, session) in std::iter::once(("process", &story.session))
        .chain(story.taken_over_by.iter().map(|session| ("then", session)))
    {
        let host = session.host.as_ref().map(|host| format!(" on {host}"));
        output::out(&format!(
            "{label:<9}{} {}{}, lightsout {}\n",
            session.writer,
            session.pid,
            output::harmless(&host.unwrap_or_default()),
            session.version,
        ))?;
    }
    output::out(&format!("file     sha256 {}\n\n", story.file_sha256))?;
    lines_of_history(&story.lines, spoken, Format::Table)?;
    tell_sum(&story.lines, Format::Table)?;
    if !story.requests.is_empty() {
        output::out("\n")?;
    }
    output::out(&requests(&story.requests, zone))
}

fn requests(lines: &[RequestLine], zone: Zone) -> String {
    let result = |line: &RequestLine| line.result.clone();
    let no_answer = || "no answer recorded".to_owned();
    let http = |line: &RequestLine| line.http_status.map(|status| status.to_string());
    let columns = vec![
        vec![
            column("asked", |line: &RequestLine| local(&line.requested_at, zone)),
            column("region", |line: &RequestLine| line.region.clone()),
            column("result", move |line: &RequestLine| result(line).unwrap_or_else(no_answer)),
            column("http", move |line: &RequestLine| http(line).unwrap_or_default()),
            optional("code", |line: &RequestLine| line.return_code.as_ref()),
        ],
        vec![optional("request id", |line: &RequestLine| line.request_id.as_ref())],
        vec![column("instances", |line: &RequestLine| line.instances.join(" "))],
        vec![optional("message", |line: &RequestLine| {
            line.return_message.as_ref().or(line.detail.as_ref())
        })],
    ];
    listing::as_table(lines, &columns)
}
