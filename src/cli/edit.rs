//! The common part of `add`, `remove`, `edit` and their like: reads the file, changes and checks the text,
//! and replaces the file only when all is well.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::output::{self, Misuse};
use super::{Global, config_place};
use crate::schedule::edit::EditError;
use crate::schedule::{ReadError, Schedules};
use crate::text::regular_file;

/// Some editors mark UTF-8 by this at the beginning. Readers do without it.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Changes schedules.toml if the result has no errors; returns the result. `change` turns the
/// present text into the new one.
pub(super) fn change(
    global: &Global,
    change: impl FnOnce(&Schedules) -> anyhow::Result<String>,
) -> anyhow::Result<Schedules> {
    let path = config_place::config_path(global);
    let target = EditedFile::open(&path)?;
    let (before, _) = Schedules::read(&path)?;
    let text = change(&before)?;
    let (after, warnings) = Schedules::parse(&path, &text)
        .map_err(ReadError::Invalid)
        .context("nothing was written, because the file would have problems then")?;
    if text != before.text {
        target.replace(&before.text, &text)?;
    }
    output::problems(&warnings);
    output::problems(after.failing_expectations());
    Ok(after)
}

/// Checks that the file may be changed, before somebody takes the trouble.
pub(super) fn may_change(path: &Path) -> anyhow::Result<()> {
    EditedFile::open(path).map(drop)
}

/// Replaces the text of the file, if that is still `old`.
pub(super) fn replace(path: &Path, old: &str, new: &str) -> anyhow::Result<()> {
    EditedFile::open(path)?.replace(old, new)
}

/// An edit that cannot be made, with a hint.
pub(super) fn misuse(error: &EditError) -> Misuse {
    Misuse { message: format!("nothing was written: {error}"), hint: error.hint().to_owned() }
}

/// The file to replace: the end of all links.
struct EditedFile {
    path: PathBuf,
    /// Open for writing, so that a read-only file is not replaced either.
    file: File,
    folder: File,
}

impl EditedFile {
    /// Waits until no other command edits in the same folder.
    fn open(path: &Path) -> anyhow::Result<Self> {
        let target = match fs::canonicalize(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ReadError::Missing(path.to_owned()).into());
            }
            target => target.with_context(|| format!("could not find {}", path.display()))?,
        };
        let folder = File::open(target.parent().unwrap_or(Path::new("/")))
            .with_context(|| format!("could not open the folder of {}", path.display()))?;
        // On a file system without locks, the comparison before the replacement must suffice.
        drop(folder.lock());
        // Opening anything but a file for writing may do harm.
        drop(
            regular_file::open(&target)
                .with_context(|| format!("could not read {}", path.display()))?,
        );
        let file = OpenOptions::new().read(true).write(true).open(&target);
        let file = file.with_context(|| format!("may not write {}", path.display()))?;
        Ok(Self { path: target, file, folder })
    }

    /// Replaces `old` by `new`. Every reader of the file finds one of them, complete.
    fn replace(mut self, old: &str, new: &str) -> anyhow::Result<()> {
        let mut bytes = Vec::new();
        self.file.read_to_end(&mut bytes)?;
        let (mark, text) = match bytes.strip_prefix(BYTE_ORDER_MARK) {
            Some(text) => (BYTE_ORDER_MARK, text),
            None => (&[][..], &bytes[..]),
        };
        if text != old.as_bytes() {
            let misuse = Misuse {
                message: format!("{} was changed meanwhile", self.path.display()),
                hint: "nothing was written; do it again".to_owned(),
            };
            return Err(misuse.into());
        }
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let beside = self.path.with_file_name(format!(".{name}.{}", std::process::id()));
        let failed = || format!("could not replace {}, which is as it was", self.path.display());
        self.write(&beside, &[mark, new.as_bytes()].concat())
            .and_then(|()| fs::rename(&beside, &self.path))
            .inspect_err(|_| drop(fs::remove_file(&beside)))
            .with_context(failed)?;
        self.folder.sync_all().context("the file is written, but may not survive a power cut")
    }

    /// Writes a file with the same owner, group and mode.
    fn write(&self, beside: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside)?;
        let (wanted, given) = (self.file.metadata()?, new.metadata()?);
        let owner = (wanted.uid() != given.uid()).then_some(wanted.uid());
        let group = (wanted.gid() != given.gid()).then_some(wanted.gid());
        if owner.or(group).is_some() {
            fchown(&new, owner, group)?;
        }
        new.set_permissions(wanted.permissions())?;
        new.write_all(bytes)?;
        new.sync_all()
    }
}
