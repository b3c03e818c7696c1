//! From `[audit] shared` to the options of a connection.

use std::net::IpAddr;
use std::str::FromStr;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tracing::log::LevelFilter;

use super::shared_error::SharedError;
use crate::schedule::shared::{SharedPlace, SharedUrl};

/// The server gives a statement up after this, where it waits for a lock. Shorter than the client's
/// own patience, so that its word comes first.
const STATEMENT_TIMEOUT: &str = "3500";

/// An address that can be used now.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(super) options: PgConnectOptions,
    /// The host and the database, for people.
    pub(crate) place: String,
}

impl Address {
    /// Reads the variable that is named, and the password from where libpq's users keep it:
    /// `PGPASSWORD`, or the file that `PGPASSFILE` names, or `~/.pgpass`.
    pub(crate) fn of(place: &SharedPlace) -> Result<Self, SharedError> {
        let url = match place {
            SharedPlace::Written(url) => url.clone(),
            SharedPlace::Variable(name) => {
                let value = std::env::var(name);
                let value = value.map_err(|_| SharedError::NoVariable(name.clone()))?;
                SharedUrl::parse(&value)
                    .map_err(|source| SharedError::BadVariable { name: name.clone(), source })?
            }
        };
        let options = PgConnectOptions::from_str(url.expose())
            .map_err(|error| SharedError::Options(error.into()))?;
        // The environment must not weaken it: `PGSSLMODE`, or `PGHOST` for a URL without a host.
        let is_near = url.is_near() && is_near(&options);
        let options = if is_near { options } else { options.ssl_mode(PgSslMode::VerifyFull) };
        let options = options
            .application_name("lightsout")
            .options([("statement_timeout", STATEMENT_TIMEOUT)])
            .log_statements(LevelFilter::Off)
            .log_slow_statements(LevelFilter::Off, std::time::Duration::ZERO);
        Ok(Self { options, place: url.place() })
    }
}

/// Whether the way stays on this machine.
fn is_near(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let is_loopback = host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    options.get_socket().is_some() || host.starts_with('/') || host == "localhost" || is_loopback
}
