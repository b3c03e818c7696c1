//! Why there is no client for an account.

use super::credentials::CredentialsError;
use super::site::SiteError;

/// Why there is no client for an account. Never holds a key.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There are no keys, or none that can be used.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// A host that cannot be used.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// No encrypted connection can be made on this machine.
    #[error("TLS cannot be prepared")]
    Tls(#[source] reqwest::Error),
}

impl ConnectError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Credentials(error) => error.hint(),
            Self::Site(SiteError::NoBase { .. }) => "write it like `https://gateway.example`",
            Self::Site(SiteError::PlainHttp { .. }) => {
                "use `https://`, or a loopback address such as `http://127.0.0.1:8080`"
            }
            Self::Tls(_) => "install the system's root certificates (package `ca-certificates`)",
        };
        Some(hint.to_owned())
    }
}
