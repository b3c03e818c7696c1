//! How the page is served.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::auth::Token;

/// What is shown, and to whom.
#[derive(Debug)]
pub struct WebOptions {
    /// Where to listen; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Who does not have it sees nothing. Without one only a loopback address is listened on.
    pub token: Option<Token>,
    /// Names by which the page may be called, besides `localhost` and addresses; of a URL or a
    /// name with a port, the name.
    pub hosts: Vec<String>,
    pub log: PathBuf,
    pub schedules: PathBuf,
    /// Whether no hold may be set or released.
    pub is_read_only: bool,
}
