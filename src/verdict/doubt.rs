//! Whatever may keep the nights from going as the file says.
//!
//! `doubt_words` says each in a sentence, with the next step.

use chrono::{DateTime, TimeDelta, Utc};

use super::tonight::Present;
use crate::audit::{Cluster, DaemonLife, DaemonPlace, Source, SourceKind, Standing};
use crate::model::repair::Repair;
use crate::schedule::{CredentialSource, SYSTEM_FOLDER};

/// The log may be ahead of this clock by so much: machines differ a little.
const AHEAD: TimeDelta = TimeDelta::minutes(2);

/// The clocks of nodes may differ by so many milliseconds.
const MOST_OFF: i64 = 2_000;

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
    NoLog {
        /// The daemon of this file is systemd's to start.
        is_unit: bool,
    },
    NoDaemon {
        is_unit: bool,
    },
    /// The daemon has not written to its log for this time.
    Silent(TimeDelta),
    /// schedules.toml cannot be used as it is now.
    FileRefused {
        /// A daemon works under another text meanwhile.
        daemon_goes_on: bool,
    },
    /// The daemon works under another text.
    FileDiffers,
    /// The shared log cannot be reached since this time.
    SharedLost {
        place: String,
        since: DateTime<Utc>,
    },
    /// This machine's copy cannot follow the shared log.
    Diverged,
    /// No node that shares the log is on duty.
    NoDuty,
    /// A node was last heard of at this time.
    NodeSilent {
        node: String,
        since: DateTime<Utc>,
    },
    /// A node works under another schedules.toml than the one on duty.
    NodesDiffer {
        node: String,
        on_duty: String,
    },
    /// A node's clock is off by so many seconds.
    NodeClock {
        node: String,
        seconds: i64,
    },
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

/// Whether the file is the system's, whose daemon the package's unit runs.
fn is_unit(present: Present<'_>) -> bool {
    present.schedules.is_some_and(|schedules| schedules.path.starts_with(SYSTEM_FOLDER))
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
            None if !present.has_log => doubts.push(of(About::NoLog { is_unit: is_unit(present) })),
            None => doubts.push(of(About::NoDaemon { is_unit: is_unit(present) })),
            Some(daemon) => doubts.extend(daemon.silence(present.now).map(About::Silent).map(of)),
        }
        doubts.extend(present.cluster.iter().flat_map(|cluster| of_cluster(cluster)));
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
            About::NoLog { .. } => "no_log",
            About::NoDaemon { .. } => "no_daemon",
            About::Silent(_) => "daemon_silent",
            About::FileRefused { .. } => "file_refused",
            About::FileDiffers => "file_differs",
            About::SharedLost { .. } => "shared_lost",
            About::Diverged => "diverged",
            About::NoDuty => "no_duty",
            About::NodeSilent { .. } => "node_silent",
            About::NodesDiffer { .. } => "nodes_differ",
            About::NodeClock { .. } => "node_clock",
            About::Account { .. } => "account",
            About::Calendar { .. } => "calendar",
        }
    }
}

/// Whatever may keep several machines from being as good as one.
fn of_cluster(cluster: &Cluster) -> Vec<Doubt> {
    let of = |about| Doubt { about, detail: None };
    let mut doubts = Vec::new();
    if let Some(since) = cluster.lost_at {
        let about = match cluster.standing {
            Standing::Diverged => About::Diverged,
            _ => About::SharedLost { place: cluster.place.clone(), since },
        };
        doubts.push(Doubt { about, detail: cluster.reason.clone() });
        // What was heard of the others is as old.
        return doubts;
    }
    let on_duty = cluster.nodes.iter().find(|node| node.standing == Standing::OnDuty);
    if on_duty.is_none() {
        doubts.push(of(About::NoDuty));
    }
    for node in &cluster.nodes {
        let name = || node.name.clone();
        if node.standing == Standing::Silent {
            doubts.push(of(About::NodeSilent { node: name(), since: node.heard_at }));
            continue;
        }
        if let Some(on_duty) = on_duty
            && !node.file_sha256.is_empty()
            && node.file_sha256 != on_duty.file_sha256
        {
            let on_duty = on_duty.name.clone();
            doubts.push(of(About::NodesDiffer { node: name(), on_duty }));
        }
        if node.clock_offset_ms.abs() > MOST_OFF {
            let seconds = node.clock_offset_ms / 1_000;
            doubts.push(of(About::NodeClock { node: name(), seconds }));
        }
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::language::Language;
    use crate::schedule::Schedules;
    use crate::time::zone::Zone;
    use crate::verdict::DoubtWords;

    #[test]
    fn the_daemon_of_the_system_s_file_is_started_by_its_unit() {
        for (folder, command) in
            [("/etc/lightsout", "systemctl start lightsout"), ("/home/kim", "lightsout run")]
        {
            let text = "timezone = 'UTC'\naccounts.main.platform = 'vpc'\n[[rules]]\nname = 'r'\n\
                action = 'stop'\ncron = '@daily'\nselect.names = ['*']\n";
            let path = std::path::Path::new(folder).join("schedules.toml");
            let (schedules, _) = Schedules::parse(&path, text).unwrap();
            for has_log in [true, false] {
                let present = Present {
                    now: DateTime::UNIX_EPOCH,
                    zone: Zone::UTC,
                    has_log,
                    schedules: Some(&schedules),
                    daemon: None,
                    sources: &[],
                    holds: &[],
                    cluster: None,
                };
                let doubts = Doubt::all(present, FileNow::default(), None);
                let step = DoubtWords(Language::English).next_step(&doubts[0]);
                assert_eq!(step.command, command);
            }
        }
    }
}
