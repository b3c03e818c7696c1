//! `lightsout history --changes`: lists starts and stops by others.

use super::listing::{self, Format, column};
use super::local_time::Spoken;
use crate::audit::ChangeLine;

/// Prints changes; in a table, times as people say them.
pub(super) fn print(lines: &[ChangeLine], spoken: Spoken, format: Format) -> anyhow::Result<()> {
    let columns = vec![
        vec![
            column("after", |line: &ChangeLine| spoken.of(&line.unseen_since)),
            column("by", |line: &ChangeLine| spoken.of(&line.seen_at)),
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
