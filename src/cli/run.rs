//! `lightsout run`: the daemon with its signals and its file.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, warn};

use super::{Exit, Global, session};
use crate::audit::{AuditLog, Writer};
use crate::clock::{Clock, SystemClock};
use crate::cloud::ncloud::Environment;
use crate::daemon::{self, Reload};
use crate::dispatch::{Dispatch, InUse, chain};
use crate::schedule::{ReadError, Schedules};
use crate::scheduler::Scheduler;
use crate::shutdown::ShutdownSwitch;

/// Runs the daemon until it is told to end.
pub(super) async fn run(global: &Global) -> anyhow::Result<Exit> {
    let schedules = Arc::new(session::read(global)?);
    let clock: Arc<dyn Clock> = SystemClock::new();
    let environment = Environment::of_process();
    let clouds = Arc::new(session::connect(&schedules, &environment, &clock)?);
    let audit =
        Arc::new(AuditLog::open(&schedules.audit, Writer::Daemon, Arc::clone(&clock)).await?);
    let file = audit.load_file(&schedules).await?;
    let (switch, shutdown) = ShutdownSwitch::new();
    end_on_signal(switch)?;
    let timetable = Scheduler::new(&schedules, clock.now());
    let dispatch = Dispatch::new(Arc::clone(&audit), Arc::clone(&clock), shutdown);
    let reload = FileReload {
        path: session::config_path(global),
        stamp: None,
        hangups: signal(SignalKind::hangup())?,
        text: schedules.text.clone(),
        complained_of: None,
        audit: Arc::clone(&audit),
        clock,
    };
    let in_use = InUse { schedules, file, clouds };
    daemon::run(dispatch, in_use, timetable, reload).await?;
    if let Some(audit) = Arc::into_inner(audit) {
        audit.end("told to end").await?;
    }
    Ok(Exit::Ok)
}

/// Throws the switch at SIGTERM or SIGINT. The second one ends the process at once: the log has
/// every request that left, and the next start settles what is open.
pub(super) fn end_on_signal(switch: ShutdownSwitch) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        for told_before in [false, true] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if told_before {
                warn!("told twice to end: leaving at once");
                leave();
            }
            switch.throw();
        }
    });
    Ok(())
}

#[expect(clippy::exit, reason = "a second signal asks for exactly this")]
fn leave() -> ! {
    std::process::exit(130)
}

/// schedules.toml, watched: read again when told to, or when it looks changed.
struct FileReload {
    path: PathBuf,
    /// What the file looked like when it was last read.
    stamp: Option<(Option<SystemTime>, u64)>,
    hangups: tokio::signal::unix::Signal,
    /// The text in use.
    text: String,
    /// The bad text that was last complained of, so that it is complained of once.
    complained_of: Option<String>,
    audit: Arc<AuditLog>,
    clock: Arc<dyn Clock>,
}

impl FileReload {
    /// Whether the process was told to read the file again.
    fn told(&mut self) -> bool {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        self.hangups.poll_recv(&mut context).is_ready()
    }

    async fn take(&mut self, schedules: Schedules) -> anyhow::Result<InUse> {
        let schedules = Arc::new(schedules);
        let clouds = session::connect(&schedules, &Environment::of_process(), &self.clock)?;
        let file = self.audit.load_file(&schedules).await?;
        Ok(InUse { schedules, file, clouds: Arc::new(clouds) })
    }

    fn complain(&mut self, problem: String) {
        if self.complained_of.as_ref() != Some(&problem) {
            error!(problem, "schedules.toml is not taken; the last good one stays in use");
            self.complained_of = Some(problem);
        }
    }
}

impl Reload for FileReload {
    async fn changed(&mut self) -> Option<InUse> {
        let told = self.told();
        // `metadata` follows links, so that a replaced file behind a symlink is noticed too.
        let stamp = fs::metadata(&self.path).ok().map(|data| (data.modified().ok(), data.len()));
        if !told && stamp == self.stamp {
            return None;
        }
        self.stamp = stamp;
        let schedules = match Schedules::read(&self.path) {
            Ok((schedules, _)) => schedules,
            Err(ReadError::Invalid(problems)) => {
                let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                self.complain(problems.join("; "));
                return None;
            }
            Err(error) => {
                self.complain(chain(&error));
                return None;
            }
        };
        // Told to, the keys are read again even where the text is the same.
        if !told && schedules.text == self.text {
            return None;
        }
        let text = schedules.text.clone();
        match self.take(schedules).await {
            Ok(in_use) => {
                self.text = text;
                self.complained_of = None;
                Some(in_use)
            }
            Err(error) => {
                self.complain(format!("{error:#}"));
                None
            }
        }
    }
}
