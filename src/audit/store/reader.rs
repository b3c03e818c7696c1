//! The reader's side: a log opened read-only, and never migrated.
//!
//! What is read stands in `audit::query`, a question a file.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{Mutex, MutexGuard};

use super::error::AuditError;
use super::migrations::MIGRATIONS;

/// How many rows SQLite reads ahead of whoever takes them: with few, the two wait for each other
/// all the time when the whole log is read.
const ROWS_AHEAD: usize = 2_000;

/// How much of the log a reader keeps at hand, in KiB: SQLite's own 2 MiB make a long question
/// read the same pages again and again.
const CACHE: &str = "-16384";

/// SQLite's code for a file that is no database.
const NOT_A_DATABASE: &str = "26";

/// The audit log, open for reading. Writers are not held up by it, nor it by them.
#[derive(Debug)]
pub struct AuditReader {
    pub(crate) path: PathBuf,
    connection: Mutex<SqliteConnection>,
}

impl AuditReader {
    /// Opens the log as it is.
    ///
    /// # Errors
    /// When there is none, when it cannot be read, or when its tables are not exactly those
    /// that this version writes.
    pub async fn open(path: &Path) -> Result<Self, AuditError> {
        let (log, versions) = Self::of_any_version(path).await?;
        let known: BTreeSet<i64> = MIGRATIONS.iter().map(|&(version, ..)| version).collect();
        if !versions.is_subset(&known) {
            return Err(AuditError::Newer(path.to_owned()));
        }
        if versions != known {
            return Err(AuditError::Older(path.to_owned()));
        }
        Ok(log)
    }

    /// Opens a log that may be of another version, to copy it whole.
    ///
    /// # Errors
    /// When there is none, or when it cannot be read.
    pub async fn open_any(path: &Path) -> Result<Self, AuditError> {
        Self::of_any_version(path).await.map(|(log, _)| log)
    }

    async fn of_any_version(path: &Path) -> Result<(Self, BTreeSet<i64>), AuditError> {
        must_be_a_file(path)?;
        crate::audit::store::last_opened::note_opened(path);
        let (connection, versions) = connect(path).await?;
        if versions.is_empty() {
            return Err(AuditError::NotALog(path.to_owned()));
        }
        Ok((Self { path: path.to_owned(), connection: Mutex::new(connection) }, versions))
    }

    /// Closes the log, and waits until it is closed: a writer that closes it later is then the
    /// last one, and leaves one file behind instead of three.
    ///
    /// # Errors
    /// When SQLite says so.
    pub async fn close(self) -> Result<(), AuditError> {
        Ok(self.connection.into_inner().close().await?)
    }

    pub(crate) async fn connection(&self) -> MutexGuard<'_, SqliteConnection> {
        self.connection.lock().await
    }
}

/// Refuses what is no file: a pipe in the log's place would be waited for without end.
pub(crate) fn must_be_a_file(path: &Path) -> Result<(), AuditError> {
    match fs::metadata(path) {
        Ok(data) if data.is_file() => Ok(()),
        Ok(_) => Err(AuditError::NotALog(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(AuditError::Missing(path.to_owned()))
        }
        Err(source) => Err(AuditError::Open { path: path.to_owned(), source }),
    }
}

/// A connection, and the migrations that the log has gone through.
///
/// SQLite keeps side files next to a log, which in a folder that may not be written to, or on a
/// full disk, it can only do without when it is promised that nobody writes. With nothing in a
/// write-ahead log there, that promise holds: a writer would have put it there.
pub(crate) async fn connect(path: &Path) -> Result<(SqliteConnection, BTreeSet<i64>), AuditError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .row_buffer_size(ROWS_AHEAD)
        .pragma("cache_size", CACHE);
    let mut read = try_connect(&options).await;
    if read.is_err() && !has_unmerged_rows(path) {
        read = try_connect(&options.immutable(true)).await;
    }
    read.map_err(|error| unopened(path, error))
}

/// Why SQLite would not open a file.
pub(crate) fn unopened(path: &Path, error: sqlx::Error) -> AuditError {
    match error.as_database_error().and_then(DatabaseError::code) {
        Some(code) if code == NOT_A_DATABASE => AuditError::NotALog(path.to_owned()),
        _ => AuditError::Database(error),
    }
}

async fn try_connect(
    options: &SqliteConnectOptions,
) -> Result<(SqliteConnection, BTreeSet<i64>), sqlx::Error> {
    let mut connection = SqliteConnection::connect_with(options).await?;
    let is_migrated: bool = sqlx::query_scalar(
        "SELECT count(*) > 0
        FROM sqlite_schema
        WHERE type = 'table' AND name = '_sqlx_migrations'",
    )
    .fetch_one(&mut connection)
    .await?;
    if !is_migrated {
        return Ok((connection, BTreeSet::new()));
    }
    let versions: Vec<i64> = sqlx::query_scalar(
        "SELECT version
        FROM _sqlx_migrations",
    )
    .fetch_all(&mut connection)
    .await?;
    Ok((connection, versions.into_iter().collect()))
}

fn has_unmerged_rows(path: &Path) -> bool {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    fs::metadata(name).is_ok_and(|wal| wal.len() > 0)
}
