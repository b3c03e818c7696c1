//! Owns the trait [`Cloud`]: the calls that lightsout needs, in words that fit any cloud.
//!
//! [`connect`] is the only door, so that callers need not know the cloud of an account; behind
//! [`examiner`], nothing can be changed. [`ncloud`] is the only cloud so far. [`rehearsal`] is its
//! far side, invented and served over HTTP. The scheduler and the stopper know only the trait.

pub mod codes;
mod connect;
mod environment;
pub mod error;
mod examination;
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
use crate::schedule::selector::TagQuestion;
use crate::schedule::tag_questions::TagQuestions;

pub use connect::{ConnectError, assumptions, connect, examiner, find_hosts, longest_lists_lag};
pub use environment::Environment;
pub use error::{CloudError, Denial, Meaning, Refusal, Right};
pub use examination::{Examine, Examined, Finding, Judgement};

pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The result of a call to the cloud.
pub type Answer<'a, T> = Later<'a, Result<T, CloudError>>;

/// The tags of one instance: keys and values.
pub type Tags = Vec<(String, String)>;

/// The answers of lists to questions about the tags of a region's instances.
#[derive(Clone, Debug, Default)]
pub struct TagLists {
    pub selectors: BTreeMap<TagQuestion, Result<Holders, CloudError>>,
    /// The values of the hold tag; `None` if they were not asked for.
    pub hold: Option<Result<HoldValues, CloudError>>,
}

/// The instances for which the answer to a question is yes, as far as lists tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// The answer is yes. May contain numbers that no list of servers has.
    pub certain: BTreeSet<InstanceNo>,
    /// The answer may be yes: only the tags of each instance decide.
    pub candidates: BTreeSet<InstanceNo>,
}

/// The values of the hold tag, as far as lists tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HoldValues {
    pub certain: BTreeMap<InstanceNo, String>,
    /// Instances that may have the tag: only the tags of each instance decide.
    pub candidates: BTreeSet<InstanceNo>,
}

/// How much a cloud takes at once, and how its lists behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most instances of one request for a change.
    pub instances_a_request: usize,
    /// The most requests for a change that are under way, so that a slow answer does not hold the
    /// others up.
    pub requests_at_once: usize,
    /// The most instances whose own tags are read at a time.
    pub tags_at_once: usize,
    /// The longest time for which a list may show the state before a request. After a lost answer,
    /// the request is repeated only after a look so much later has shown that nothing happened.
    /// After a request of another firing, nothing is asked until its result has been seen.
    pub lists_lag: Duration,
    /// Whether lists show the tags of their instances. If not, a question that no list answers
    /// costs a call for each instance.
    pub lists_show_tags: bool,
}

/// One account at a cloud.
///
/// Calls that only read are repeated until `until`, if the failure may pass. A change is attempted
/// exactly once for each call. The caller keeps the record of requests, and so decides on a repeat.
pub trait Cloud: Send + Sync + fmt::Debug {
    fn limits(&self) -> Limits;

    /// The regions to look in: those that the account names, or all that the cloud has.
    fn regions(&self, until: Moment) -> Answer<'_, Vec<RegionCode>>;

    /// Every instance of a region: every zone, every page.
    fn list<'a>(&'a self, region: &'a RegionCode, until: Moment) -> Answer<'a, Listed>;

    /// The present state of these instances. Instances that the cloud no longer knows are left out.
    fn look_up<'a>(
        &'a self,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
        until: Moment,
    ) -> Answer<'a, Listed>;

    /// The answers of lists about the tags of `listed`, which are all of one region. If no list
    /// tells, an instance is a candidate, and [`Cloud::tags_of`] decides.
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

    /// The tags of some of these instances, at most `most` of them, whatever their keys. They show
    /// people which tags there are, and decide nothing.
    fn some_tags<'a>(
        &'a self,
        _region: &'a RegionCode,
        _listed: &'a [Instance],
        _most: usize,
        _until: Moment,
    ) -> Answer<'a, Vec<Tags>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Checks that questions about tags are answered at all, with one small question by key.
    fn probe_tags<'a>(
        &'a self,
        _region: &'a RegionCode,
        _key: &'a str,
        _until: Moment,
    ) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    /// Asks for `action` on these instances: one request, one attempt. At most
    /// [`Limits::instances_a_request`] of them, all of one region.
    fn change<'a>(
        &'a self,
        action: Action,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
    ) -> Answer<'a, Accepted>;

    /// Waits for the account's turn to call. [`Self::change_in_turn`] makes use of it.
    fn turn(&self) -> Later<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// As [`Self::change`] after [`Self::turn`], so that no wait is left. Asks `unless` at the last
    /// moment: a reason means that nothing is sent.
    fn change_in_turn<'a>(
        &'a self,
        action: Action,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
        unless: Unless<'a>,
    ) -> Answer<'a, Accepted> {
        Box::pin(async move {
            match unless() {
                Some(why) => Err(CloudError::NotSent(why.to_owned())),
                None => self.change(action, region, instances).await,
            }
        })
    }
}

/// Asked just before a request leaves: the reason why it must not, if there is one.
pub type Unless<'a> = &'a (dyn Fn() -> Option<&'static str> + Send + Sync);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The instances, sorted by number.
    pub instances: Vec<Instance>,
    /// Instances that exist and could not be read, while others could.
    pub unread: Vec<Unread>,
}

/// An instance about which a list says too little. It must be left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub no: Option<InstanceNo>,
    /// The reason, with the name of the instance if that is possible.
    pub error: CloudError,
}

/// The cloud accepted a request for a change. The instances must still be polled: accepted is not
/// done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub http_status: u16,
    /// `requestId`, which some answers leave out.
    pub request_id: Option<String>,
    /// `returnCode`, `0` here.
    pub return_code: String,
    pub return_message: Option<String>,
}
