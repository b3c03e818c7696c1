//! schedules.toml, watched: read again when told to, or when it was changed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::{Context, Waker};

use tokio::signal::unix::Signal;
use tracing::{error, warn};

use super::session;
use crate::audit::AuditLog;
use crate::clock::{Clock, Moment};
use crate::cloud::ncloud::Environment;
use crate::daemon::Reload;
use crate::dispatch::{InUse, chain};
use crate::schedule::{AuditFile, ReadError, Schedules};

/// How long a changed file must look the same before it is read, in real time: editors and
/// copies write in pieces, and half a file may well be one without error.
const SETTLED: std::time::Duration = std::time::Duration::from_secs(1);

/// What a file looks like from outside: device, number, length and time of change.
pub(super) type Stamp = Option<(u64, u64, u64, i64, i64)>;

/// The file in use.
#[derive(Debug)]
pub(super) struct FileReload {
    file: Watched,
    hangups: Signal,
    audit: Arc<AuditLog>,
    clock: Arc<dyn Clock>,
    /// What is in use.
    in_use: Arc<Schedules>,
    /// `[audit]` as it was when the log was opened.
    audit_file: AuditFile,
    /// The problem that was last complained of, so that it is complained of once.
    complained_of: Option<String>,
}

/// A file from outside.
#[derive(Debug)]
struct Watched {
    path: PathBuf,
    /// What it looked like when it was last read.
    read: Stamp,
    /// What it looked like at the last look, and since when it has.
    seen: (Stamp, Moment),
}

impl Watched {
    /// Whether the file looks other than it did when it was read, and has come to rest.
    fn has_changed(&mut self, clock: &dyn Clock) -> bool {
        let (stamp, now) = (stamp(&self.path), clock.moment());
        if stamp != self.seen.0 {
            self.seen = (stamp, now);
        }
        stamp != self.read && now.since(self.seen.1) >= clock.pace(SETTLED)
    }
}

impl FileReload {
    /// Watches the file that `in_use` was read from. `read` is how it looked before that, so
    /// that what changes it meanwhile is noticed.
    pub(super) fn new(
        (in_use, read): (Arc<Schedules>, Stamp),
        hangups: Signal,
        (audit, clock): (Arc<AuditLog>, Arc<dyn Clock>),
    ) -> Self {
        let seen = (read, clock.moment());
        Self {
            file: Watched { path: in_use.path.clone(), read, seen },
            hangups,
            audit,
            audit_file: in_use.audit.clone(),
            in_use,
            clock,
            complained_of: None,
        }
    }

    /// Writes to another log from now on.
    pub(super) fn write_to(&mut self, audit: Arc<AuditLog>) {
        self.audit = audit;
    }

    /// Whether the process was told to read the file again.
    fn told(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        self.hangups.poll_recv(&mut context).is_ready()
    }

    async fn take(&mut self, schedules: Schedules) -> anyhow::Result<InUse> {
        let schedules = Arc::new(schedules);
        if schedules.audit != self.audit_file {
            warn!("`[audit]` was changed: that takes a restart");
        }
        let clouds = session::connect(&schedules, &Environment::of_process(), &self.clock)?;
        let file = self.audit.load_file(&schedules).await?;
        Ok(InUse { schedules, file, clouds: Arc::new(clouds) })
    }

    fn complain(&mut self, problem: String) {
        if self.complained_of.as_ref() != Some(&problem) {
            error!(problem, "schedules.toml is not taken; the last good one stays in use");
            self.complained_of = Some(problem);
        }
    }
}

impl Reload for FileReload {
    async fn changed(&mut self) -> Option<InUse> {
        let told = self.told();
        if !self.file.has_changed(&*self.clock) && !told {
            return None;
        }
        self.file.read = stamp(&self.file.path);
        // A pipe would be waited for, and nothing would fire meanwhile.
        if fs::metadata(&self.file.path).is_ok_and(|data| !data.is_file()) {
            self.complain("it is no regular file".to_owned());
            return None;
        }
        let schedules = match Schedules::read(&self.file.path) {
            Ok((schedules, _)) => schedules,
            Err(ReadError::Invalid(problems)) => {
                let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                self.complain(problems.join("; "));
                return None;
            }
            Err(error) => {
                self.complain(chain(&error));
                return None;
            }
        };
        if schedules.rules.is_empty() && !told {
            self.complain("it holds no rule at all; SIGHUP takes it all the same".to_owned());
            return None;
        }
        // Told to, the keys are read again even where the text is the same.
        if !told && schedules.text == self.in_use.text {
            self.complained_of = None;
            return None;
        }
        match self.take(schedules).await {
            Ok(in_use) => {
                self.in_use = Arc::clone(&in_use.schedules);
                self.complained_of = None;
                Some(in_use)
            }
            Err(error) => {
                // Keys or the log may be back at the next look, with the file as it is.
                self.file.read = None;
                self.complain(format!("{error:#}"));
                None
            }
        }
    }
}

/// How a file looks. Follows links, so that one replaced behind a symlink is noticed too.
pub(super) fn stamp(path: &Path) -> Stamp {
    let data = fs::metadata(path).ok()?;
    Some((data.dev(), data.ino(), data.size(), data.mtime(), data.mtime_nsec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::RehearsalClock;
    use chrono::DateTime;

    #[test]
    fn a_file_that_is_still_being_written_is_not_read_yet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("schedules.toml");
        let clock = RehearsalClock::new(DateTime::UNIX_EPOCH, 1);
        let write = |text: &str| fs::write(&path, text).unwrap();
        write("whole");
        let read = stamp(&path);
        let mut file = Watched { path: path.clone(), read, seen: (read, clock.moment()) };
        let mut changed_after = |seconds| {
            clock.skip(std::time::Duration::from_secs(seconds));
            file.has_changed(&*clock)
        };
        assert!(!changed_after(5), "nobody wrote");
        write("hal");
        assert!(!changed_after(0));
        write("half");
        assert!(!changed_after(1), "it was just written to again");
        assert!(changed_after(1));
    }
}
