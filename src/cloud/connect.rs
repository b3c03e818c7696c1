//! The only door to a cloud: connects an account of schedules.toml to its cloud, or to an examiner
//! of it.
//!
//! Each cloud owns its keys and hosts, such as `ncloud`.

use std::sync::Arc;
use std::time::Duration;

use super::ncloud::site::Site;
use super::ncloud::{self, Generation, Ncloud};
use super::{Cloud, Environment, Examine};
use crate::clock::Clock;
use crate::model::instance::PowerState;
use crate::model::platform::Platform;
use crate::schedule::Account;

/// A cloud, as far as it is known before an account is connected: the log may hold accounts that no
/// file names any more.
pub(super) struct Provider {
    pub(super) statuses: &'static [(&'static str, PowerState)],
    /// The operation that is none.
    pub(super) no_operation: &'static str,
    lists_lag: Duration,
}

const NCLOUD: Provider = Provider {
    statuses: ncloud::codes::STATUSES,
    no_operation: ncloud::codes::NO_OPERATION,
    lists_lag: ncloud::LISTS_LAG,
};

/// The clouds of all platforms.
pub(super) fn providers() -> impl Iterator<Item = &'static Provider> {
    Platform::ALL.into_iter().map(|platform| match platform {
        Platform::Vpc | Platform::Classic => &NCLOUD,
    })
}

/// The longest time for which a list of any cloud may show an old state.
pub fn longest_lists_lag() -> Duration {
    providers().map(|provider| provider.lists_lag).max().unwrap_or_default()
}

/// The reasons why an account cannot be called. All are found before anything is sent.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(transparent)]
    Ncloud(#[from] ncloud::ConnectError),
}

impl ConnectError {
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Ncloud(error) => error.hint(),
        }
    }
}

/// Reads the keys of an account and finds its hosts. Sends nothing.
///
/// # Errors
/// There are no keys, a URL cannot be used, or TLS cannot be prepared.
pub fn connect(
    account: &Account,
    environment: &Environment,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Cloud>, ConnectError> {
    match account.platform {
        Platform::Vpc => ncloud((account, Generation::Vpc), environment, clock),
        Platform::Classic => ncloud((account, Generation::Classic), environment, clock),
    }
}

/// As [`connect`], to be read and judged, and never changed.
///
/// # Errors
/// The same.
pub fn examiner(
    account: &Account,
    environment: &Environment,
    clock: Arc<dyn Clock>,
) -> Result<Box<dyn Examine>, ConnectError> {
    let generation = match account.platform {
        Platform::Vpc => Generation::Vpc,
        Platform::Classic => Generation::Classic,
    };
    Ok(Box::new(ncloud::examiner((account, generation), environment, clock)?))
}

/// The assumptions about all clouds that an examination judges: code and sentence.
pub fn assumptions() -> impl Iterator<Item = (&'static str, &'static str)> {
    ncloud::examination::assumptions::ASSUMPTIONS.iter().map(|it| (it.code, it.assumed))
}

fn ncloud(
    account: (&Account, Generation),
    environment: &Environment,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Cloud>, ConnectError> {
    Ok(Arc::new(Ncloud::connect(account, environment, clock)?))
}

/// Finds the hosts of an account, and reads no keys.
///
/// # Errors
/// A URL cannot be used.
pub fn find_hosts(account: &Account, environment: &Environment) -> Result<(), ConnectError> {
    match account.platform {
        Platform::Vpc | Platform::Classic => {
            Site::of(account, environment).map_err(ncloud::ConnectError::from)?;
        }
    }
    Ok(())
}
