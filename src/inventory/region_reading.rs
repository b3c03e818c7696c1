//! The data of one region. [`super::region`] fills it in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::clock::Moment;
use crate::cloud::{CloudError, Unread};
use crate::model::instance::{Instance, InstanceNo, RegionCode};
use crate::schedule::selector::{TagQuestion, Verdict};

/// A region at one time, or later data about some of its instances.
#[derive(Debug)]
pub struct RegionReading {
    pub region: RegionCode,
    pub read_at: DateTime<Utc>,
    /// The same time, for measuring the age of states.
    pub read_moment: Moment,
    /// The time from which tags were asked for, for measuring the age of verdicts.
    pub tags_moment: Moment,
    /// The instances: listed, looked up, or with their tags read.
    pub instances: Vec<Instance>,
    /// Entries that the list names but that could not be parsed.
    pub unread: Vec<Unread>,
    /// The reason why a question about tags has no answer.
    pub untagged: Option<CloudError>,
    /// Tagged numbers that `instances` does not have.
    pub unlisted_tagged: BTreeSet<InstanceNo>,
    /// Instances whose own tags are still to be read.
    pub pending: BTreeSet<InstanceNo>,
    /// The time from which an instance's own tags were asked for, if that was later than
    /// `tags_moment`.
    pub(super) own_tags_moments: HashMap<InstanceNo, Moment>,
    /// For each question, one verdict per instance, in the order of `instances`.
    pub(super) verdicts: HashMap<TagQuestion, Vec<Verdict>>,
    /// The hold tags of the instances.
    pub(super) hold_tags: HoldTags,
}

#[derive(Clone, Debug)]
pub(super) enum HoldTags {
    Unasked,
    Unread,
    /// The values, and the instances whose value is unknown.
    Read {
        values: BTreeMap<InstanceNo, String>,
        unread: BTreeSet<InstanceNo>,
    },
}
