//! Where a daemon learns of an edited schedules.toml.

use chrono::{DateTime, Utc};
use tracing::info;

use super::dispatch::ActiveConfig;
use crate::schedule::Schedules;
use crate::schedule::changes::{Change, changes};

/// How many rules a reload tells of one by one.
const MOST_CHANGES_TOLD: usize = 20;

/// Whatever may hand the daemon a new schedules.toml.
pub trait Reload: Send {
    /// The file as it is now, where it is another than the one in use and without error.
    fn changed(&mut self) -> impl Future<Output = Option<ActiveConfig>> + Send;
}

/// A file that stays as it is.
#[derive(Clone, Copy, Debug)]
pub struct NeverReload;

impl Reload for NeverReload {
    async fn changed(&mut self) -> Option<ActiveConfig> {
        None
    }
}

/// Says what a reload changed, on one screen.
pub(super) fn tell_changes(old: &Schedules, new: &Schedules, now: DateTime<Utc>) {
    let changes = changes(old, new);
    info!(rules = new.entries().count(), changed = changes.len(), "schedules.toml reloaded");
    for change in changes.iter().take(MOST_CHANGES_TOLD) {
        let (entry, what) = match change {
            Change::Added(entry) => (entry, "rule added"),
            Change::Altered(_, entry) => (entry, "rule altered"),
            Change::Removed(entry) => {
                info!(rule = %entry[0].name, "rule removed");
                continue;
            }
        };
        let rule = &entry[0];
        let next = entry.iter().filter_map(|rule| rule.next_after(now).filter(|_| rule.enabled));
        let next = next.map(|next| next.at).min().map(|at| rule.timezone.show(at).to_rfc3339());
        let next = next.as_deref().unwrap_or(if rule.enabled { "never" } else { "disabled" });
        info!(rule = %rule.name, next, "{what}");
    }
    if changes.len() > MOST_CHANGES_TOLD {
        info!(more = changes.len() - MOST_CHANGES_TOLD, "more rules changed");
    }
}
