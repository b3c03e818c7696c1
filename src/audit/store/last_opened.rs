//! Remembers the log that this process opened last, for messages after a failure.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub(super) static OPENED: Mutex<Option<PathBuf>> = Mutex::new(None);

pub(crate) fn note_opened(path: &Path) {
    *OPENED.lock().unwrap_or_else(PoisonError::into_inner) = Some(path.to_owned());
}

pub fn last_opened() -> Option<PathBuf> {
    OPENED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
