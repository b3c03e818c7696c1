//! The progress of an inventory: the data so far, and failures for now or for good.
//!
//! [`super::account`] drives it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tracing::warn;

use super::RegionReading;
use crate::cloud::CloudError;
use crate::model::instance::RegionCode;

#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The account, for log events.
    pub(crate) account: String,
    /// Every region, as soon as the list is known.
    pub(crate) regions: Option<BTreeMap<RegionCode, State>>,
    /// Each listed region in the order of arrival, followed by the later data of its pending
    /// instances. When tags had to be listed again, that order begins anew.
    pub(crate) read: Vec<Arc<RegionReading>>,
    /// The reason why the whole account cannot be read: no list of regions, or refused keys.
    pub(crate) failure: Option<CloudError>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) is_final: bool,
    is_listed: bool,
    /// The error of the last attempt.
    failure: Option<CloudError>,
}

impl Progress {
    pub(crate) fn is_heard_from(&self) -> bool {
        let heard = |state: &State| state.is_listed || state.failure.is_some();
        self.is_over() || self.regions.as_ref().is_some_and(|all| all.values().all(heard))
    }

    pub(crate) fn is_over(&self) -> bool {
        self.failure.as_ref().is_some_and(|error| !error.may_pass())
            || self.regions.as_ref().is_some_and(|all| all.values().all(|state| state.is_final))
    }

    pub(crate) fn reason(&self) -> CloudError {
        let of_regions = self.regions.iter().flatten().find_map(|(_, state)| state.failure.clone());
        self.failure.clone().or(of_regions).unwrap_or_else(silence)
    }

    /// Whether some region, or all, is missing for lack of time.
    pub(super) fn lacks_what_may_come(&self) -> bool {
        let may_come = |state: &State| !state.is_listed && state.reason().may_pass();
        match &self.regions {
            Some(regions) => {
                !self.failure.as_ref().is_some_and(is_denied) && regions.values().any(may_come)
            }
            None => self.reason().may_pass(),
        }
    }

    /// Whether no region can change the answer any more: each is listed or has failed.
    pub(crate) fn is_judged(&self) -> bool {
        let judged = |state: &State| state.is_listed || state.is_final;
        self.is_over() || self.regions.as_ref().is_some_and(|all| all.values().all(judged))
    }

    /// The regions that could not be listed so far, or the reason why none could.
    pub(crate) fn shown(&self) -> Shown {
        let Some(regions) = &self.regions else { return Err(self.reason()) };
        if let Some(denied) = &self.failure {
            return Err(denied.clone());
        }
        let unlisted = regions.iter().filter(|(_, state)| !state.is_listed);
        let unlisted: BTreeMap<_, _> =
            unlisted.map(|(code, state)| (code.clone(), state.reason())).collect();
        if unlisted.len() == regions.len() && !regions.is_empty() {
            return Err(self.reason());
        }
        Ok(unlisted)
    }

    pub(crate) fn note(
        &mut self,
        region: &RegionCode,
        read: Result<Arc<RegionReading>, CloudError>,
        (last, is_told_of): (bool, bool),
    ) {
        let Some(state) = self.regions.as_mut().and_then(|all| all.get_mut(region)) else { return };
        state.is_final = last;
        match read {
            Ok(reading) => {
                state.is_listed = true;
                self.read.push(reading);
            }
            Err(error) => {
                if !is_told_of {
                    warn!(account = self.account, %region, %error, last, "region could not be listed");
                }
                if is_denied(&error) {
                    self.failure = Some(error.clone());
                }
                state.failure = Some(error);
            }
        }
    }

    /// Marks a region as finished.
    pub(crate) fn end(&mut self, region: &RegionCode) {
        if let Some(state) = self.regions.as_mut().and_then(|all| all.get_mut(region)) {
            state.is_final = true;
        }
    }
}

impl State {
    pub(crate) fn reason(&self) -> CloudError {
        self.failure.clone().unwrap_or_else(silence)
    }
}

pub(crate) fn is_denied(error: &CloudError) -> bool {
    matches!(error, CloudError::Denied { .. })
}

fn silence() -> CloudError {
    CloudError::Unanswered { detail: "nothing came so far".to_owned(), http_status: None }
}

/// The result for a whole account: the regions that could not be listed, or the reason why none
/// could.
pub type Shown = Result<BTreeMap<RegionCode, CloudError>, CloudError>;
