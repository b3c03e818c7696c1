//! Tells the daemon of an edited schedules.toml. `cli` watches the file.

use chrono::{DateTime, Utc};
use tracing::info;

use super::dispatch::ActiveConfig;
use crate::model::instance::AccountName;
use crate::schedule::Schedules;
use crate::schedule::changes::{Change, changes};

/// The most changed rules that a reload logs one by one.
const MOST_CHANGES_TOLD: usize = 20;

/// A source of new files.
pub trait Reload: Send {
    /// The file as it is now, if it is valid and differs from the one in use.
    fn changed(&mut self) -> impl Future<Output = Option<ActiveConfig>> + Send;
}

/// A file that never changes.
#[derive(Clone, Copy, Debug)]
pub struct NeverReload;

impl Reload for NeverReload {
    async fn changed(&mut self) -> Option<ActiveConfig> {
        None
    }
}

/// Logs in one line what the daemon goes by.
pub(super) fn tell_start(file: &Schedules, now: DateTime<Utc>) {
    let next = file.rules.iter().filter(|rule| rule.enabled);
    let next = next.filter_map(|rule| Some((rule.next_after(now)?.at, rule))).min_by_key(|it| it.0);
    let next = next.map_or_else(
        || "never".to_owned(),
        |(at, rule)| {
            format!("{} {} {}", rule.timezone.show(at).to_rfc3339(), rule.name, rule.action)
        },
    );
    let accounts: Vec<&str> = file.accounts.keys().map(AccountName::as_str).collect();
    info!(
        version = env!("CARGO_PKG_VERSION"), file = %file.path.display(),
        log = %file.audit.path.display(), accounts = accounts.join(", "),
        rules = file.entries().count(), next, "daemon started"
    );
}

/// Logs the changes of a reload, on one screen.
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
