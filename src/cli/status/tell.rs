//! Prints `status` for people.

use super::{Standing, Upcoming};
use crate::cli::listing::Format;
use crate::cli::{history, hold, output, table};
use crate::schedule::beside;
use crate::time::zone::Zone;

/// The width of the label before a line.
const LABEL: usize = 11;

pub(super) fn tell(standing: &Standing, zone: Zone) -> anyhow::Result<()> {
    for (label, mark, sentence) in standing.verdict.told() {
        labelled(&label.to_lowercase(), [format!("{} {sentence}", mark.sign())])?;
    }
    match &standing.daemon {
        Some(daemon) => {
            let since = crate::cli::local_time::local(&daemon.since, zone);
            let (pid, version) = (daemon.pid, &daemon.version);
            labelled("daemon", [format!("alive since {since}, process {pid}, version {version}")])?;
            if let (Some(path), Some(sha256)) = (&daemon.file_path, &daemon.file_sha256) {
                labelled("file", [format!("{path}, sha256 {sha256}")])?;
            }
        }
        None => labelled("daemon", ["none on this log".to_owned()])?,
    }
    for (place, account) in standing.accounts.iter().enumerate() {
        let is_told_at_length = account.unreadable_since.is_some();
        let label = if place == 0 || is_told_at_length { "account" } else { "" };
        labelled(label, account.table(zone))?;
    }
    for calendar in &standing.calendars {
        let since = crate::cli::local_time::local(&calendar.unreadable_since, zone);
        let name = &calendar.calendar;
        let stops =
            format!("these rules do not fire until it can be: {}", calendar.rules.join(", "));
        let lines =
            [format!("{name}: cannot be read since {since}"), stops, calendar.reason.clone()];
        labelled("calendar", lines)?;
    }
    match standing.in_flight.len() {
        0 => labelled("in flight", ["nothing".to_owned()])?,
        n => {
            labelled("in flight", [n.to_string()])?;
            history::lines_of_history(&standing.in_flight, zone, Format::Table)?;
        }
    }
    labelled("held", standing.holds.iter().map(ToString::to_string))?;
    let owed = standing.owed.iter().map(|owed| {
        let due = owed
            .due_at
            .as_ref()
            .map(|due| crate::cli::local_time::local(due, zone))
            .unwrap_or_default();
        format!("{due}  {}", hold::in_words(owed))
    });
    labelled("deferred", owed)?;
    let next = standing.next.iter().map(|upcoming| {
        let Upcoming { rule, at, action, about } = upcoming;
        let rule = beside(rule, about.as_deref());
        format!("{at}  {rule} ({action})")
    });
    labelled("next", next)?;
    labelled("disabled", standing.disabled.iter().map(ToString::to_string))
}

/// Prints lines under one label. The first line has it, and long lines wrap at the terminal's edge.
fn labelled(label: &str, lines: impl IntoIterator<Item = String>) -> anyhow::Result<()> {
    let room = table::width().map_or(usize::MAX, |width| width.saturating_sub(LABEL).max(LABEL));
    for (place, line) in lines.into_iter().enumerate() {
        let label = if place == 0 { label } else { "" };
        let between = format!("\n{:LABEL$}", "");
        let text = textwrap::wrap(&output::harmless(&line), room).join(&between);
        output::out(&format!("{label:<LABEL$}{text}\n"))?;
    }
    Ok(())
}
