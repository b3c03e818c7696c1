//! Copies the whole log while everything runs.
//!
//! SQLite writes the copy beside its final place, from one read of the log. The copy gets its name
//! when it is on the disk, so a file with that name is always complete.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::audit::store::chain;
use crate::audit::store::entry_hash::EntryHash;
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::{self, AuditReader};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The number of its last entry.
    pub last: i64,
    pub head: EntryHash,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The reason why there is no copy. No part of one stays behind.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file with that name exists, and stays as it is.
    #[error("{0} is there already")]
    Exists(PathBuf),
    #[error("could not write the copy {path}")]
    Unwritten {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The log cannot be read, or SQLite could not write the copy.
    #[error("could not copy the audit log to {path}")]
    Uncopied {
        /// The place of the copy.
        path: PathBuf,
        #[source]
        source: AuditError,
    },
}

/// An unfinished copy beside its place. Dropping this removes the file.
#[derive(Debug)]
struct Unfinished {
    path: PathBuf,
    beside: PathBuf,
}

impl AuditReader {
    /// Copies the log as it is at this moment into a new file that only its owner may read. Writers
    /// need not wait.
    ///
    /// # Errors
    /// When the file exists, the log cannot be read, or the copy cannot be written.
    pub async fn backup(&self, path: &Path) -> Result<Copied, BackupError> {
        let unwritten = |source| BackupError::Unwritten { path: path.to_owned(), source };
        let uncopied = |source| BackupError::Uncopied { path: path.to_owned(), source };
        let copy = Unfinished::beside(path)?;
        let beside =
            copy.beside.to_str().ok_or_else(|| unwritten(io::ErrorKind::InvalidFilename.into()))?;
        sqlx::query("VACUUM INTO ?1")
            .bind(beside)
            .execute(&mut *self.connection().await)
            .await
            .map_err(|error| uncopied(error.into()))?;
        let (mut copied, _) = reader::connect(&copy.beside).await.map_err(uncopied)?;
        let head = chain::head(&mut copied).await.map_err(uncopied)?;
        sqlx::Connection::close(copied).await.map_err(|error| uncopied(error.into()))?;
        let bytes = copy.finish()?;
        Ok(Copied { last: head.0, head: head.1, bytes })
    }
}

impl Unfinished {
    /// Makes an empty private file for SQLite to fill.
    fn beside(path: &Path) -> Result<Self, BackupError> {
        if path.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(path.to_owned()));
        }
        let unwritten = |source| BackupError::Unwritten { path: path.to_owned(), source };
        let name =
            path.file_name().ok_or_else(|| unwritten(io::ErrorKind::InvalidFilename.into()))?;
        let name = format!(".{}.{}", name.to_string_lossy(), std::process::id());
        let beside = path.with_file_name(name);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside);
        made.map_err(unwritten)?;
        Ok(Self { path: path.to_owned(), beside })
    }

    /// Gives the copy its name, unless the name was taken meanwhile. Returns its size.
    fn finish(self) -> Result<u64, BackupError> {
        let named = || {
            let file = File::open(&self.beside)?;
            file.sync_all()?;
            // A hard link, unlike a rename, never replaces another file.
            match fs::hard_link(&self.beside, &self.path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
                // Some file systems have no hard links.
                Err(_) if !self.path.try_exists()? => fs::rename(&self.beside, &self.path)?,
                linked => linked?,
            }
            let folder = match self.path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            File::open(folder)?.sync_all()?;
            file.metadata().map(|data| data.len())
        };
        named().map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(self.path.clone()),
            _ => BackupError::Unwritten { path: self.path.clone(), source },
        })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.beside));
    }
}
