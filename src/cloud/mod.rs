//! What lightsout needs of a cloud, in words that fit any: list, look up, ask for a change.
//!
//! [`connect`] is the one door: who calls it needs not know which cloud an account is on.
//! [`ncloud`] is the one cloud there is; [`rehearsal`] is a stand-in for its far side, served
//! over HTTP. Scheduler and stopper know only the [`Cloud`] trait.

mod connect;
mod environment;
pub mod error;
pub mod ncloud;
pub mod rehearsal;
pub mod retry;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::clock::Moment;
use crate::model::instance::{Action, Instance, InstanceNo, RegionCode};
use crate::schedule::selector::{TagQuestion, TagQuestions};

pub use connect::{ConnectError, connect, find_hosts};
pub use environment::Environment;
pub use error::{CloudError, Denial, Meaning, Refusal, Right};

pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a call to the cloud comes to.
pub type Answer<'a, T> = Later<'a, Result<T, CloudError>>;

/// The tags of one instance: keys and values.
pub type Tags = Vec<(String, String)>;

/// What lists tell of the tags of a region's instances, for each question that was asked.
#[derive(Clone, Debug, Default)]
pub struct TagLists {
    pub selectors: BTreeMap<TagQuestion, Result<Holders, CloudError>>,
    /// Of the tag that holds instances; `None` where that was not asked for.
    pub hold: Option<Result<HoldValues, CloudError>>,
}

/// The instances for which a question about tags holds, as far as lists tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// It holds for these. May have numbers that no list of servers has.
    pub certain: BTreeSet<InstanceNo>,
    /// It may hold for these: only the tags of each of them tell.
    pub candidates: BTreeSet<InstanceNo>,
}

/// The values of the tag that holds, as far as lists tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HoldValues {
    /// The instances whose value is known.
    pub certain: BTreeMap<InstanceNo, String>,
    /// These may have the tag: only the tags of each of them tell.
    pub candidates: BTreeSet<InstanceNo>,
}

/// How many instances one request for a change may name. The API documents no limit for stop
/// and start; creating servers allows 20 at a time, and a smaller batch spoils less.
pub const MOST_INSTANCES_A_REQUEST: usize = 20;

/// How long a list may go on showing the state from before a request. Not documented. Where an
/// answer was lost, asking again waits until a look this much later shows that nothing happened;
/// where another firing asked, until it has been seen what came of that.
pub const LISTS_LAG: Duration = Duration::from_secs(10);

/// One account at a cloud.
///
/// Calls that only read are repeated until `until` where the failure may pass. A change is
/// attempted exactly once a call: whether to ask again is for the caller to decide, who keeps
/// the record of what was asked.
pub trait Cloud: Send + Sync + fmt::Debug {
    /// The regions to look in: those the account names, or all that the cloud names.
    fn regions(&self, until: Moment) -> Answer<'_, Vec<RegionCode>>;

    /// Every instance of a region: every zone, every page.
    fn list<'a>(&'a self, region: &'a RegionCode, until: Moment) -> Answer<'a, Listed>;

    /// The present state of these instances. Those the cloud no longer knows are left out.
    fn look_up<'a>(
        &'a self,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
        until: Moment,
    ) -> Answer<'a, Listed>;

    /// What lists tell of the tags of `listed`, all of one region. An instance is a candidate
    /// where no list tells; [`Cloud::tags_of`] does.
    fn tag_lists<'a>(
        &'a self,
        region: &'a RegionCode,
        listed: &'a [Instance],
        questions: &'a TagQuestions,
        until: Moment,
    ) -> Later<'a, TagLists>;

    /// Every tag of one instance, which answers every question about it.
    fn tags_of<'a>(
        &'a self,
        region: &'a RegionCode,
        instance: &'a Instance,
        until: Moment,
    ) -> Answer<'a, Tags>;

    /// Whether questions about tags are answered at all: one small one, by a key.
    fn probe_tags<'a>(
        &'a self,
        _region: &'a RegionCode,
        _key: &'a str,
        _until: Moment,
    ) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Asks for `action` on these instances: one request, one attempt. At most
    /// [`MOST_INSTANCES_A_REQUEST`] of them, all of one region.
    fn change<'a>(
        &'a self,
        action: Action,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
    ) -> Answer<'a, Accepted>;
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The instances, sorted by number.
    pub instances: Vec<Instance>,
    /// Those that are there and could not be read, while others could.
    pub unread: Vec<Unread>,
}

/// An instance of which a list does not say enough: nothing is to be done to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its number, where that could be read.
    pub no: Option<InstanceNo>,
    /// Why it could not be read, which names it as far as that is possible.
    pub error: CloudError,
}

/// The cloud took a request for a change. Accepted is not done: the instances still have to be
/// followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub http_status: u16,
    /// `requestId`, which some answers leave out.
    pub request_id: Option<String>,
    /// `returnCode`, `0` here.
    pub return_code: String,
    /// `returnMessage`.
    pub return_message: Option<String>,
}
