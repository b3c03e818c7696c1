//! `lightsout run`: gives the daemon its signals, its file and its log. The loop is `engine`'s.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tracing::{error, info, warn};

use super::output::Misuse;
use super::reload::{self, FileReload};
use super::signals::end_on_signal;
use super::{Exit, Global, config_place, session, watched, web};
use crate::audit::{AuditError, AuditLog, NodeWatch, Writer, note_lost};
use crate::clock::{Clock, SystemClock};
use crate::cloud::Environment;
use crate::engine::daemon::{self, DaemonError};
use crate::engine::dispatch::{ActiveConfig, Dispatch};
use crate::engine::left_off::where_the_last_one_left_off;
use crate::engine::scheduler::Scheduler;
use crate::hold_socket::server::HoldSocket;
use crate::lifecycle::{Shutdown, ShutdownSwitch};
use crate::model::ids::FileId;
use crate::schedule::Schedules;
use crate::text::error_chain::chain;

/// The pause before a lost log is opened again.
const BEFORE_REOPENING: Duration = Duration::from_secs(2);
/// How much longer a service manager is asked to wait for the start, in microseconds.
const MORE_TIME: u32 = 30_000_000;

const EXAMPLES: &str = "\
Examples:
  lightsout run
  lightsout run --web 127.0.0.1:8787
  lightsout run -c /etc/lightsout/schedules.toml --log-format json";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Run {
    /// Serve the page there, such as on 127.0.0.1:8787, with /metrics, /healthz and /readyz
    /// [default: `[web] listen` of schedules.toml]
    #[arg(long, value_name = "ADDR")]
    web: Option<SocketAddr>,
    #[command(flatten)]
    readers: web::Readers,
}

impl Run {
    /// Takes the port of the page, if one is wanted.
    async fn bind(
        &self,
        global: &Global,
        schedules: &Schedules,
        clock: &Arc<dyn Clock>,
    ) -> anyhow::Result<Option<crate::web::Web>> {
        let table = &schedules.web;
        let Some(listen) = self.web.or(table.listen) else {
            return Ok(self.readers.of_no_page()?);
        };
        let places = (schedules.audit.path.clone(), config_place::config_path(global));
        let options = self.readers.options(listen, table, places);
        let web = web::bind(options, Arc::clone(clock)).await?;
        info!(url = format!("http://{}", web.address()?), "page served");
        Ok(Some(web))
    }
}

