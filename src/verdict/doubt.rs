//! Whatever may keep the nights from going as the file says.
//!
//! `doubt_words` says each in a sentence, with the next step.

use chrono::{DateTime, TimeDelta, Utc};

use super::tonight::Present;
use crate::audit::{DaemonLife, DaemonPlace, Source, SourceKind};
use crate::model::repair::Repair;
use crate::schedule::CredentialSource;

/// The log may be ahead of this clock by so much: machines differ a little.
const AHEAD: TimeDelta = TimeDelta::minutes(2);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    pub about: About,
    /// The error as it was said.
    pub detail: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The log's newest entry is of a time to come.
    Clock(DateTime<Utc>),
    /// There is no log, so no daemon has ever run.
    NoLog,
    NoDaemon,
    /// The daemon has not written to its log for this time.
    Silent(TimeDelta),
    /// schedules.toml cannot be used as it is now.
    FileRefused {
        /// A daemon works under another text meanwhile.
        daemon_goes_on: bool,
    },
    /// The daemon works under another text.
    FileDiffers,
    Account {
        name: String,
        /// Those that cannot be listed, with commas; `None`: all.
        regions: Option<String>,
        since: Option<DateTime<Utc>>,
        repair: Option<Repair>,
        /// Where the daemon that reads it has the keys from, if its file is known.
        keys: Option<CredentialSource>,
        daemon: Option<DaemonPlace>,
    },
    Calendar {
        name: String,
        since: Option<DateTime<Utc>>,
        /// The rules that do not fire meanwhile.
        rules: Vec<String>,
    },
}

/// The file as it is now.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileNow<'a> {
    /// Its first error.
    pub problem: Option<&'a str>,
    /// The daemon uses another text.
    pub differs: bool,
}

impl Doubt {
    /// All of them, the gravest first. `newest_at` is the time of the log's newest entry.
    pub fn all(
        present: Present<'_>,
        file: FileNow<'_>,
        newest_at: Option<DateTime<Utc>>,
    ) -> Vec<Self> {
        let of = |about| Self { about, detail: None };
        let mut doubts = Vec::new();
        doubts.extend(newest_at.filter(|at| *at > present.now + AHEAD).map(About::Clock).map(of));
        match present.daemon {
            None if !present.has_log => doubts.push(of(About::NoLog)),
            None => doubts.push(of(About::NoDaemon)),
            Some(daemon) => doubts.extend(daemon.silence(present.now).map(About::Silent).map(of)),
        }
        match file.problem {
            Some(problem) => {
                let detail = Some(problem.to_owned()).filter(|problem| !problem.is_empty());
                let about = About::FileRefused { daemon_goes_on: file.differs };
                doubts.push(Self { about, detail });
            }
            None if file.differs => doubts.push(of(About::FileDiffers)),
            None => {}
        }
        let lost = present.sources.iter().filter(|source| source.is_lost());
        doubts.extend(lost.map(|source| Self::of_source(source, present)));
        doubts
    }

    fn of_source(source: &Source, present: Present<'_>) -> Self {
        let (name, schedules) = (source.name.clone(), present.schedules);
        let since = source.lost_at.as_deref().and_then(|at| at.parse().ok());
        let about = if source.kind == SourceKind::Calendar {
            let rules = schedules.map(|it| it.looking_at(&source.name)).unwrap_or_default();
            About::Calendar { name, since, rules }
        } else {
            let repair = source.needs.as_deref().and_then(Repair::of_clause);
            let mut accounts = schedules.iter().flat_map(|it| it.accounts.values());
            let account = accounts.find(|it| it.name.as_str() == name);
            About::Account {
                regions: source.regions.clone(),
                since,
                repair,
                keys: account.map(|account| account.credentials.clone()),
                daemon: present.daemon.map(DaemonLife::place),
                name,
            }
        };
        Self { about, detail: source.reason.clone() }
    }

    /// The account or the calendar.
    pub fn name(&self) -> Option<&str> {
        match &self.about {
            About::Account { name, .. } | About::Calendar { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The word for programs.
    pub fn kind(&self) -> &'static str {
        match self.about {
            About::Clock(_) => "clock",
            About::NoLog => "no_log",
            About::NoDaemon => "no_daemon",
            About::Silent(_) => "daemon_silent",
            About::FileRefused { .. } => "file_refused",
            About::FileDiffers => "file_differs",
            About::Account { .. } => "account",
            About::Calendar { .. } => "calendar",
        }
    }
}
