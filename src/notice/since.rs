//! From when on a target is told: since its name and what it is told of have been in the file
//! without a break. Nobody is told of what happened before they asked.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use crate::audit::{AuditError, AuditReader, FileLoad};
use crate::schedule::notify::Event;
use crate::schedule::{HEARTBEAT, Schedules};

/// What a file asks for: each target with what it is told of; the heartbeat without.
type Wishes = Vec<(String, BTreeSet<Event>)>;

/// For each target of a file, the daemon's load of schedules.toml since which every load has
/// asked for the same. Targets that no load in the log asks for are left out.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn asked_since(
    reader: &AuditReader,
    schedules: &Schedules,
) -> Result<HashMap<String, FileLoad>, AuditError> {
    let mut wanted = wishes(schedules);
    let mut since = HashMap::new();
    let mut texts = HashMap::new();
    for load in reader.daemon_loads().await? {
        let asked: &Wishes = match texts.entry(load.file) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unread) => {
                let text = reader.file_text(load.file).await?;
                // A text that this version cannot read asks for nothing.
                let old = Schedules::recall(Path::new(""), &text).map(|(old, _)| wishes(&old));
                unread.insert(old.unwrap_or_default())
            }
        };
        wanted.retain(|wish| asked.contains(wish));
        if wanted.is_empty() {
            break;
        }
        since.extend(wanted.iter().map(|(name, _)| (name.clone(), load)));
    }
    Ok(since)
}

fn wishes(schedules: &Schedules) -> Wishes {
    let heartbeat = schedules.heartbeat_url.iter();
    let heartbeat = heartbeat.map(|_| (HEARTBEAT.to_owned(), BTreeSet::new()));
    let targets = schedules.notify.iter();
    targets.map(|notify| (notify.name.clone(), notify.on.clone())).chain(heartbeat).collect()
}
