//! The options of the page. `cli` reads them from flags.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::auth::Token;
use crate::schedule::web::Proxies;

#[derive(Debug)]
pub struct WebOptions {
    /// The address to listen on; the system chooses the port when it is 0.
    pub listen: SocketAddr,
    /// Needed to see anything. Without a token, only a loopback address is allowed.
    pub token: Option<Token>,
    /// The host names of the page, besides `localhost` and addresses. From a URL or a name with a
    /// port, only the name counts.
    pub hosts: Vec<String>,
    pub log: PathBuf,
    pub schedules: PathBuf,
    /// The proxies that say who is there. Without a token, none is believed.
    pub proxies: Option<Proxies>,
    /// Holds cannot be set or released.
    pub is_read_only: bool,
}
