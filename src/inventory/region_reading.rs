//! What one region showed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::clock::Moment;
use crate::cloud::{CloudError, Unread};
use crate::model::instance::{Instance, InstanceNo, RegionCode};
use crate::schedule::selector::{TagQuestion, Verdict};

/// What one region showed at one time, or what came to be known of some of its instances later.
#[derive(Debug)]
pub struct RegionReading {
    pub region: RegionCode,
    pub read_at: DateTime<Utc>,
    /// The same, for measuring how old the states are.
    pub read_moment: Moment,
    /// From when on tags were asked for, for measuring how old the verdicts are.
    pub tags_moment: Moment,
    /// Its instances, or those that were looked up, or those whose tags were read.
    pub instances: Vec<Instance>,
    /// What the list names and does not show.
    pub unread: Vec<Unread>,
    /// Why a question could not be answered.
    pub untagged: Option<CloudError>,
    /// Numbers that hold a tag and that `instances` does not have.
    pub unlisted_tagged: BTreeSet<InstanceNo>,
    /// Instances whose own tags are still to be read, before all is known that rules ask.
    pub pending: BTreeSet<InstanceNo>,
    /// From when on the tags of an instance were asked for, where that was later than
    /// `tags_moment`: they were read one by one.
    pub(super) own_tags_moments: HashMap<InstanceNo, Moment>,
    /// For each question one verdict an instance, in the order of `instances`.
    pub(super) verdicts: HashMap<TagQuestion, Vec<Verdict>>,
    /// What the tag that holds says of them.
    pub(super) hold_tags: HoldTags,
}

/// What is known of the tag that holds instances.
#[derive(Clone, Debug)]
pub(super) enum HoldTags {
    Unasked,
    Unread,
    /// Its values, and of whom they are not known.
    Read {
        values: BTreeMap<InstanceNo, String>,
        unread: BTreeSet<InstanceNo>,
    },
}
