//! The planner's memory: how far each target has been told.
//!
//! [`super::plan`] and its neighbours use it to record notices.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use url::Url;

use super::body::{Body, Digest, Unreadable};
use super::cursor::Subscription;
use super::delivery::{DeliveryContext, DeliveryQueue};
use super::heartbeat::Heartbeat;
use super::reach::Reach;
use crate::audit::{FileLoad, NewNotice, SourceKind, Through};
use crate::model::ids::FiringId;
use crate::schedule::Schedules;
use crate::schedule::notify::{Event, Notify};
use crate::select::unmatched::Told;

#[derive(Debug)]
pub(super) struct NoticePlanner {
    pub(super) context: DeliveryContext,
    /// Remarks of firings that are not in the log.
    pub(super) remarks: Told,
    pub(super) schedules: Option<Arc<Schedules>>,
    pub(super) queues: Vec<DeliveryQueue>,
    /// Notices of targets that the file does not name may be open.
    pub(super) may_have_strays: bool,
    /// The load of schedules.toml from which on each target is told.
    pub(super) since: HashMap<Subscription, FileLoad>,
    /// How far each target has been told.
    pub(super) told: HashMap<String, Reach>,
    /// No other look follows: nothing waits.
    pub(super) is_last: bool,
    /// The end of each target's last report, or the time before which none is owed.
    pub(super) reported: HashMap<String, DateTime<Utc>>,
    pub(super) heartbeat: Heartbeat,
    /// The last notice of each target about each source that could not be read.
    pub(super) unreadable: LastTold,
}

/// The notice of a digest for one target; `None` when the target asked for none of its events.
/// `page` is where people reach the page.
pub(super) fn notice(
    (notify, page): (&Notify, Option<&Url>),
    digest: &Digest,
    (firing, through): (Option<FiringId>, Through),
) -> Option<NewNotice> {
    let asked: BTreeSet<Event> = notify.on.intersection(&digest.events).copied().collect();
    let event = asked.first()?.as_str();
    let body = Body { event, ..digest.body.clone() }.linked(page).json();
    Some(NewNotice { target: notify.name.clone(), event, firing, through, body })
}

/// The last notice of each target about each source; nothing when there was none.
#[derive(Debug, Default)]
pub(super) struct LastTold(pub(super) HashMap<(String, Key), Option<Unreadable>>);

/// A source: its kind, its name, its region.
pub(super) type Key = (SourceKind, String, String);
