//! The data of `status`, before it is printed.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::account::AccountLine;
use super::coming::ComingLine;
use super::nodes::{NodeStatus, SharedLine};
use crate::audit::{DaemonLife, DeferredLine, HistoryLine, LastLook, Standing as Node};
use crate::cli::hold::HoldLine;
use crate::cli::local_time::Spoken;
use crate::model::instance::Action;
use crate::model::language::Language;
use crate::schedule::overrides::{Change, Override};
use crate::schedule::{Rule, beside};
use crate::time::zone::Zone;
use crate::verdict::{Doubt, DoubtWords, Mark, Sentence, Verdict, Words, lines};

/// How things stand.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Standing {
    /// How last night went, what is to come tonight, what this month saved.
    #[schemars(with = "lines::VerdictLines")]
    pub(super) verdict: VerdictLine,
    /// Whatever may keep the nights from going as the file says; empty while all is well.
    pub(super) doubts: Vec<DoubtLine>,
    /// The daemon that is alive on the log; null: none.
    pub(super) daemon: Option<DaemonLife>,
    /// Of a log that several machines share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) shared_log: Option<SharedLine>,
    /// The machines that share the log, the one on duty first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) nodes: Vec<NodeStatus>,
    /// The accounts of the file; empty without a daemon.
    pub(super) accounts: Vec<AccountLine>,
    /// The calendars that rules need and the daemon cannot read.
    pub(super) calendars: Vec<CalendarLine>,
    /// When the daemon last looked for changes by others, by account.
    pub(super) looked: Vec<LastLook>,
    /// The servers that firings still work at.
    pub(super) in_flight: Vec<HistoryLine>,
    /// The holds in force.
    pub(super) holds: Vec<HoldLine>,
    /// The deferred actions.
    pub(super) owed: Vec<DeferredLine>,
    /// The next five firings.
    pub(super) next: Vec<Upcoming>,
    /// Everything within 24 hours.
    pub(super) coming: Vec<ComingLine>,
    /// The rules that are disabled.
    pub(super) disabled: Vec<Silenced>,
    /// The overrides in force.
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
    pub(super) fn told(&self) -> [(&'static str, Mark, Sentence); 3] {
        lines::told(&self.verdict, self.zone, Words(Language::English))
    }

    /// What keeps everything from coming, if anything does.
    pub(super) fn blocked(&self) -> Option<String> {
        let hindrance = self.verdict.tonight.hindrance.as_ref()?;
        Some(Words(Language::English).blocked_by(hindrance))
    }
}

/// Something that may keep the nights from going as the file says.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "doubt")]
pub(crate) struct DoubtLine {
    #[schemars(extend("x-words" = [
        "clock", "no_log", "no_daemon", "daemon_silent", "file_refused", "file_differs", "shared_lost",
        "diverged", "no_duty", "node_silent", "nodes_differ", "node_clock", "account", "calendar",
    ]))]
    pub(super) kind: &'static str,
    /// The account, the calendar or the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// What is wrong, in words.
    pub(super) sentence: String,
    /// More words, such as those of an error.
    pub(super) detail: Option<String>,
    /// What to do next, in words.
    pub(super) next_step: String,
    /// The command that does it, or shows more.
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
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "calendar")]
pub(crate) struct CalendarLine {
    /// Its name in schedules.toml.
    pub(super) calendar: String,
    /// Since when.
    pub(super) unreadable_since: String,
    pub(super) reason: String,
    /// The rules that do not fire meanwhile.
    pub(super) rules: Vec<String>,
}

/// A coming firing in short.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "upcoming")]
pub(crate) struct Upcoming {
    pub(super) rule: String,
    pub(super) at: String,
    #[schemars(with = "Action")]
    pub(super) action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
}

/// An override in force.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "override_in_force")]
pub(crate) struct OverrideLine {
    pub(super) rule: String,
    /// Its first local day.
    from: NaiveDate,
    /// Its last local day.
    pub(super) until: NaiveDate,
    /// The hours off on these days.
    off: Option<String>,
    /// The cron on these days.
    cron: Option<String>,
    /// Whether nothing fires on these days.
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
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "disabled_rule")]
pub(crate) struct Silenced {
    pub(super) rule: String,
    /// `disabled_since` of the rule: a day.
    #[schemars(extend("format" = "date"))]
    pub(super) since: Option<String>,
    /// `disabled_because` of the rule.
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
