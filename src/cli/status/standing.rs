//! The data of `status`, before it is printed.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, Serializer};

use super::account::AccountLine;
use super::coming::ComingLine;
use super::nodes::{NodeStatus, SharedLine};
use crate::audit::{DaemonLife, DeferredLine, HistoryLine, LastLook, Standing as Node};
use crate::cli::hold::HoldLine;
use crate::cli::local_time::Spoken;
use crate::model::language::Language;
use crate::schedule::overrides::{Change, Override};
use crate::schedule::{Rule, beside};
use crate::time::zone::Zone;
use crate::verdict::{Doubt, DoubtWords, Mark, Verdict, Words, lines};

#[derive(Debug, Serialize)]
pub(crate) struct Standing {
    pub(super) verdict: VerdictLine,
    pub(super) doubts: Vec<DoubtLine>,
    pub(super) daemon: Option<DaemonLife>,
    /// Of a log that several machines share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) shared_log: Option<SharedLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) nodes: Vec<NodeStatus>,
    pub(super) accounts: Vec<AccountLine>,
    pub(super) calendars: Vec<CalendarLine>,
    pub(super) looked: Vec<LastLook>,
    pub(super) in_flight: Vec<HistoryLine>,
    pub(super) holds: Vec<HoldLine>,
    pub(super) owed: Vec<DeferredLine>,
    pub(super) next: Vec<Upcoming>,
    /// Everything within a day.
    pub(super) coming: Vec<ComingLine>,
    pub(super) disabled: Vec<Silenced>,
    pub(super) overrides: Vec<OverrideLine>,
}

/// The verdict, and the zone of its times.
#[derive(Debug)]
pub(crate) struct VerdictLine {
    pub(super) verdict: Verdict,
    pub(super) zone: Zone,
}

impl Serialize for VerdictLine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        lines::all(&self.verdict, self.zone).serialize(serializer)
    }
}

impl Standing {
    /// Whether a daemon lives; of several machines, whether one is on duty.
    pub(super) fn is_alive(&self) -> bool {
        match self.shared_log {
            None => self.daemon.is_some(),
            Some(_) => self.nodes.iter().any(|node| node.standing == Node::OnDuty),
        }
    }

    /// The next step of the first doubt of these kinds, about this account or calendar.
    pub(super) fn next_step(&self, kinds: &[&str], name: Option<&str>) -> Option<String> {
        let is_it = |it: &&DoubtLine| kinds.contains(&it.kind) && it.name.as_deref() == name;
        let doubt = self.doubts.iter().find(is_it)?;
        Some(format!("→ {}: {}", doubt.next_step, doubt.command))
    }
}

impl VerdictLine {
    /// The three lines for people: label, mark, sentence.
    pub(super) fn told(&self) -> [(&'static str, Mark, String); 3] {
        lines::told(&self.verdict, self.zone, Words(Language::English))
    }

    /// What keeps everything from coming, if anything does.
    pub(super) fn blocked(&self) -> Option<String> {
        let hindrance = self.verdict.tonight.hindrance.as_ref()?;
        Some(Words(Language::English).blocked_by(hindrance))
    }
}

/// Something that may keep the nights from going as the file says.
#[derive(Debug, Serialize)]
pub(crate) struct DoubtLine {
    pub(super) kind: &'static str,
    /// The account or the calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    pub(super) sentence: String,
    pub(super) detail: Option<String>,
    pub(super) next_step: String,
    pub(super) command: String,
}

impl DoubtLine {
    /// Whether a line of its own tells it among the nodes.
    pub(super) fn is_about_nodes(&self) -> bool {
        ["no_duty", "node_silent", "nodes_differ", "node_clock", "diverged"].contains(&self.kind)
    }

    pub(super) fn of(doubt: Doubt, zone: Zone, now: DateTime<Utc>) -> Self {
        let words = DoubtWords(Language::English);
        let step = words.next_step(&doubt);
        Self {
            kind: doubt.kind(),
            name: doubt.name().map(ToOwned::to_owned),
            sentence: words.sentence(&doubt, zone, now),
            detail: doubt.detail,
            next_step: step.words,
            command: step.command,
        }
    }
}

/// A calendar that rules use and the daemon cannot read.
#[derive(Debug, Serialize)]
pub(crate) struct CalendarLine {
    pub(super) calendar: String,
    pub(super) unreadable_since: String,
    pub(super) reason: String,
    /// The rules that do not fire meanwhile.
    pub(super) rules: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Upcoming {
    pub(super) rule: String,
    pub(super) at: String,
    pub(super) action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
}

/// An override in force.
#[derive(Debug, Serialize)]
pub(crate) struct OverrideLine {
    pub(super) rule: String,
    from: NaiveDate,
    pub(super) until: NaiveDate,
    off: Option<String>,
    cron: Option<String>,
    skip: bool,
    because: Option<String>,
    #[serde(skip)]
    change: String,
}

impl OverrideLine {
    pub(super) fn of(rule: &Rule, entry: &Override) -> Self {
        let (off, cron) = match &entry.change {
            Change::Skip => (None, None),
            Change::Off(hours) => (Some(hours.to_string()), None),
            Change::Cron(cron) => (None, Some(cron.to_string())),
        };
        Self {
            rule: rule.name.to_string(),
            from: entry.from,
            until: entry.until,
            off,
            cron,
            skip: entry.change == Change::Skip,
            because: entry.because.as_deref().map(ToOwned::to_owned),
            change: entry.change.to_string(),
        }
    }

    /// `dev-hours  off 23:00-08:00 until Fri 11 (release week)`.
    pub(super) fn told(&self, spoken: Spoken) -> String {
        let until = match spoken.day(self.until) {
            today if today.is_empty() => "today".to_owned(),
            day => day,
        };
        let because = self.because.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
        format!("{}  {} until {until}{because}", self.rule, self.change)
    }
}

/// A rule that does not fire.
#[derive(Debug, Serialize)]
pub(crate) struct Silenced {
    pub(super) rule: String,
    pub(super) since: Option<String>,
    pub(super) because: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
}

/// `dev-nightly since 2026-11-23 (release week)`, as far as it is known.
impl fmt::Display for Silenced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&beside(&self.rule, self.about.as_deref()))?;
        if let Some(since) = &self.since {
            write!(f, "  since {since}")?;
        }
        match &self.because {
            Some(because) => write!(f, " ({because})"),
            None => Ok(()),
        }
    }
}

impl Silenced {
    pub(super) fn of(rule: &Rule) -> Self {
        Self {
            rule: rule.name.to_string(),
            since: rule.disabled.since.map(|since| since.to_string()),
            because: rule.disabled.because.clone(),
            about: rule.about.as_deref().map(ToOwned::to_owned),
        }
    }
}
