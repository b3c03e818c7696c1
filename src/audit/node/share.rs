//! Begins to share a log, and goes back to one machine.

use std::sync::Arc;
use std::time::Duration;

use sqlx::{Connection, SqliteConnection};

use crate::audit::shared::address::Address;
use crate::audit::shared::link::Link;
use crate::audit::shared::liveness::BEAT;
use crate::audit::shared::nodes::NodeRow;
use crate::audit::shared::tables;
use crate::audit::store::entry_hash::EntryHash;
use crate::audit::store::error::AuditError;
use crate::audit::store::log::make;
use crate::audit::store::pull::{lines_after, pull};
use crate::audit::store::session::living_daemon;
use crate::audit::store::writer::Writer;
use crate::clock::Clock;
use crate::schedule::{AuditFile, Shared};

/// A log that is shared now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedNow {
    /// The host and the database.
    pub place: String,
    /// The last entry; 0 for an empty log.
    pub entry: i64,
    /// The number of entries that this call put there.
    pub added: i64,
    /// No log was begun there before.
    pub begun: bool,
}

/// The SQL that makes the tables of a shared log, for an administrator. `role` is the nodes' role.
pub fn share_script(role: &str) -> String {
    tables::script(role)
}

/// Makes the shared log's tables where they are missing, and puts this machine's log into them. A
/// log that is there already must be the same.
///
/// # Errors
/// When the shared log cannot be reached or made, or holds another log; when a daemon runs on this
/// machine's log, or the log was pruned.
pub async fn share(
    file: &AuditFile,
    shared: &Shared,
    clock: Arc<dyn Clock>,
) -> Result<SharedNow, AuditError> {
    let mut link = Link::new(Address::of(&shared.place)?, clock);
    let mut copy = make(file, Writer::Share).await?;
    if let Some((_, pid)) = living_daemon(&mut copy, &file.path).await? {
        return Err(AuditError::AnotherDaemon { pid });
    }
    let is_pruned: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM prune)").fetch_one(&mut copy).await?;
    if is_pruned {
        return Err(AuditError::PrunedLog(file.path.clone()));
    }
    link.make_tables().await?;
    let is_empty = link.last().await?.is_none();
    let added = if is_empty { put_in(&mut copy, &mut link).await? } else { 0 };
    let begun = link.begin_log().await?;
    // The rest of a log that was being put there, or what others wrote since.
    let entry = pull(&mut copy, &mut link).await?.0;
    copy.close().await?;
    let place = link.place().to_owned();
    link.close().await;
    Ok(SharedNow { place, entry, added, begun })
}

/// Puts all of a log into an empty shared one. Returns the number of its entries.
async fn put_in(copy: &mut SqliteConnection, link: &mut Link) -> Result<i64, AuditError> {
    let (mut seq, mut hash) = (0, EntryHash::BEFORE_ALL);
    loop {
        let lines = lines_after(copy, seq, hash).await?;
        let Some(last) = lines.last() else { return Ok(seq) };
        link.append(&lines).await?;
        (seq, hash) = (last.seq, EntryHash(last.hash));
    }
}

/// Takes the last entries of the shared log into this machine's copy, which is then a log like any
/// other, and forgets the nodes. Returns the last entry.
///
/// # Errors
/// When the shared log cannot be reached, or a daemon runs on this machine's log.
pub async fn unshare(
    file: &AuditFile,
    shared: &Shared,
    clock: Arc<dyn Clock>,
) -> Result<i64, AuditError> {
    let mut link = Link::new(Address::of(&shared.place)?, Arc::clone(&clock));
    let mut copy = make(file, Writer::Share).await?;
    if let Some((_, pid)) = living_daemon(&mut copy, &file.path).await? {
        return Err(AuditError::AnotherDaemon { pid });
    }
    must_be_last(&mut link, &*clock).await?;
    let (entry, _) = pull(&mut copy, &mut link).await?;
    link.close().await;
    forget_nodes(&mut copy).await?;
    copy.close().await?;
    Ok(entry)
}

/// Refuses while a daemon of another machine beats: it would go on with the shared log.
async fn must_be_last(link: &mut Link, clock: &dyn Clock) -> Result<(), AuditError> {
    let before = link.nodes().await?;
    if before.is_empty() {
        return Ok(());
    }
    clock.sleep(clock.pace(BEAT + Duration::from_secs(2))).await;
    let beats =
        |node: &NodeRow| before.iter().any(|it| it.session == node.session && it.beat != node.beat);
    let mut living = link.nodes().await?;
    living.retain(beats);
    match living.pop() {
        Some(node) => Err(AuditError::NodeAlive(node.name)),
        None => Ok(()),
    }
}

async fn forget_nodes(copy: &mut SqliteConnection) -> Result<(), AuditError> {
    for table in ["DELETE FROM node", "DELETE FROM shared"] {
        sqlx::query(table).execute(&mut *copy).await?;
    }
    Ok(())
}
