//! The writer's side: opens the log, migrates it, and begins the session that writes.
//!
//! [`super::reader`] is the reader's side.

use std::borrow::Cow;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use sha2::{Digest, Sha256};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, SqlStr, SqliteConnection};
use tokio::sync::{Mutex, MutexGuard};
use tracing::warn;

use super::audit_log::{AuditLog, Damage, Marks, Unwritten};
use super::chain;
use super::error::AuditError;
use super::migrations::MIGRATIONS;
use super::open_file::OpenFile;
use super::permissions::{self, exposure};
use super::reader::{AuditReader, must_be_a_file, unopened};
use super::record::{FileLoadRecord, FileTextRecord, SessionEndRecord};
use super::session::{self, Begun, hostname};
use super::write_tx::writing;
use super::writer::Writer;
use super::{pull, schema_check};
use crate::audit::shared::shared_log::SharedLog;
use crate::clock::Clock;
use crate::model::ids::FileId;
use crate::schedule::{AuditFile, Schedules};

impl AuditLog {
    /// Opens the log, makes or migrates it if needed, and begins a session.
    ///
    /// # Errors
    /// When the file cannot be made, opened or migrated, or another daemon uses it.
    pub async fn open(
        file: &AuditFile,
        writer: Writer,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AuditError> {
        let connection = make(file, writer).await?;
        if let Ok(Some(exposure)) = exposure(&file.path, file.mode) {
            warn!(exposure, "others could change the audit log unnoticed");
        }
        Self::begin(file, connection, writer, clock).await
    }

    /// Opens an existing log of this version, and begins a session. Never makes or migrates a log.
    ///
    /// # Errors
    /// When there is none, when it is of another version, or when it cannot be written.
    pub async fn join(
        file: &AuditFile,
        writer: Writer,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AuditError> {
        AuditReader::open(&file.path).await?.close().await?;
        Self::begin(file, connect(&file.path, writer).await?, writer, clock).await
    }

    async fn begin(
        file: &AuditFile,
        mut connection: SqliteConnection,
        writer: Writer,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AuditError> {
        let path = file.path.clone();
        let file_in_use = OpenFile::of(&path)?;
        let shared = match &file.shared {
            Some(shared) => Some(SharedLog::of(shared, hostname(), Arc::clone(&clock))?),
            None => None,
        };
        let shared = shared.map(Arc::new);
        if shared.is_some() {
            relax(&mut connection).await?;
        }
        let begun = loop {
            if let Some(shared) = &shared {
                pull::pull(&mut connection, &mut *shared.link().await).await?;
            }
            let at = clock.now().into();
            let begun =
                session::begin(&mut connection, &path, writer, at, shared.as_deref()).await?;
            if let Some(begun) = begun {
                break begun;
            }
        };
        let Begun { session, lock, lost } = begun;
        let marks = Marks::default();
        marks.note(clock.moment(), session.0);
        let mut doubts: Vec<String> = lost.into_iter().collect();
        if writer == Writer::Daemon {
            doubts.extend(schema_check::doubts(&mut connection).await);
        }
        Ok(Self {
            path,
            clock,
            writer,
            connection: Mutex::new(connection),
            queue: Arc::default(),
            session,
            shared,
            lock,
            file: file_in_use,
            ended_below: AtomicI64::new(0),
            unwritten: Unwritten::default(),
            marks,
            damage: Damage::default(),
            doubts,
        })
    }

    /// The reasons why the log may not be whole, found at opening: (1) entries of a dead process
    /// that are gone, (2) parts of this version's tables that are missing.
    pub fn doubts(&self) -> &[String] {
        &self.doubts
    }

    /// Records that this session uses the text of `schedules`. Each text is stored once.
    pub async fn load_file(&self, schedules: &Schedules) -> Result<FileId, AuditError> {
        let sha256 = file_sha256(&schedules.text);
        writing!(self, |tx| {
            let known: Option<i64> =
                sqlx::query_scalar("SELECT seq FROM file_text WHERE sha256 = ?1")
                    .bind(&sha256)
                    .fetch_optional(&mut **tx)
                    .await?;
            let file = if let Some(file) = known {
                file
            } else {
                let record =
                    FileTextRecord { sha256: sha256.clone(), text: schedules.text.clone() };
                tx.append(&[record]).await?
            };
            let path = schedules.path.display().to_string();
            if let Some(shared) = &self.shared {
                shared.use_file(schedules.meaning_sha256());
            }
            tx.append(&[FileLoadRecord { file, path: path.clone() }]).await?;
            Ok(FileId(file))
        })
    }

    /// Records that this session ends in good order, and closes the log.
    ///
    /// # Errors
    /// When the log cannot be written. The log is closed all the same.
    pub async fn end(self, reason: &str) -> Result<(), AuditError> {
        self.write_last_answers().await;
        let record = SessionEndRecord { reason: reason.to_owned() };
        let recorded = self.record(&[record]).await;
        self.connection.into_inner().close().await?;
        if let Some(shared) = &self.shared {
            shared.close().await;
        }
        self.lock.release();
        recorded.map(|_| ())
    }

    /// The only connection, in turn. Only the first in the queue waits for the connection itself.
    /// So a claim waits for two transactions at most, not for those of a thousand firings.
    pub(crate) async fn connection(&self) -> Result<MutexGuard<'_, SqliteConnection>, AuditError> {
        let _turn = self.queue.lock().await;
        self.connection_at_once().await
    }

    /// The only connection, ahead of the queue; its holder writes alone. Fails when the file was
    /// deleted or replaced: SQLite would go on writing where nobody reads.
    pub(crate) async fn connection_at_once(
        &self,
    ) -> Result<MutexGuard<'_, SqliteConnection>, AuditError> {
        let mut connection = self.connection.lock().await;
        self.file.is_in_place()?;
        self.mend(&mut connection).await?;
        self.write_answers(&mut connection).await?;
        self.mark(&mut connection).await?;
        Ok(connection)
    }

    /// Fails when the copy of a shared log was deleted or replaced. The other nodes need not wait
    /// until this one has something to write.
    ///
    /// # Errors
    /// [`AuditError::Gone`].
    pub fn copy_is_in_place(&self) -> Result<(), AuditError> {
        if self.shared.is_some() { self.file.is_in_place() } else { Ok(()) }
    }

    /// Replaces a connection that a failure has spoilt: when the disk is full, SQLite ends a
    /// transaction by itself, and sqlx still believes in it.
    async fn mend(&self, connection: &mut SqliteConnection) -> Result<(), AuditError> {
        if !connection.is_in_transaction() {
            return Ok(());
        }
        // After this statement, a transaction that was merely dropped has been rolled back.
        let answers = sqlx::query("SELECT 1").execute(&mut *connection).await.is_ok();
        if !answers || connection.is_in_transaction() {
            *connection = connect(&self.path, self.writer).await?;
            if self.shared.is_some() {
                relax(connection).await?;
            }
        }
        Ok(())
    }
}

/// Spares a copy of a shared log the wait for the disk at each write: its entries are on the disk of
/// the shared log already. After a crash of this machine it may lack the last ones, and takes them
/// in again.
pub(crate) async fn relax(copy: &mut SqliteConnection) -> Result<(), AuditError> {
    sqlx::query("PRAGMA synchronous = NORMAL").execute(copy).await?;
    Ok(())
}

/// Makes or migrates the file if needed, and connects to it.
pub(crate) async fn make(file: &AuditFile, writer: Writer) -> Result<SqliteConnection, AuditError> {
    let path = &file.path;
    create(path, file.mode).map_err(|source| AuditError::Open { path: path.clone(), source })?;
    must_be_a_file(path)?;
    let mut connection = connect(path, writer).await?;
    migrate(path, &mut connection).await?;
    Ok(connection)
}

pub(crate) async fn connect(path: &Path, writer: Writer) -> Result<SqliteConnection, AuditError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(writer.patience());
    SqliteConnection::connect_with(&options).await.map_err(|error| unopened(path, error))
}

