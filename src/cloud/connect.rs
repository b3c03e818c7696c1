//! The one door to a cloud: connects an account of schedules.toml to the cloud that it is on.

use std::sync::Arc;

use super::ncloud::site::Site;
use super::ncloud::{self, Ncloud};
use super::{Cloud, Environment};
use crate::clock::Clock;
use crate::model::platform::Platform;
use crate::schedule::Account;

/// Why an account cannot be called at all. Found before anything is sent.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// It is on NAVER Cloud.
    #[error(transparent)]
    Ncloud(#[from] ncloud::ConnectError),
}

impl ConnectError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Ncloud(error) => error.hint(),
        }
    }
}

/// Reads an account's keys and finds its hosts. Sends nothing.
///
/// # Errors
/// When there are no keys, a URL cannot be used, or TLS cannot be prepared.
pub fn connect(
    account: &Account,
    environment: &Environment,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Cloud>, ConnectError> {
    match account.platform {
        Platform::Vpc | Platform::Classic => {
            Ok(Arc::new(Ncloud::connect(account, environment, clock)?))
        }
    }
}

/// Finds an account's hosts, and reads no keys.
///
/// # Errors
/// When a URL cannot be used.
pub fn find_hosts(account: &Account, environment: &Environment) -> Result<(), ConnectError> {
    match account.platform {
        Platform::Vpc | Platform::Classic => {
            Site::of(account, environment).map_err(ncloud::ConnectError::from)?;
        }
    }
    Ok(())
}
