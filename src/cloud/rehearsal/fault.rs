//! Owns the faults of the fleet file: their kinds and parameters.
//!
//! `fault_schedule` chooses the call that a fault strikes. `http` makes the effect on the wire.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fleet::words;

/// One entry of `[[faults]]`.
///
/// ```toml
/// [[faults]]
/// on = "stopServerInstances"   # an action, "resources" for the Resource Manager, "*" for all
/// kind = "reset_after"
/// after = 2                    # the first two such calls go well
/// times = 1                    # how many calls it strikes; left out: all
/// chance = 0.05                # of each of those; default 1
/// region = "KR"                # only calls for that region
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `*` (default), `resources`, or the name of an action.
    #[serde(default = "every_call")]
    pub on: String,
    pub kind: FaultKind,
    /// The number of calls to strike; `None` for no end.
    #[serde(default)]
    pub times: Option<u64>,
    /// The number of matching calls that go by first.
    #[serde(default)]
    pub after: u64,
    /// The probability for each call: 0 to 1.
    #[serde(default = "always")]
    pub chance: f64,
    /// Only calls for this region.
    #[serde(default)]
    pub region: Option<String>,
    /// The HTTP status of `error_before`, `error_after`, `region_down` (503), `refuse` (400) and
    /// `forbidden` (401; 403 brings the gateway's other code).
    #[serde(default)]
    pub status: Option<u16>,
    /// `Retry-After` of `throttle`, in whole seconds.
    #[serde(default, deserialize_with = "words::maybe_length")]
    pub retry_after: Option<Duration>,
    /// The delay of the answer of `slow`.
    #[serde(default, deserialize_with = "words::maybe_length")]
    pub delay: Option<Duration>,
    /// `returnCode` of `refuse`.
    #[serde(default)]
    pub code: Option<String>,
    /// `returnMessage` of `refuse`; for refusals of the gateway, their `details`.
    #[serde(default)]
    pub message: Option<String>,
    /// The change that `list_changes` makes.
    #[serde(default)]
    pub change: ListChange,
}

/// The effect on a struck call. Faults of the first group leave the world as it is. Those of the
/// second group garble or lose the answer *after* the effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 429 with gateway code 410, and `Retry-After` if it is given.
    Throttle,
    /// 5xx, nothing done.
    ErrorBefore,
    /// `error_before` for one region. Needs `region`.
    RegionDown,
    /// The connection ends without an answer, nothing done.
    ResetBefore,
    /// 302 to a place that records every visitor.
    Redirect,
    /// 401/200 for this and every later call: the keys are revoked.
    Denied,
    /// 401/210, or 403/230: the keys lack the right to this call.
    Forbidden,
    /// The service's own error with `code`; with `status = 200`, a code other than 0 in an
    /// otherwise good answer.
    Refuse,

    /// Done, then 5xx.
    ErrorAfter,
    /// Done, then the connection ends without an answer.
    ResetAfter,
    /// Done, then the connection ends in the middle of the answer.
    Torn,
    /// Done at once, answered after `delay`.
    Slow,
    /// Done, answered by 200 with an empty body.
    Empty,
    /// Done, answered by 200 and a page for people.
    Html,
    /// Done, answered by 200 and up to 1 GiB.
    Huge,
    /// Done, the right answer under the wrong `Content-Type`.
    WrongContentType,
    /// Done, the right answer in EUC-KR, called UTF-8.
    WrongEncoding,
    /// Lists: every page is the first one.
    RepeatPage,
    /// Lists: a server comes or goes between the first page and the later ones.
    ListChanges,
}

impl FaultKind {
    /// Whether a struck call still has its effect.
    pub fn lets_through(self) -> bool {
        !matches!(
            self,
            Self::Throttle
                | Self::ErrorBefore
                | Self::RegionDown
                | Self::ResetBefore
                | Self::Redirect
                | Self::Denied
                | Self::Forbidden
                | Self::Refuse
        )
    }
}

/// The change between the first page of a list and the later ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListChange {
    /// A server of the first page disappears. The next server moves up and is never seen.
    #[default]
    Disappears,
    /// A server appears before all others. The last server of the first page is seen twice.
    Appears,
}

fn every_call() -> String {
    "*".to_owned()
}

fn always() -> f64 {
    1.0
}

impl Fault {
    /// A fault that strikes every call of `on`: an action, `resources` or `*`.
    pub fn new(on: &str, kind: FaultKind) -> Self {
        Self {
            on: on.to_owned(),
            kind,
            times: None,
            after: 0,
            chance: always(),
            region: None,
            status: None,
            retry_after: None,
            delay: None,
            code: None,
            message: None,
            change: ListChange::default(),
        }
    }

    /// The same, for one call only.
    pub fn once(on: &str, kind: FaultKind) -> Self {
        Self { times: Some(1), ..Self::new(on, kind) }
    }

    /// Checks that its parts fit together. The error names the contradiction.
    pub(super) fn check(&self) -> Result<(), String> {
        const CALLS: [&str; 7] = [
            "*",
            "resources",
            "getRegionList",
            "getZoneList",
            "getServerInstanceList",
            "stopServerInstances",
            "startServerInstances",
        ];
        if !CALLS.contains(&self.on.as_str()) {
            return Err(format!("`on = {:?}` is none of {}", self.on, CALLS.join(", ")));
        }
        if !(0.0..=1.0).contains(&self.chance) {
            return Err("`chance` is a number from 0 to 1".to_owned());
        }
        let statuses = match self.kind {
            FaultKind::Refuse => 200..=599,
            FaultKind::Forbidden => 401..=403,
            _ => 500..=599,
        };
        if self.status.is_some_and(|status| !statuses.contains(&status)) {
            let (first, last) = (statuses.start(), statuses.end());
            return Err(format!("`status` is from {first} to {last} here"));
        }
        match self.kind {
            FaultKind::Slow if self.delay.is_none() => Err("`slow` needs a `delay`".to_owned()),
            FaultKind::RegionDown if self.region.is_none() => {
                Err("`region_down` needs a `region`".to_owned())
            }
            FaultKind::Refuse if self.code.is_none() => Err("`refuse` needs a `code`".to_owned()),
            _ => Ok(()),
        }
    }

    pub(super) fn is_about(&self, action: &str, region: Option<&str>) -> bool {
        (self.on == "*" || self.on == action)
            && self.region.as_deref().is_none_or(|meant| region == Some(meant))
    }
}
