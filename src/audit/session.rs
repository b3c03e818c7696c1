//! Sessions: who writes, and whether they still live.
//!
//! Every session holds a lock of the operating system on a file of its own beside the log,
//! which falls when the process dies, however it dies. A session that is in the log and whose
//! file is not locked is dead.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sqlx::SqliteConnection;

use super::error::AuditError;

/// A session: the number of the entry that began it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub(super) i64);

/// The lock that a living session holds.
#[derive(Debug)]
pub(super) struct SessionLock {
    path: PathBuf,
    file: File,
}

impl SessionLock {
    pub(super) fn hold(log: &Path, session: SessionId) -> io::Result<Self> {
        let path = lock_path(log, session);
        // Whoever may not open the log must not be able to hold a lock in a dead one's name.
        let mode = fs::metadata(log)?.mode() & 0o777;
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).mode(mode).open(&path)?;
        file.try_lock()?;
        Ok(Self { path, file })
    }

    /// Removes the file while it is still locked, so that nothing is left behind.
    pub(super) fn release(self) {
        drop(fs::remove_file(&self.path));
        drop(self.file);
    }
}

/// Whether a session's process is alive. Only a lock that is seen to be held counts as life:
/// where the file cannot be looked at, the session counts as alive, since taking over what a
/// living process does is worse than waiting for a person.
pub(super) fn is_alive(log: &Path, session: SessionId) -> bool {
    match open(&lock_path(log, session)) {
        Ok(file) => !matches!(file.try_lock_shared(), Ok(())),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Removes the lock files that dead sessions left beside the log. What cannot be removed does no
/// harm.
pub(super) fn sweep(log: &Path) {
    let log = real(log);
    let Some(folder) = log.parent() else { return };
    let Some(name) = log.file_name().and_then(|name| name.to_str()) else { return };
    let begins = format!("{name}-session-");
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if !name.to_str().is_some_and(|name| name.starts_with(&begins)) {
            continue;
        }
        let path = entry.path();
        if open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            drop(fs::remove_file(path));
        }
    }
}

/// Opens a lock file. A pipe that was put in its place would be waited for without end.
fn open(path: &Path) -> io::Result<File> {
    if fs::metadata(path)?.is_file() {
        return File::open(path);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "a lock that is no file"))
}

/// The daemon that is alive on this log, if one is: its session and its process id.
pub(super) async fn living_daemon(
    connection: &mut SqliteConnection,
    log: &Path,
) -> Result<Option<(SessionId, i64)>, AuditError> {
    // `CROSS JOIN` keeps the order: it begins at the few ends, and not at every entry.
    let open: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT seq, pid
        FROM session
        WHERE writer = 'daemon'
            AND seq NOT IN (
                SELECT entry.session
                FROM session_end
                CROSS JOIN entry ON entry.seq = session_end.seq
            )
        ORDER BY seq DESC",
    )
    .fetch_all(connection)
    .await?;
    let mut open = open.into_iter().map(|(session, pid)| (SessionId(session), pid));
    Ok(open.find(|&(session, _)| is_alive(log, session)))
}

/// Names the log by its number in the file system as well: sessions of a log that was deleted or
/// replaced may still live, and are none of the new one's.
fn lock_path(log: &Path, session: SessionId) -> PathBuf {
    let number = fs::metadata(log).map(|data| data.ino()).unwrap_or_default();
    // Beside the file itself, however it was reached.
    let mut name = real(log).into_os_string();
    name.push(format!("-session-{number}-{}", session.0));
    name.into()
}

fn real(log: &Path) -> PathBuf {
    fs::canonicalize(log).unwrap_or_else(|_| log.to_owned())
}

impl From<SessionId> for i64 {
    fn from(session: SessionId) -> Self {
        session.0
    }
}
