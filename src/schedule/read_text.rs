//! Reads the text of a file, within bounds.

use std::io;
use std::path::Path;

use super::read_error::ReadError;
use crate::text::regular_file;

/// The largest schedules.toml. Ten thousand rules need half of that.
pub(super) const LARGEST: u64 = 4_000_000;

/// The mark that some editors put before a UTF-8 text.
pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text of a file, if it can be a schedules.toml.
pub(super) fn read_text(path: &Path) -> Result<String, ReadError> {
    text_of(path, read_bytes(path, LARGEST)?)
}

pub(super) fn read_bytes(path: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    let unreadable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => ReadError::Missing(path.to_owned()),
        _ => ReadError::Unreadable { path: path.to_owned(), source },
    };
    let bytes = regular_file::open(path).and_then(|file| regular_file::read(file, most));
    bytes.map_err(unreadable)?.ok_or_else(|| ReadError::TooLarge(path.to_owned()))
}

pub(super) fn text_of(path: &Path, bytes: Vec<u8>) -> Result<String, ReadError> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        ReadError::NotText { path: path.to_owned(), line }
    })?;
    // Editors count columns without this mark.
    Ok(match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}