/// SHA-256 of a text of schedules.toml, in hexadecimal, by which the log tells texts apart.
pub fn file_sha256(text: &str) -> String {
    chain::hex(&Sha256::digest(text))
}

/// Makes the file with its mode, which SQLite's side files inherit. Root's log belongs to the owner
/// of its folder, since the daemon may be somebody else.
fn create(path: &Path, mode: u32) -> io::Result<()> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let file = match opened {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        opened => opened?,
    };
    permissions::share(&file, mode, &fs::metadata(permissions::folder_of(path))?)
}

async fn migrate(path: &Path, connection: &mut SqliteConnection) -> Result<(), AuditError> {
    // Another program's database, named by mistake, must not be filled with tables.
    let is_foreign: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema)
            AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations')",
    )
    .fetch_one(&mut *connection)
    .await?;
    if is_foreign {
        return Err(AuditError::NotALog(path.to_owned()));
    }
    let migration = |(version, description, sql)| {
        let sql = SqlStr::from_static(sql);
        let description = Cow::Borrowed(description);
        Migration::new(version, description, MigrationType::Simple, sql, false)
    };
    let migrator = Migrator::with_migrations(MIGRATIONS.map(migration).to_vec());
    let mut done = migrator.run(&mut *connection).await;
    // Two processes may make a new log at once. Each migration is complete or absent, so the second
    // process finds it done at its next try.
    for _ in MIGRATIONS {
        if done.is_err() {
            done = migrator.run(&mut *connection).await;
        }
    }
    done.map_err(|source| match source {
        sqlx::migrate::MigrateError::VersionMissing(_) => AuditError::Newer(path.to_owned()),
        source => AuditError::Migrate { path: path.to_owned(), source },
    })
}