pub(super) async fn run(options: &Run, global: &Global) -> anyhow::Result<Exit> {
    let looks = watched::stamp(&config_place::config_path(global));
    let schedules = Arc::new(session::read(global)?);
    let clock: Arc<dyn Clock> = SystemClock::new();
    reload::warn_of_ending_calendars(&schedules, &*clock);
    if schedules.rules.is_empty() {
        let misuse = Misuse {
            message: format!(
                "{} holds no rule at all: nothing would happen",
                schedules.path.display()
            ),
            hint: "a rule begins with `[[rules]]`; `lightsout add` writes one".to_owned(),
        };
        return Err(misuse.into());
    }
    reload::warn_of_expectations(&schedules);
    let environment = Environment::of_process();
    let clouds = Arc::new(session::connect(&schedules, &environment, &clock)?);
    let (switch, shutdown) = ShutdownSwitch::new();
    end_on_signal(switch)?;
    let page = options.bind(global, &schedules, &clock).await?;
    let mut page = Page { bound: page, served: None };
    let begun = begin_patiently((&schedules, &clock), shutdown.clone(), &mut page).await?;
    let Begun { mut audit, mut nodes, mut timetable, file } = begun;
    page.serve(&shutdown);
    let socket = HoldSocket::bind(&schedules, Arc::clone(&clock));
    let socket = socket.map(|socket| tokio::spawn(socket.serve(shutdown.clone())));
    let hangups = signal(SignalKind::hangup())?;
    let watched = (Arc::clone(&schedules), looks);
    let mut reload = FileReload::new(watched, hangups, (Arc::clone(&audit), Arc::clone(&clock)));
    let mut in_use = ActiveConfig { schedules, file, clouds };
    loop {
        let dispatch = Dispatch::new(Arc::clone(&audit), Arc::clone(&clock), shutdown.clone());
        match daemon::run(dispatch, &mut in_use, &mut timetable, &mut reload).await {
            Ok(()) => break,
            Err(DaemonError::LogGone(_)) => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(nodes) = nodes.take() {
            nodes.end().await;
        }
        (audit, in_use.file) = reopen(&in_use.schedules, &clock, shutdown.clone()).await?;
        nodes = audit.watch().await;
        reload.write_to(Arc::clone(&audit));
    }
    drop(reload);
    if let Some(nodes) = nodes {
        nodes.end().await;
    }
    // The last one to close the log removes its side files.
    for side in page.served.into_iter().chain(socket) {
        drop(side.await);
    }
    if let Some(audit) = Arc::into_inner(audit) {
        audit.end("told to end").await?;
    }
    Ok(Exit::Ok)
}

async fn open(schedules: &Schedules, clock: &Arc<dyn Clock>) -> Result<Arc<AuditLog>, AuditError> {
    let clock = Arc::clone(clock);
    let audit = AuditLog::open(&schedules.audit, Writer::Daemon, clock).await?;
    audit.inspect().await?;
    Ok(Arc::new(audit))
}

/// The page, from its port on.
struct Page {
    bound: Option<crate::web::Web>,
    served: Option<JoinHandle<()>>,
}

impl Page {
    fn serve(&mut self, shutdown: &Shutdown) {
        if let Some(page) = self.bound.take() {
            self.served = Some(tokio::spawn(page.serve(shutdown.clone())));
        }
    }
}

/// A daemon that knows its log.
struct Begun {
    audit: Arc<AuditLog>,
    nodes: Option<NodeWatch>,
    timetable: Scheduler,
    file: FileId,
}

async fn begin(schedules: &Schedules, clock: &Arc<dyn Clock>) -> Result<Begun, AuditError> {
    let audit = open(schedules, clock).await?;
    let nodes = audit.watch().await;
    let timetable = where_the_last_one_left_off(&audit, schedules, clock.now()).await?;
    let file = audit.mending(async || audit.load_file(schedules).await).await?;
    Ok(Begun { audit, nodes, timetable, file })
}

/// Begins; waits while the shared log is away, or this machine cannot follow it. A start that failed
/// would be tried again all the time, and nobody could ask the page why.
async fn begin_patiently(
    (schedules, clock): (&Schedules, &Arc<dyn Clock>),
    mut shutdown: Shutdown,
    page: &mut Page,
) -> Result<Begun, AuditError> {
    let mut told = None;
    loop {
        let error = match begin(schedules, clock).await {
            Err(error) if error.is_of_the_shared_log() && !shutdown.is_due() => error,
            begun => return begun,
        };
        page.serve(&shutdown);
        let reason = chain(&error);
        drop(note_lost(&schedules.audit, &error, &**clock).await);
        if told.as_ref() != Some(&reason) {
            error!(error = reason, "nothing fires until this machine can follow the shared log");
            told = Some(reason);
        }
        // A service manager waits for a minute and a half otherwise.
        sd_notify::notify(&[sd_notify::NotifyState::ExtendTimeoutUsec(MORE_TIME)]).ok();
        tokio::select! {
            () = shutdown.due() => {}
            () = clock.sleep(BEFORE_REOPENING) => {}
        }
    }
}

/// Opens a new log in the place of a lost one, as often as needed, and logs that.
async fn reopen(
    schedules: &Schedules,
    clock: &Arc<dyn Clock>,
    mut shutdown: Shutdown,
) -> Result<(Arc<AuditLog>, FileId), AuditError> {
    let mut told = false;
    loop {
        let opened = async {
            let audit = open(schedules, clock).await?;
            let file = audit.load_file(schedules).await?;
            Ok((audit, file))
        };
        match opened.await {
            Ok(opened) => {
                warn!("a new audit log was begun; nothing is known of what the old one said");
                return Ok(opened);
            }
            Err(error) if shutdown.is_due() => return Err(error),
            Err(error) if !told => {
                error!(error = chain(&error), "no audit log can be opened; nothing fires");
                told = true;
            }
            Err(_) => {}
        }
        sd_notify::notify(&[sd_notify::NotifyState::Watchdog]).ok();
        tokio::select! {
            () = shutdown.due() => {}
            () = clock.sleep(BEFORE_REOPENING) => {}
        }
    }
}
