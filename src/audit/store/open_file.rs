//! The file of the log as it was opened. Whoever deletes or replaces it does not disturb SQLite, which
//! goes on writing where nobody reads.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::error::AuditError;

#[derive(Clone, Debug)]
pub(crate) struct OpenFile {
    path: PathBuf,
    /// Its device and inode.
    identity: (u64, u64),
}

impl OpenFile {
    pub(super) fn of(path: &Path) -> Result<Self, AuditError> {
        let path = path.to_owned();
        match identity(&path) {
            Ok(identity) => Ok(Self { path, identity }),
            Err(source) => Err(AuditError::Open { path, source }),
        }
    }

    /// Fails when the file was deleted or replaced.
    pub(crate) fn is_in_place(&self) -> Result<(), AuditError> {
        if identity(&self.path).is_ok_and(|identity| identity == self.identity) {
            return Ok(());
        }
        Err(AuditError::Gone(self.path.clone()))
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let data = fs::metadata(path)?;
    Ok((data.dev(), data.ino()))
}
