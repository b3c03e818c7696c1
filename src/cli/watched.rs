//! Detects changes of schedules.toml and its calendars from outside. [`super::reload`] reads them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::clock::{Clock, Moment};
use crate::schedule::Schedules;

/// A changed file must stay the same for this much real time before it is read. Editors write in
/// pieces, and half a file may have no error.
const SETTLED: std::time::Duration = std::time::Duration::from_secs(1);

/// A file from outside: device, number, length, and the times of change of content and mode. The
/// mode counts because a file may become readable.
pub(super) type Stamp = Option<(u64, u64, u64, i64, i64)>;

type Stamps = Vec<Stamp>;

/// schedules.toml, and after it the calendars that it names.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    paths: Vec<PathBuf>,
    /// The stamps at the last reading. A newly named calendar has none, so it is read once more.
    read: Stamps,
    /// The stamps at the last check, and the moment since which they have stayed the same.
    seen: (Stamps, Moment),
}

impl Watched {
    /// Watches the files of `schedules`. `read` is the stamp from before it was read.
    pub(super) fn new(schedules: &Schedules, read: Stamp, now: Moment) -> Self {
        let mut files = Self { paths: Vec::new(), read: vec![read], seen: (vec![read], now) };
        files.follow(schedules);
        files
    }

    /// Watches the calendars that `schedules` names, instead of the earlier ones.
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

    /// Notes the stamps before the files are read.
    pub(super) fn note(&mut self) {
        self.read = self.look();
    }

    /// Forgets the stamps, so that the files are read again.
    pub(super) fn forget(&mut self) {
        self.read.fill(None);
    }

    fn look(&self) -> Stamps {
        self.paths.iter().map(|path| stamp(path)).collect()
    }

    /// Whether the files differ from the last reading, and have come to rest.
    pub(super) fn have_changed(&mut self, clock: &dyn Clock) -> bool {
        let (look, now) = (self.look(), clock.moment());
        if look != self.seen.0 {
            self.seen = (look, now);
        }
        self.seen.0 != self.read && now.since(self.seen.1) >= clock.pace(SETTLED)
    }
}

/// The stamp of a file. Follows links, so that a replaced target is noticed.
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
