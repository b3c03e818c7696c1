//! What a target has been told so far.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::body::{Digest, Unreadable};
use super::cursor::Subscription;
use super::delivery::{DeliveryContext, DeliveryQueue};
use super::heartbeat::Heartbeat;
use crate::audit::{FileLoad, NewNotice, SourceKind, Through};
use crate::model::ids::FiringId;
use crate::schedule::Schedules;
use crate::schedule::notify::{Event, Notify};
use crate::select::unmatched::Told;

/// Tells everybody whom a schedules.toml names.
#[derive(Debug)]
pub(super) struct NoticePlanner {
    pub(super) context: DeliveryContext,
    /// What firings said beside what is in the log.
    pub(super) remarks: Told,
    pub(super) schedules: Option<Arc<Schedules>>,
    pub(super) queues: Vec<DeliveryQueue>,
    /// From when on each target is told.
    pub(super) since: HashMap<Subscription, FileLoad>,
    /// How far each target has been told.
    pub(super) told: HashMap<String, Through>,
    /// Up to when each target has been sent reports, or need not be.
    pub(super) reported: HashMap<String, DateTime<Utc>>,
    pub(super) heartbeat: Heartbeat,
    /// What each target was told of what cannot be read.
    pub(super) unreadable: LastTold,
}

/// The notice that a target gets of a digest, if it asked for anything in it.
pub(super) fn notice(
    notify: &Notify,
    digest: &Digest,
    (firing, through): (Option<FiringId>, Through),
) -> Option<NewNotice> {
    let asked: BTreeSet<Event> = notify.on.intersection(&digest.events).copied().collect();
    let event = asked.first()?.as_str();
    let body = crate::notice::body::Body { event, ..digest.body.clone() }.json();
    Some(NewNotice { target: notify.name.clone(), event, firing, through, body })
}

/// What each target was told last of each thing to be read; nothing where it was told nothing.
#[derive(Debug, Default)]
pub(super) struct LastTold(pub(super) HashMap<(String, Key), Option<Unreadable>>);

/// Which thing it is: its kind, its name, the region.
pub(super) type Key = (SourceKind, String, String);
