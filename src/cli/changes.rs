//! `lightsout history --changes`: lists starts and stops by others.

use super::listing::{self, Format, Line, column};
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
    let columns = vec![
        vec![
            column("after", |line: &ChangeLine| local(&line.unseen_since, zone)),
            column("by", |line: &ChangeLine| local(&line.seen_at, zone)),
        ],
        vec![
            column("instance", |line: &ChangeLine| line.instance_no.clone()),
            column("name", |line: &ChangeLine| line.instance_name.clone()),
            column("account", |line: &ChangeLine| line.account.clone()),
            column("region", |line: &ChangeLine| line.region.clone()),
            column("from", |line: &ChangeLine| line.status_before.clone()),
            column("to", |line: &ChangeLine| line.status_after.clone()),
        ],
    ];
    listing::print(format, lines, &columns)
}
