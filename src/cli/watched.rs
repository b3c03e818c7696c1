//! schedules.toml and its calendars from outside: whether they have changed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::clock::{Clock, Moment};
use crate::schedule::Schedules;

/// How long a changed file must look the same before it is read, in real time: editors and
/// copies write in pieces, and half a file may well be one without error.
const SETTLED: std::time::Duration = std::time::Duration::from_secs(1);

/// What a file looks like from outside: device, number, length and time of change, of its mode as
/// well: it may be that it could not be read.
pub(super) type Stamp = Option<(u64, u64, u64, i64, i64)>;

/// What several files look like, in their order.
type Look = Vec<Stamp>;

/// Files from outside: schedules.toml, and behind it the calendars that it names.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    paths: Vec<PathBuf>,
    /// What they looked like when they were last read; of a calendar that has been named since,
    /// nothing is known, so it is read once more.
    read: Look,
    /// What they looked like at the last look, and since when they have.
    seen: (Look, Moment),
}

impl Watched {
    /// Watches what `schedules` was read from, which looked like `read` before.
    pub(super) fn new(schedules: &Schedules, read: Stamp, now: Moment) -> Self {
        let mut files = Self { paths: Vec::new(), read: vec![read], seen: (vec![read], now) };
        files.follow(schedules);
        files
    }

    /// Watches the calendars that `schedules` names, in the place of those it named before.
    pub(super) fn follow(&mut self, schedules: &Schedules) {
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
    pub(super) fn note(&mut self) {
        self.read = self.look();
    }

    /// Takes it that nothing is known of the files, so that they are read again.
    pub(super) fn forget(&mut self) {
        self.read.fill(None);
    }

    fn look(&self) -> Look {
        self.paths.iter().map(|path| stamp(path)).collect()
    }

    /// Whether the files look other than they did when they were read, and have come to rest.
    pub(super) fn have_changed(&mut self, clock: &dyn Clock) -> bool {
        let (look, now) = (self.look(), clock.moment());
        if look != self.seen.0 {
            self.seen = (look, now);
        }
        self.seen.0 != self.read && now.since(self.seen.1) >= clock.pace(SETTLED)
    }
}

/// How a file looks. Follows links, so that one replaced behind a symlink is noticed too.
pub(super) fn stamp(path: &Path) -> Stamp {
    let data = fs::metadata(path).ok()?;
    Some((data.dev(), data.ino(), data.size(), data.ctime(), data.ctime_nsec()))
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
