//! Prints `status` for people: a few lines while all is well, the details with trouble or on demand.

use super::Standing;
use super::coming::{each, together};
use super::standing::{CalendarLine, DoubtLine, Upcoming};
use crate::audit::{DaemonLife, unreadable};
use crate::cli::listing::Format;
use crate::cli::local_time::Spoken;
use crate::cli::paint::Painted;
use crate::cli::{history, hold, output, table};
use crate::model::mark::Mark;
use crate::schedule::beside;

/// The width of the label before a line.
const LABEL: usize = 11;
/// The most lines about what comes.
const MOST_COMING: usize = 200;

/// The most lines of one kind while all is well.
const MOST: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Short,
    Long,
}

pub(super) fn tell(standing: &Standing, spoken: Spoken, length: Length) -> anyhow::Result<()> {
    for (line, (label, mark, sentence)) in standing.verdict.told().into_iter().enumerate() {
        let bad = Some(mark).filter(|mark| *mark == Mark::Trouble);
        let clauses = [Painted::marked(bad, &sentence.answer)]
            .into_iter()
            .chain(sentence.more.iter().map(|clause| Painted::plain(clause)));
        let parts = [Painted::marked(mark, mark.sign()), Painted::joined(clauses, "; ")];
        labelled(&label.to_lowercase(), [Painted::joined(parts, " ")])?;
        match line {
            // Last night.
            0 if mark == Mark::Trouble => {
                plain("", ["→ See why: lightsout history --trouble".to_owned()])?;
            }
            // Tonight.
            1 => plain("", standing.next_step(&["no_log", "no_daemon"], None))?,
            _ => {}
        }
    }
    of_daemon(standing.daemon.as_ref(), spoken, length)?;
    if let Some(shared) = &standing.shared_log {
        let mark = shared.lost_at.is_some().then_some(Mark::Trouble);
        marked_first("log", &shared.told(spoken), mark)?;
        let width = standing.nodes.iter().map(|node| node.node.len()).max().unwrap_or_default();
        plain("nodes", standing.nodes.iter().map(|node| node.told(spoken, width)))?;
        let about_nodes = |doubt: &&DoubtLine| doubt.is_about_nodes();
        let doubts = standing
            .doubts
            .iter()
            .filter(about_nodes)
            .map(|doubt| Painted::marked(Some(Mark::Trouble), &doubt.sentence));
        labelled("", doubts)?;
    }
    let accounts = standing.accounts.iter();
    for account in accounts.filter(|it| it.is_noteworthy() || length == Length::Long) {
        let mark = account.is_lost().then_some(Mark::Trouble);
        let step = standing.next_step(&["account"], Some(&account.account));
        marked_first("account", &account.table(spoken, step), mark)?;
    }
    for calendar in &standing.calendars {
        let mut lines = of_calendar(calendar, spoken);
        lines.extend(standing.next_step(&["calendar"], Some(&calendar.calendar)));
        marked_first("calendar", &lines, Some(Mark::Trouble))?;
    }
    match standing.in_flight.len() {
        0 => {}
        n => {
            labelled("in flight", [Painted::plain(&n.to_string())])?;
            history::lines_of_history(&standing.in_flight, spoken, Format::Table)?;
        }
    }
    let held = standing.holds.iter().map(|hold| hold.told(&spoken.of(&hold.until)));
    some("held", held.collect(), length)?;
    let owed = standing.owed.iter().map(|owed| {
        let due = owed.due_at.as_ref().map(|due| spoken.of(due)).unwrap_or_default();
        format!("{due}  {}", hold::in_words(owed))
    });
    some("deferred", owed.collect(), length)?;
    some("override", standing.overrides.iter().map(|it| it.told(spoken)).collect(), length)?;
    some("next", next(standing, spoken, length), length)?;
    some("disabled", standing.disabled.iter().map(ToString::to_string).collect(), length)?;
    plain("as of", [spoken.as_of()])
}

/// The daemon, or the next step where there is none.
fn of_daemon(daemon: Option<&DaemonLife>, spoken: Spoken, length: Length) -> anyhow::Result<()> {
    let Some(daemon) = daemon else {
        return marked_first("daemon", &["none on this log".to_owned()], Some(Mark::Trouble));
    };
    let since = spoken.of(&daemon.since);
    if length == Length::Short {
        return plain("daemon", [format!("alive since {since}")]);
    }
    let (pid, version) = (daemon.pid, &daemon.version);
    plain("daemon", [format!("alive since {since}, process {pid}, version {version}")])?;
    match (&daemon.file_path, &daemon.file_sha256) {
        (Some(path), Some(sha256)) => plain("file", [format!("{path}, sha256 {sha256}")]),
        _ => Ok(()),
    }
}

fn of_calendar(calendar: &CalendarLine, spoken: Spoken) -> Vec<String> {
    let since = spoken.of(&calendar.unreadable_since);
    vec![
        format!("{}: {}", calendar.calendar, unreadable(&since)),
        format!("these rules do not fire until it can be read: {}", calendar.rules.join(", ")),
        calendar.reason.clone(),
    ]
}

/// Prints lines of one kind; the first of them when they are many.
fn some(label: &str, mut lines: Vec<String>, length: Length) -> anyhow::Result<()> {
    let more = lines.len().saturating_sub(MOST);
    if length == Length::Short && more > 0 {
        lines.truncate(MOST);
        lines.push(and_more(more));
    }
    plain(label, lines)
}

fn and_more(more: usize) -> String {
    format!("and {more} more")
}

/// Prints lines of which the first says how things are.
fn marked_first(label: &str, lines: &[String], mark: Option<Mark>) -> anyhow::Result<()> {
    let painted = lines
        .iter()
        .enumerate()
        .map(|(place, line)| Painted::marked(mark.filter(|_| place == 0), line));
    labelled(label, painted)
}

fn plain(label: &str, lines: impl IntoIterator<Item = String>) -> anyhow::Result<()> {
    labelled(label, lines.into_iter().map(|line| Painted::plain(&line)))
}

/// What comes within a day. Where nothing does, the first rules that fire later.
fn next(standing: &Standing, spoken: Spoken, length: Length) -> Vec<String> {
    if !standing.coming.is_empty() {
        let blocked = standing.verdict.blocked();
        let (shown, more) = standing.coming.split_at(standing.coming.len().min(MOST_COMING));
        let coming = match length {
            Length::Short => together(&standing.coming, spoken),
            Length::Long if more.is_empty() => each(shown),
            Length::Long => each(shown).into_iter().chain([and_more(more.len())]).collect(),
        };
        return blocked.into_iter().chain(coming).collect();
    }
    let shown = if length == Length::Long { standing.next.len() } else { 1 };
    let next = standing.next.iter().take(shown).map(|upcoming| {
        let Upcoming { rule, at, action, about } = upcoming;
        format!("{}  {action} {}", spoken.of(at), beside(rule, about.as_deref()))
    });
    next.collect()
}

/// Prints lines under one label. The first line has it, and long lines wrap at the terminal's edge.
fn labelled(label: &str, lines: impl IntoIterator<Item = Painted>) -> anyhow::Result<()> {
    let room = table::width().map_or(usize::MAX, |width| width.saturating_sub(LABEL).max(LABEL));
    for (place, line) in lines.into_iter().enumerate() {
        let label = if place == 0 { label } else { "" };
        let between = format!("\n{:LABEL$}", "");
        let text = table::wrap(&line.into_string(), room).join(&between);
        output::out(&format!("{label:<LABEL$}{text}\n"))?;
    }
    Ok(())
}
