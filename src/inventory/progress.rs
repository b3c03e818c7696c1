//! How far a inventory has come: what it has read, and what fails for now or for good.

use std::collections::BTreeMap;
use std::sync::Arc;

use tracing::warn;

use super::RegionReading;
use crate::cloud::CloudError;
use crate::model::instance::RegionCode;

/// How far a inventory has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Every region, once it is known which there are.
    pub(crate) regions: Option<BTreeMap<RegionCode, State>>,
    /// Each region that could be listed, as they came, and after it what came to be known of its
    /// pending instances; from the beginning where tags had to be listed again.
    pub(crate) read: Vec<Arc<RegionReading>>,
    /// Why the account as a whole cannot be read: its regions cannot be told, or its keys were
    /// refused.
    pub(crate) failure: Option<CloudError>,
}

/// How far the reading of a region has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) is_final: bool,
    is_listed: bool,
    /// What the last attempt failed with.
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

    /// Whether a region is not listed, or none is, of which more could have come with more time.
    pub(super) fn lacks_what_may_come(&self) -> bool {
        let may_come = |state: &State| !state.is_listed && state.reason().may_pass();
        match &self.regions {
            Some(regions) => {
                !self.failure.as_ref().is_some_and(is_denied) && regions.values().any(may_come)
            }
            None => self.reason().may_pass(),
        }
    }

    /// Whether no region is left of which more will come that says whether it can be listed.
    pub(crate) fn is_judged(&self) -> bool {
        let judged = |state: &State| state.is_listed || state.is_final;
        self.is_over() || self.regions.as_ref().is_some_and(|all| all.values().all(judged))
    }

    /// The regions that could not be listed so far, or why none could.
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
                    warn!(%region, %error, last, "region could not be listed");
                }
                if is_denied(&error) {
                    self.failure = Some(error.clone());
                }
                state.failure = Some(error);
            }
        }
    }

    /// Nothing more will come of a region.
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

/// What a whole look at an account showed: the regions that could not be listed, or why none
/// could.
pub type Shown = Result<BTreeMap<RegionCode, CloudError>, CloudError>;
