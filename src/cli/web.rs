//! `lightsout web`, and the options of the page in `lightsout run`. The page is `web`'s.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::output::{self, Misuse};
use super::session::LogPlace;
use super::signals::end_on_signal;
use super::{Exit, Global, config_place};
use crate::clock::{Clock, SystemClock};
use crate::lifecycle::ShutdownSwitch;
use crate::schedule::web::WebTable;
use crate::text::secret_file::{CREDENTIALS, Found};
use crate::web::{Token, WebError, WebOptions};

/// Who may see the page.
#[derive(Clone, Debug, Args)]
pub(super) struct Readers {
    /// Ask readers for the token in this file; needed to listen on other than loopback addresses
    #[arg(long = "web-token-file", value_name = "PATH")]
    token_file: Option<PathBuf>,
    /// Answer to this name too, besides localhost and addresses; such as a proxy's. Repeatable
    #[arg(long = "web-host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Let nobody set or release holds on the page
    #[arg(long = "web-read-only")]
    is_read_only: bool,
}

impl Readers {
    /// Fails when an option of the page is given without a page.
    pub(super) fn of_no_page<T>(&self) -> Result<Option<T>, Misuse> {
        if self.token_file.is_none() && self.hosts.is_empty() && !self.is_read_only {
            return Ok(None);
        }
        Err(Misuse {
            message:
                "`--web-token-file`, `--web-host` and `--web-read-only` are about a page that \
                      is not served"
                    .to_owned(),
            hint: "`--web 127.0.0.1:8787` serves it, or `[web] listen` in schedules.toml"
                .to_owned(),
        })
    }

    /// The options of a page. The flags win over `[web]`.
    pub(super) fn options(
        &self,
        listen: SocketAddr,
        table: &WebTable,
        (log, schedules): (PathBuf, PathBuf),
    ) -> Result<WebOptions, WebError> {
        let flag = self.token_file.clone().map(Found::from);
        let credentials = std::env::var_os(CREDENTIALS).map(PathBuf::from);
        let of_file = || Some(table.token_file.as_ref()?.find(credentials.as_deref()));
        let token = flag.or_else(of_file);
        let known_as = table.url.as_ref().map(ToString::to_string);
        Ok(WebOptions {
            listen,
            token: token.map(|token| Token::read(&token)).transpose()?,
            hosts: self.hosts.iter().cloned().chain(known_as).collect(),
            log,
            schedules,
            proxies: table.proxies.clone(),
            is_read_only: self.is_read_only || table.is_read_only,
        })
    }
}

const EXAMPLES: &str = "\
Examples:
  lightsout web
  lightsout web --listen 127.0.0.1:0 --web-read-only";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Web {
    /// Where to listen; port 0 lets the system choose
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    #[command(flatten)]
    readers: Readers,
    #[command(flatten)]
    place: LogPlace,
}

impl Web {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (file, schedules) = self.place.glimpse(global)?;
        let table = match schedules {
            Some(schedules) => schedules.web,
            None if file.has_web => return Err(who_may_read().into()),
            None => WebTable::default(),
        };
        let places = (file.log, config_place::config_path(global));
        let options = self.readers.options(self.listen, &table, places);
        let web = bind(options, SystemClock::new()).await?;
        let (switch, shutdown) = ShutdownSwitch::new();
        end_on_signal(switch)?;
        output::out(&format!("http://{}\n", web.address()?))?;
        output::say("serving until Ctrl-C");
        web.serve(shutdown).await;
        Ok(Exit::Ok)
    }
}

/// A `[web]` with errors may ask for a token: nobody is let in without it meanwhile.
fn who_may_read() -> Misuse {
    Misuse {
        message: "schedules.toml has errors: nobody can tell whom its `[web]` lets in".to_owned(),
        hint: "`lightsout check` shows them; `history` and the like read the log all the same"
            .to_owned(),
    }
}

/// Takes the port for the page of a log.
pub(super) async fn bind(
    options: Result<WebOptions, WebError>,
    clock: Arc<dyn Clock>,
) -> Result<crate::web::Web, Misuse> {
    let bound = async { crate::web::Web::bind(options?, clock).await };
    bound.await.map_err(|error: WebError| Misuse {
        message: crate::text::error_chain::chain(&error),
        hint: error.hint().to_owned(),
    })
}
