//! `lightsout history` and `show`: what the log has, read and never changed.

use anyhow::bail;
use clap::Args;

use super::{Exit, Global, Listing, instant, output, session};
use crate::audit::{AuditReader, FiringId, HistoryFilter, HistoryLine, RequestLine};
use crate::clock::{Clock, SystemClock};
use crate::outcome::Outcome;
use crate::schedule::zone::Zone;

#[derive(Debug, Args)]
pub(super) struct History {
    /// Only this rule
    #[arg(long)]
    rule: Option<String>,
    /// Only this instance
    #[arg(long, value_name = "NO-or-NAME")]
    instance: Option<String>,
    /// Only this outcome, such as `refused` or `timed_out`
    #[arg(long)]
    outcome: Option<Outcome>,
    /// From this time on
    #[arg(long, value_name = "T")]
    since: Option<String>,
    /// Up to this time
    #[arg(long, value_name = "T")]
    until: Option<String>,
    /// At most this many lines
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
    #[command(flatten)]
    listing: Listing,
}

/// One firing, whole.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The firing's number, as `history` shows it
    firing: i64,
    #[command(flatten)]
    listing: Listing,
}

impl History {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = session::read(global)?;
        let zone = schedules.timezone;
        let now = SystemClock::new().now();
        let time = |text: &String| instant::parse(text, zone, now);
        let filter = HistoryFilter {
            rule: self.rule,
            instance: self.instance,
            outcome: self.outcome,
            since: self.since.as_ref().map(time).transpose()?,
            until: self.until.as_ref().map(time).transpose()?,
            limit: self.limit,
        };
        let lines = AuditReader::open(&schedules.audit.path).await?.history(&filter).await?;
        lines_of_history(&lines, zone, self.listing.format)?;
        Ok(Exit::Ok)
    }
}

/// Prints lines of the history; in a table, times in the file's zone.
pub(super) fn lines_of_history(
    lines: &[HistoryLine],
    zone: Zone,
    format: output::Format,
) -> anyhow::Result<()> {
    let heads =
        ["firing", "when", "rule", "instance", "name", "before", "after", "outcome", "reason"];
    output::listing(format, lines, &heads, |line| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            line.firing.to_string(),
            local(line.scheduled_at.as_ref().unwrap_or(&line.started_at), zone),
            line.rule.clone(),
            text(&line.instance_no),
            text(&line.instance_name),
            text(&line.status_before),
            text(&line.status_after),
            line.outcome.clone().unwrap_or_else(|| "in flight".to_owned()),
            text(&line.reason),
        ]
    })
}

/// A time of the log as people of that zone read it.
pub(super) fn local(at: &str, zone: Zone) -> String {
    let Ok(instant) = chrono::DateTime::parse_from_rfc3339(at) else { return at.to_owned() };
    zone.show(instant.to_utc()).format("%Y-%m-%d %H:%M:%S%:z").to_string()
}

impl Show {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = session::read(global)?;
        let reader = AuditReader::open(&schedules.audit.path).await?;
        let Some(story) = reader.show(FiringId::from(self.firing)).await? else {
            bail!("there is no firing {} in {}", self.firing, schedules.audit.path.display());
        };
        if self.listing.format != output::Format::Table {
            output::listing(self.listing.format, &[story], &[], |_| Vec::new())?;
            return Ok(Exit::Ok);
        }
        let zone = schedules.timezone;
        if let Some(line) = story.lines.first() {
            let at = local(line.scheduled_at.as_ref().unwrap_or(&line.started_at), zone);
            output::out(&format!(
                "firing {}: {} {} at {at} ({}), account {}{}\nfile  sha256 {}\n\n",
                line.firing,
                line.rule,
                line.action,
                line.trigger,
                line.account,
                if story.dry_run { ", dry run" } else { "" },
                story.file_sha256,
            ))?;
        }
        lines_of_history(&story.lines, zone, output::Format::Table)?;
        if !story.requests.is_empty() {
            output::out("\n")?;
        }
        requests(&story.requests, zone)?;
        Ok(Exit::Ok)
    }
}

fn requests(lines: &[RequestLine], zone: Zone) -> anyhow::Result<()> {
    let heads = ["asked", "region", "instances", "result", "http", "code", "request id", "message"];
    output::listing(output::Format::Table, lines, &heads, |line| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![
            local(&line.requested_at, zone),
            line.region.clone(),
            line.instances.join(" "),
            line.result.clone().unwrap_or_else(|| "no answer recorded".to_owned()),
            line.http_status.map(|status| status.to_string()).unwrap_or_default(),
            text(&line.return_code),
            text(&line.request_id),
            line.return_message.clone().or_else(|| line.detail.clone()).unwrap_or_default(),
        ]
    })
}
