//! Which log this process opened last.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The log that this process opened last.
pub(super) static OPENED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Notes that a log was opened.
pub(crate) fn note_opened(path: &Path) {
    *OPENED.lock().unwrap_or_else(PoisonError::into_inner) = Some(path.to_owned());
}

/// The log that this process opened last.
pub fn last_opened() -> Option<PathBuf> {
    OPENED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
