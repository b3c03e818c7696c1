//! The page: the log and schedules.toml over HTTP, for people and for monitoring.
//!
//! Owns HTTP as a server. Reads the log, and writes nothing but holds. Each answer opens the log
//! anew, so a log that is missing or was replaced needs no special case. A failure here never stops
//! the daemon. The data comes from `audit`, `why` and `report`; this room shows it.
//!
//! The way of a request:
//!
//! 1. `server` accepts the connection and bounds its size and time.
//! 2. `host_check` and `auth` check its host and its sender.
//! 3. `route` picks one of `view` with `page`, `health`, `metrics`; or, for a form, `csrf` and
//!    `hold`.
//! 4. `answer` adds the headers, and `compress` makes it short.

mod answer;
mod auth;
mod compress;
mod cookie;
mod csrf;
mod download;
mod filter;
mod form;
mod forms;
mod health;
mod hold;
mod hold_page;
mod host_check;
mod instance;
mod kept;
mod language;
mod metrics;
mod options;
mod page;
mod page_request;
mod reckoned;
mod route;
mod rule_pages;
mod rules;
mod sender;
mod sent;
mod server;
mod servers;
mod set_language;
mod sign_in;
mod state;
mod view;
mod words;
mod wrong_tokens;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use self::state::WebState;
use crate::clock::Clock;
use crate::lifecycle::Shutdown;

pub use auth::{Token, TokenError};
pub use options::WebOptions;

#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The address is in use, or does not belong to this machine.
    #[error("could not listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("{0} can be reached from other machines, and no token is asked for")]
    Open(SocketAddr),
    /// The system gives no random bytes for a key.
    #[error("could not make a key for the forms")]
    NoKey(#[source] std::io::Error),
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl WebError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Listen { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse => {
                "another process has the port; name another one, or 0 for any"
            }
            Self::Listen { .. } => "name an address of this machine, such as 127.0.0.1:8787",
            Self::Open(_) => {
                "`--web-token-file PATH` names a token to ask for, or `[web] token_file`; or listen on \
                 127.0.0.1"
            }
            Self::NoKey(_) => "`/dev/urandom` has to be there and readable",
            Self::Token(error) => error.hint(),
        }
    }
}

/// A page whose port is open: connections wait until it serves.
#[derive(Debug)]
pub struct Web {
    listener: TcpListener,
    state: Arc<WebState>,
}

impl Web {
    /// Takes the port, and begins to count new entries of the log.
    ///
    /// # Errors
    /// When the port cannot be had, or when others could read the page without a token.
    pub async fn bind(options: WebOptions, clock: Arc<dyn Clock>) -> Result<Self, WebError> {
        let address = options.listen;
        if options.token.is_none() && !address.ip().is_loopback() {
            return Err(WebError::Open(address));
        }
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| WebError::Listen { address, source })?;
        let state = WebState::new(options, clock).map_err(WebError::NoKey)?;
        state.begin_to_count().await;
        let state = Arc::new(state);
        let early = Arc::clone(&state);
        tokio::spawn(async move { reckoned::ahead(&early).await });
        Ok(Self { listener, state })
    }

    /// The address that it listens on.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until shutdown. Answers under way get a few seconds more.
    pub async fn serve(self, shutdown: Shutdown) {
        server::serve(self.listener, self.state, shutdown).await;
    }
}
