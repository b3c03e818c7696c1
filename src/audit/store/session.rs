//! Sessions: who writes to the log, and who is still alive.
//!
//! Every session holds a lock of the operating system on its own file beside the log. The lock
//! falls when the process dies, however that happens. So a session in the log without a lock is
//! dead.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use sqlx::{Connection, SqliteConnection};

use super::audit_log::SessionLock;
use super::chain::{self, Author};
use super::entry_hash::EntryHash;
use super::error::AuditError;
use super::millis::Millis;
use super::permissions::share;
use super::record::SessionRecord;
use super::session_id::SessionId;
use super::writer::Writer;
use crate::audit::shared::shared_log::SharedLog;

impl SessionLock {
    pub(crate) fn hold(log: &Path, session: SessionId) -> io::Result<Self> {
        let path = lock_path(log, session);
        let mut options = OpenOptions::new();
        // Nobody who may write to the folder leads root elsewhere by a link.
        options.write(true).mode(0o600).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
        let file = match options.clone().create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.open(&path)?,
            made => {
                let made = made?;
                // Whoever may not open the log must not be able to hold a dead session's lock, and
                // whoever may must be able to see that it is dead.
                let like = fs::metadata(log)?;
                share(&made, like.mode() & 0o777, &like)?;
                made
            }
        };
        file.try_lock()?;
        Ok(Self { path, file })
    }

    /// Notes beside the log how far it has come. If this process dies and its write-ahead log is
    /// lost, the finder of the file misses those entries. A failed note does no harm.
    pub(crate) fn remember(&self, (seq, hash): (i64, EntryHash)) {
        // Numbers only grow, so the new note covers the whole old one. The note tells of losses, so
        // it is synced to the disk.
        let written = self.file.write_all_at(format!("{seq} {hash}\n").as_bytes(), 0);
        drop(written.and_then(|()| self.file.sync_data()));
    }

    /// Removes the file while it is still locked.
    pub(crate) fn release(self) {
        drop(fs::remove_file(&self.path));
        drop(self.file);
    }
}

/// A session that has begun.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) session: SessionId,
    pub(crate) lock: SessionLock,
    /// The lost entries of dead sessions, in words.
    pub(crate) lost: Option<String>,
}

/// Begins a session; `None` when another node wrote to the shared log first.
///
/// # Errors
/// When another daemon of this machine uses the log, or it cannot be written.
pub(crate) async fn begin(
    connection: &mut SqliteConnection,
    path: &Path,
    writer: Writer,
    at: Millis,
    shared: Option<&SharedLog>,
) -> Result<Option<Begun>, AuditError> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    if writer == Writer::Daemon
        && let Some((_, pid)) = living_daemon(&mut tx, path).await?
    {
        return Err(AuditError::AnotherDaemon { pid });
    }
    // Nobody else begins a session meanwhile, so each free lock belongs to a dead session.
    let lost = lost(&mut tx, path).await?;
    // The evidence of lost entries stays until a daemon comes, which tells somebody.
    if lost.is_none() || writer == Writer::Daemon {
        sweep(path);
    }
    // The lock is taken before the row can be seen. So a visible session without a lock is dead.
    let session = SessionId(chain::head(&mut tx).await?.0 + 1);
    let lock = SessionLock::hold(path, session)
        .map_err(|source| AuditError::Open { path: path.to_owned(), source })?;
    let record = SessionRecord {
        writer: writer.as_str().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        host: hostname(),
    };
    let mut lines = Vec::new();
    let keeps = shared.is_some().then_some(&mut lines);
    chain::append(&mut tx, Author { session: None, at }, &[record], keeps).await?;
    if let Some(shared) = shared
        && let Err(error) = shared.append(&lines).await
    {
        lock.release();
        return if error.is_out_of_place() { Ok(None) } else { Err(error.into()) };
    }
    tx.commit().await?;
    lock.remember(chain::head(connection).await?);
    Ok(Some(Begun { session, lock, lost }))
}

