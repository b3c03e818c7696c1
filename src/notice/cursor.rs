//! From when on a target is told: since its name and what it is told of have been in the file
//! without a break. Nobody is told of what happened before they asked.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use crate::audit::{AuditError, AuditReader, FileLoad};
use crate::schedule::Schedules;
use crate::schedule::notify::{Event, Notify};
use crate::schedule::report_times::ReportTimes;

/// Something that a file asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Subscription {
    /// A target is told of these; never none, and reports are not among them.
    Events(String, BTreeSet<Event>),
    /// A target is sent reports at these times.
    Reports(String, ReportTimes),
    Heartbeat,
}

impl Subscription {
    /// That a target is told of what happens.
    pub(super) fn events(notify: &Notify) -> Self {
        let on = notify.on.iter().copied().filter(|event| *event != Event::Report);
        Self::Events(notify.name.clone(), on.collect())
    }

    /// That a target is sent reports, where it is.
    pub(super) fn reports(notify: &Notify) -> Option<Self> {
        let times = notify.report.clone()?;
        Some(Self::Reports(notify.name.clone(), times))
    }
}

/// For each subscription of a file, the daemon's load of schedules.toml since which every load has asked
/// for the same. Wishes that no load in the log has are left out.
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
