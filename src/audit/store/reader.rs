//! The reader's side: opens a log read-only, and never migrates it.
//!
//! The questions are in `audit::query`.

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

/// The rows that SQLite reads ahead. With few, reader and receiver wait for each other all the time
/// when the whole log is read.
const ROWS_AHEAD: usize = 2_000;

/// The cache of a reader, in KiB. SQLite's own 2 MiB make a long query read the same pages again
/// and again.
const CACHE: &str = "-16384";

/// SQLite's code for a file that is no database.
const NOT_A_DATABASE: &str = "26";

/// The audit log, open for reading. Readers and writers do not wait for each other.
#[derive(Debug)]
pub struct AuditReader {
    pub(crate) path: PathBuf,
    connection: Mutex<SqliteConnection>,
}

impl AuditReader {
    /// Opens the log as it is.
    ///
    /// # Errors
    /// When there is none, when it cannot be read, or when its tables are not exactly those of this
    /// version.
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

    /// Opens the log as it is; `None` when there is none yet.
    ///
    /// # Errors
    /// As [`Self::open`], but for a log that is not there.
    pub async fn open_if_there(path: &Path) -> Result<Option<Self>, AuditError> {
        match Self::open(path).await {
            Err(AuditError::Missing(_)) => Ok(None),
            opened => opened.map(Some),
        }
    }

    /// Opens a log of any version, to copy it whole.
    ///
    /// # Errors
    /// When there is none, or when it cannot be read.
    pub async fn open_any(path: &Path) -> Result<Self, AuditError> {
        Self::of_any_version(path).await.map(|(log, _)| log)
    }

    async fn of_any_version(path: &Path) -> Result<(Self, BTreeSet<i64>), AuditError> {
        must_be_a_file(path)?;
        let (connection, versions) = connect(path).await?;
        if versions.is_empty() {
            return Err(AuditError::NotALog(path.to_owned()));
        }
        Ok((Self { path: path.to_owned(), connection: Mutex::new(connection) }, versions))
    }

    /// Closes the log, and waits until it is closed. A writer that closes it later is then the last
    /// one, and leaves one file behind instead of three.
    ///
    /// # Errors
    /// When SQLite fails.
    pub async fn close(self) -> Result<(), AuditError> {
        Ok(self.connection.into_inner().close().await?)
    }

    pub(crate) async fn connection(&self) -> MutexGuard<'_, SqliteConnection> {
        self.connection.lock().await
    }
}

/// Refuses anything but a file: opening a pipe would wait for ever.
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
/// SQLite keeps side files beside a log. In a read-only folder, or on a full disk, it can do
/// without them only under the promise that nobody writes. An empty write-ahead log keeps that
/// promise: a writer would have filled it.
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

/// The reason why SQLite could not open a file.
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
