//! `lightsout version`: prints the version of the program and of its time zone data.

use std::path::PathBuf;
use std::sync::LazyLock;

use super::{Exit, output};
use crate::time::zone::database;

/// Uses the machine's zone data: `$TZDIR`, else the usual folder.
pub(super) fn consider_the_machine() {
    let folder = std::env::var_os("TZDIR").map(PathBuf::from);
    database::consider(&folder.unwrap_or_else(|| PathBuf::from(database::USUAL_FOLDER)));
}

/// The line of `--version`.
pub(super) fn short() -> &'static str {
    static SHORT: LazyLock<String> = LazyLock::new(|| {
        format!("{} (tz data {})", env!("CARGO_PKG_VERSION"), database::in_use().newest())
    });
    &SHORT
}

pub(super) fn run() -> anyhow::Result<Exit> {
    let zones = database::in_use();
    output::out(&format!("lightsout {}\n", env!("CARGO_PKG_VERSION")))?;
    output::out(&format!("tz data   {}\n", zones.newest()))?;
    for older in zones.older() {
        output::out(&format!("older     {older}\n"))?;
    }
    Ok(Exit::Ok)
}
