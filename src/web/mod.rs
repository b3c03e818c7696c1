//! The page: what the log and schedules.toml say, over HTTP, for people and for monitoring.
//!
//! Owns HTTP as a server. Reads, and writes nothing but holds; opens the log anew for each answer,
//! so that a log which is deleted, replaced or not there yet is no special case. Whatever happens
//! here stays here: the daemon goes on.
//!
//! A request goes through `server` (sockets, bounds), `host_check` and `auth` (for whom), `route`
//! (what) and
//! `view` and `page`, `health` or `metrics`, and leaves as an `answer`. A form goes through `csrf`
//! (from a page of ours) and `hold` (what it asks for).

mod answer;
mod asked;
mod auth;
mod csrf;
mod filter;
mod form;
mod forms;
mod health;
mod hold;
mod host_check;
mod instance;
mod metrics;
mod options;
mod page;
mod route;
mod rules;
mod server;
mod sign_in;
mod state;
mod view;
mod words;

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
    /// The address is taken, or not this machine's.
    #[error("could not listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("{0} can be reached from other machines, and no token is asked for")]
    Open(SocketAddr),
    /// The system gives no chance to make a key from.
    #[error("could not make a key for the forms")]
    NoKey(#[source] std::io::Error),
    /// The file with the token cannot be used.
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
                "`--web-token-file PATH` names a token to ask for; or listen on 127.0.0.1"
            }
            Self::NoKey(_) => "`/dev/urandom` has to be there and readable",
            Self::Token(error) => error.hint(),
        }
    }
}

/// A page that is ready to be served: whoever connects from now on is answered.
#[derive(Debug)]
pub struct Web {
    listener: TcpListener,
    state: Arc<WebState>,
}

impl Web {
    /// Takes the port, and begins to count what is added to the log.
    ///
    /// # Errors
    /// When it cannot be had, or when others could read the page.
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
        Ok(Self { listener, state: Arc::new(state) })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until told to end, and a few seconds longer to those who are being answered.
    pub async fn serve(self, shutdown: Shutdown) {
        server::serve(self.listener, self.state, shutdown).await;
    }
}
