//! `lightsout history --changes`: lists starts and stops by others.

use super::listing::{self, Format, Line};
use super::local_time::local;
use crate::audit::ChangeLine;
use crate::time::zone::Zone;

impl Line for ChangeLine {
    const KEYS: &'static [&'static str] = &[
        "change",
        "unseen_since",
        "seen_at",
        "account",
        "region",
        "instance_no",
        "instance_name",
        "status_before",
        "status_after",
    ];
}

/// Prints changes; in a table, times in the file's zone.
pub(super) fn print(lines: &[ChangeLine], zone: Zone, format: Format) -> anyhow::Result<()> {
    let heads: [&[&str]; 2] =
        [&["after", "by"], &["instance", "name", "account", "region", "from", "to"]];
    listing::print(format, lines, &heads, |line| {
        vec![
            local(&line.unseen_since, zone),
            local(&line.seen_at, zone),
            line.instance_no.clone(),
            line.instance_name.clone(),
            line.account.clone(),
            line.region.clone(),
            line.status_before.clone(),
            line.status_after.clone(),
        ]
    })
}
