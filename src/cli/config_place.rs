//! Finds schedules.toml: as it was named, else in this folder, else in the system's.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::{Global, output};
use crate::schedule::SYSTEM_FOLDER;
use crate::text::normal_form::on_disk;

const NAME: &str = "schedules.toml";

/// The path of schedules.toml: `--config`, else `$LIGHTSOUT_CONFIG`, else `./schedules.toml`, else
/// the system's, and then stderr says so.
pub(super) fn config_path(global: &Global) -> PathBuf {
    let found = || on_disk(&given(global).unwrap_or_else(found));
    global.file.get_or_init(found).clone()
}

/// The file that was named.
pub(super) fn given(global: &Global) -> Option<PathBuf> {
    let variable = || std::env::var_os("LIGHTSOUT_CONFIG").map(PathBuf::from);
    global.config.clone().or_else(variable)
}

fn found() -> PathBuf {
    let here = PathBuf::from(NAME);
    if here.symlink_metadata().is_ok() {
        return here;
    }
    let Some(system) = system() else { return here };
    output::say(&format!("using {}: there is no {NAME} here", system.display()));
    system
}

/// The system's file, if it is there. A service manager may name other folders.
fn system() -> Option<PathBuf> {
    let folders = std::env::var_os("CONFIGURATION_DIRECTORY").filter(|folders| !folders.is_empty());
    let folders = folders.unwrap_or_else(|| OsString::from(SYSTEM_FOLDER));
    std::env::split_paths(&folders).map(|folder| folder.join(NAME)).find(|path| is_there(path))
}

/// Whoever may not look finds out when it is read.
fn is_there(path: &Path) -> bool {
    match path.symlink_metadata() {
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    }
}
