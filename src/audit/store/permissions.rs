//! Who may use the files of a log: gives new ones their mode and owner, and checks at opening who
//! else could change a log.
//!
//! Exposure is no reason to refuse: the night is worth more than the folder's mode, and the chain
//! reveals changes.

use std::fs::{self, File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::Path;

use rustix::fs::{Access, access};
use rustix::process::geteuid;

const GROUP_WRITES: u32 = 0o020;
const ALL_WRITE: u32 = 0o002;
/// As in `/tmp`, everybody may write, and nobody may remove files of others.
const STICKY: u32 = 0o1000;

/// How others could change or replace the log; `None` when they cannot, as far as modes tell. A
/// group that `mode` lets write the log may write to its folder, too.
///
/// # Errors
/// When the log or its folder cannot be examined.
pub(crate) fn exposure(log: &Path, mode: u32) -> io::Result<Option<String>> {
    let folder = folder_of(log);
    let meant = mode & (GROUP_WRITES | ALL_WRITE);
    let of_log = fs::metadata(log)?.mode() & (GROUP_WRITES | ALL_WRITE) & !meant;
    if of_log != 0 {
        return Ok(Some(format!("{} can write to {}", who(of_log), log.display())));
    }
    let of_folder = fs::metadata(folder)?.mode();
    let writers = of_folder & (GROUP_WRITES | ALL_WRITE) & !meant;
    if of_folder & STICKY == 0 && writers != 0 {
        let who = who(writers);
        return Ok(Some(format!(
            "{who} can put another file in its place in {}",
            folder.display()
        )));
    }
    Ok(None)
}

/// Whether this process may write an existing log. SQLite keeps side files beside the log, so the
/// folder's mode counts too. A log without any write bit is closed to everybody, root included.
pub fn may_write(log: &Path) -> bool {
    let Ok(log) = fs::canonicalize(log) else { return false };
    let is_kept = log.metadata().is_ok_and(|data| data.permissions().readonly());
    !is_kept
        && access(&log, Access::WRITE_OK).is_ok()
        && access(folder_of(&log), Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

pub(crate) fn folder_of(log: &Path) -> &Path {
    match log.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Gives a new file its mode, whatever the umask took from it, and root's file the owner of `like`.
///
/// # Errors
/// When the mode cannot be set. Where the owner cannot, as in a container, root keeps the file.
pub(crate) fn share(new: &File, mode: u32, like: &Metadata) -> io::Result<()> {
    new.set_permissions(Permissions::from_mode(mode))?;
    if geteuid().is_root() {
        drop(fchown(new, Some(like.uid()), Some(like.gid())));
    }
    Ok(())
}

fn who(writers: u32) -> &'static str {
    if writers & ALL_WRITE == 0 { "its group" } else { "everybody" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_log_is_exposed_where_others_than_those_meant_can_write() {
        for (mode, of_log, of_folder, expected) in [
            (0o600, 0o600, 0o700, None),
            (0o600, 0o644, 0o755, None),
            (0o600, 0o600, 0o1777, None),
            (0o660, 0o660, 0o770, None),
            (0o600, 0o660, 0o700, Some("its group can write to ")),
            (0o660, 0o666, 0o700, Some("everybody can write to ")),
            (0o600, 0o600, 0o770, Some("its group can put another file in its place in ")),
            (0o660, 0o660, 0o777, Some("everybody can put another file in its place in ")),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let log = folder.path().join("lightsout.db");
            fs::write(&log, "").unwrap();
            fs::set_permissions(&log, Permissions::from_mode(of_log)).unwrap();
            fs::set_permissions(folder.path(), Permissions::from_mode(of_folder)).unwrap();
            let found = exposure(&log, mode).unwrap();
            let case = format!("{mode:o} {of_log:o} {of_folder:o}: {found:?}");
            assert_eq!(found.is_some(), expected.is_some(), "{case}");
            assert!(found.unwrap_or_default().starts_with(expected.unwrap_or_default()), "{case}");
        }
    }
}
