//! schedules.toml and its calendars, watched: read again when told to, or when they were changed.

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
use crate::schedule::{AuditFile, Glimpse, ReadError, Schedules};

/// How long a changed file must look the same before it is read, in real time: editors and
/// copies write in pieces, and half a file may well be one without error.
const SETTLED: std::time::Duration = std::time::Duration::from_secs(1);

/// What a file looks like from outside: device, number, length and time of change.
pub(super) type Stamp = Option<(u64, u64, u64, i64, i64)>;

/// What several files look like, in their order.
type Look = Vec<Stamp>;

/// The file in use.
#[derive(Debug)]
pub(super) struct FileReload {
    files: Watched,
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

/// Files from outside: schedules.toml, and behind it the calendars that it names.
#[derive(Debug)]
struct Watched {
    paths: Vec<PathBuf>,
    /// What they looked like when they were last read; of a calendar that has been named since,
    /// nothing is known, so it is read once more.
    read: Look,
    /// What they looked like at the last look, and since when they have.
    seen: (Look, Moment),
}

impl Watched {
    /// Watches what `schedules` was read from, which looked like `read` before.
    fn new(schedules: &Schedules, read: Stamp, now: Moment) -> Self {
        let mut files = Self { paths: Vec::new(), read: vec![read], seen: (vec![read], now) };
        files.follow(schedules);
        files
    }

    /// Watches the calendars that `schedules` names, in the place of those it named before.
    fn follow(&mut self, schedules: &Schedules) {
        let calendars = schedules.calendars.files().map(ToOwned::to_owned);
        let paths: Vec<PathBuf> =
            std::iter::once(schedules.path.clone()).chain(calendars).collect();
        if paths != self.paths {
            self.read.resize(1, None);
            self.read.resize(paths.len(), None);
            self.paths = paths;
        }
    }

    /// Takes note of what the files look like before they are read.
    fn note(&mut self) {
        self.read = self.look();
    }

    fn look(&self) -> Look {
        self.paths.iter().map(|path| stamp(path)).collect()
    }

    /// Whether the files look other than they did when they were read, and have come to rest.
    fn have_changed(&mut self, clock: &dyn Clock) -> bool {
        let (look, now) = (self.look(), clock.moment());
        if look != self.seen.0 {
            self.seen = (look, now);
        }
        self.seen.0 != self.read && now.since(self.seen.1) >= clock.pace(SETTLED)
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
        Self {
            files: Watched::new(&in_use, read, clock.moment()),
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
        warn_of_ending_calendars(&schedules, &*self.clock);
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
        if !self.files.have_changed(&*self.clock) && !told {
            return None;
        }
        self.files.note();
        let path = &self.in_use.path;
        // A pipe would be waited for, and nothing would fire meanwhile.
        if fs::metadata(path).is_ok_and(|data| !data.is_file()) {
            self.complain("it is no regular file".to_owned());
            return None;
        }
        let schedules = match Schedules::read(path) {
            Ok((schedules, _)) => schedules,
            Err(ReadError::Invalid(problems)) => {
                // What is wrong may be in a calendar that it names, and be mended there.
                let text = Glimpse::read(path).map(|glimpse| glimpse.text).unwrap_or_default();
                if let Ok((named, _)) = Schedules::recall(path, &text) {
                    self.files.follow(&named);
                }
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
        let is_same =
            schedules.text == self.in_use.text && schedules.calendars == self.in_use.calendars;
        if !told && is_same {
            self.complained_of = None;
            return None;
        }
        match self.take(schedules).await {
            Ok(in_use) => {
                self.in_use = Arc::clone(&in_use.schedules);
                self.files.follow(&self.in_use);
                self.complained_of = None;
                Some(in_use)
            }
            Err(error) => {
                // Keys or the log may be back at the next look, with the file as it is.
                self.files.read.fill(None);
                self.complain(format!("{error:#}"));
                None
            }
        }
    }
}

/// Logs which calendars know too little of the days to come.
pub(super) fn warn_of_ending_calendars(schedules: &Schedules, clock: &dyn Clock) {
    for problem in schedules.ending_calendars(clock.now()) {
        warn!(%problem, hint = problem.hint, "a calendar ends soon");
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

    const SCHEDULES: &str = "[calendars.kr]\nics = \"kr.ics\"\n";

    #[test]
    fn a_calendar_that_was_changed_is_noticed_and_a_new_one_is_read_once_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("schedules.toml");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("schedules.toml", SCHEDULES);
        write("kr.ics", "BEGIN:VCALENDAR\nEND:VCALENDAR\n");
        let (schedules, _) = Schedules::read(&path).unwrap();
        let clock = RehearsalClock::new(DateTime::UNIX_EPOCH, 1);
        let mut files = Watched::new(&schedules, stamp(&path), clock.moment());
        let have_changed = |files: &mut Watched| {
            files.have_changed(&*clock);
            clock.skip(SETTLED);
            files.have_changed(&*clock)
        };
        assert!(have_changed(&mut files), "nobody knows how it looked before it was read");
        files.note();
        assert!(!have_changed(&mut files), "nobody wrote");
        write("kr.ics", "BEGIN:VCALENDAR\n\nEND:VCALENDAR\n");
        assert!(have_changed(&mut files));
    }

    #[test]
    fn a_file_that_is_still_being_written_is_not_read_yet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("schedules.toml");
        let clock = RehearsalClock::new(DateTime::UNIX_EPOCH, 1);
        let write = |text: &str| fs::write(&path, text).unwrap();
        write("whole");
        let read = vec![stamp(&path)];
        let seen = (read.clone(), clock.moment());
        let mut file = Watched { paths: vec![path.clone()], read, seen };
        let mut changed_after = |seconds| {
            clock.skip(std::time::Duration::from_secs(seconds));
            file.have_changed(&*clock)
        };
        assert!(!changed_after(5), "nobody wrote");
        write("hal");
        assert!(!changed_after(0));
        write("half");
        assert!(!changed_after(1), "it was just written to again");
        assert!(changed_after(1));
    }
}
