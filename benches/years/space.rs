//! Whether there is room for the log.

use std::path::Path;
use std::process::Command;

use anyhow::Context;

/// What a row takes with its indexes, and once more for the log beside it, in bytes.
const BYTES_A_ROW: u64 = 250;

/// How many bytes that many rows need; fails where the disk has not as many left.
pub(crate) fn needed(rows: u64, folder: &Path) -> anyhow::Result<u64> {
    let needed = rows * BYTES_A_ROW;
    let said = Command::new("df").arg("-Pk").arg(folder).output()?;
    let said = String::from_utf8(said.stdout)?;
    let free = said.lines().nth(1).and_then(|line| line.split_whitespace().nth(3));
    let free = 1_024 * free.context("`df` says nothing")?.parse::<u64>()?;
    anyhow::ensure!(free > needed, "{needed} bytes are needed, and {free} are free");
    Ok(needed)
}
