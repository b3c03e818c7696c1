//! Decides from when on a target receives notices: since its name and its events have been in the
//! file without a break.
//!
//! Nobody receives notices about the time before they asked. [`super::plan`] finds the news itself.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use crate::audit::{AuditError, AuditReader, FileLoad};
use crate::schedule::Schedules;
use crate::schedule::notify::{Event, Notify};
use crate::schedule::report_times::ReportTimes;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Subscription {
    /// The events of a target. Never empty; reports are apart.
    Events(String, BTreeSet<Event>),
    /// The times of a target's reports.
    Reports(String, ReportTimes),
    Heartbeat,
}

impl Subscription {
    /// The events that an entry asks for, reports apart.
    pub(super) fn events(notify: &Notify) -> Self {
        let on = notify.on.iter().copied().filter(|event| *event != Event::Report);
        Self::Events(notify.name.clone(), on.collect())
    }

    /// The report times that an entry asks for, if any.
    pub(super) fn reports(notify: &Notify) -> Option<Self> {
        let times = notify.report.clone()?;
        Some(Self::Reports(notify.name.clone(), times))
    }
}

/// Finds the first load of schedules.toml by a daemon since which every load has asked for the
/// same, for each subscription. Subscriptions that no load in the log has are left out.
pub(super) async fn asked_since(
    reader: &AuditReader,
    schedules: &Schedules,
) -> Result<HashMap<Subscription, FileLoad>, AuditError> {
    let mut wanted = subscriptions(schedules);
    let mut since = HashMap::new();
    let mut texts = HashMap::new();
    for load in reader.daemon_loads().await? {
        let asked: &Vec<Subscription> = match texts.entry(load.file) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unread) => {
                let text = reader.file_text(load.file).await?;
                // A text that this version cannot read asks for nothing.
                let old =
                    Schedules::recall(Path::new(""), &text).map(|(old, _)| subscriptions(&old));
                unread.insert(old.unwrap_or_default())
            }
        };
        wanted.retain(|subscription| asked.contains(subscription));
        if wanted.is_empty() {
            break;
        }
        since.extend(wanted.iter().map(|subscription| (subscription.clone(), load)));
    }
    Ok(since)
}

fn subscriptions(schedules: &Schedules) -> Vec<Subscription> {
    let mut subscriptions: Vec<Subscription> =
        schedules.notify.iter().map(Subscription::events).collect();
    subscriptions.retain(
        |subscription| !matches!(subscription, Subscription::Events(_, on) if on.is_empty()),
    );
    subscriptions.extend(schedules.notify.iter().filter_map(Subscription::reports));
    subscriptions.extend(schedules.heartbeat_url.is_some().then_some(Subscription::Heartbeat));
    subscriptions
}