/// Whether a session's process is alive. A file that cannot be examined counts as alive: taking
/// over a living process's work is worse than waiting for a person.
pub(crate) fn is_alive(log: &Path, session: SessionId) -> bool {
    match open(&lock_path(log, session)) {
        Ok(file) => !matches!(file.try_lock_shared(), Ok(())),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Removes the lock files of dead sessions beside the log. A failure does no harm.
pub(crate) fn sweep(log: &Path) {
    for (path, _) in of_the_dead(log, "") {
        drop(fs::remove_file(path));
    }
}

/// The lock files of dead sessions beside the log, open, whose names go on like that.
fn of_the_dead(log: &Path, numbers: &str) -> Vec<(PathBuf, File)> {
    let log = real(log);
    let (Some(folder), Some(name)) = (log.parent(), log.file_name()) else { return Vec::new() };
    let begins = format!("{}-session-{numbers}", name.to_string_lossy());
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_one = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&begins))
    };
    let paths = entries.map(|entry| entry.path()).filter(is_one);
    let open = |path: PathBuf| Some((open(&path).ok()?, path));
    let dead = paths.filter_map(open).filter(|(file, _)| file.try_lock().is_ok());
    dead.map(|(file, path)| (path, file)).collect()
}

/// The lost entries of dead sessions, in words. Sessions of a log that was replaced since do not
/// count.
pub(crate) async fn lost(
    connection: &mut SqliteConnection,
    log: &Path,
) -> Result<Option<String>, AuditError> {
    let (last, _) = chain::head(connection).await?;
    let mut known = None;
    for (_, file) in of_the_dead(log, &format!("{}-", number(log))) {
        let Some((seq, hash)) = remembered(&file) else { continue };
        let there: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM entry WHERE seq = ?1")
            .bind(seq)
            .fetch_optional(&mut *connection)
            .await?;
        // A missing entry may have been pruned.
        let is_gone = there.map_or(seq > last, |there| EntryHash::from_bytes(&there) != Some(hash));
        if is_gone {
            known = known.max(Some(seq));
        }
    }
    Ok(known.map(|seq| {
        format!(
            "entries are lost: a process that died had written entry {seq}, and the log it left \
             ends at {last}, as if its -wal file had been removed or an older copy put in place"
        )
    }))
}

fn remembered(mut file: &File) -> Option<(i64, EntryHash)> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    let (seq, hash) = text.trim_end().split_once(' ')?;
    Some((seq.parse().ok()?, hash.parse().ok()?))
}

/// Opens a lock file. A pipe in its place would make it wait for ever.
fn open(path: &Path) -> io::Result<File> {
    if fs::metadata(path)?.is_file() {
        return File::open(path);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "a lock that is no file"))
}

/// The daemon that is alive on this log, if any: its session and its process id.
pub(crate) async fn living_daemon(
    connection: &mut SqliteConnection,
    log: &Path,
) -> Result<Option<(SessionId, i64)>, AuditError> {
    // `CROSS JOIN` keeps the order: it begins at the few ends, not at every entry.
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

/// The name contains the log's inode, since sessions of a deleted or replaced log may still live
/// and do not belong to the new one.
fn lock_path(log: &Path, session: SessionId) -> PathBuf {
    let number = number(log);
    // Beside the file itself, however it was reached.
    let mut name = real(log).into_os_string();
    name.push(format!("-session-{number}-{}", session.0));
    name.into()
}

/// The log's inode.
fn number(log: &Path) -> u64 {
    fs::metadata(log).map(|data| data.ino()).unwrap_or_default()
}

fn real(log: &Path) -> PathBuf {
    fs::canonicalize(log).unwrap_or_else(|_| log.to_owned())
}

impl From<SessionId> for i64 {
    fn from(session: SessionId) -> Self {
        session.0
    }
}

/// The name of this machine, if the system has it in a file or a variable.
pub fn hostname() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read_to_string("/etc/hostname"))
        .ok()
        .or_else(|| std::env::var("HOSTNAME").ok())?;
    Some(name.trim().to_owned())
}
