//! schedules.toml and its calendars, watched: read again when told to, or when they were changed.

use std::fs;
use std::sync::Arc;
use std::task::{Context, Waker};

use tokio::signal::unix::Signal;
use tracing::{error, warn};

use super::session;
use super::watched::{Stamp, Watched};
use crate::audit::AuditLog;
use crate::clock::Clock;
use crate::cloud::ncloud::Environment;
use crate::daemon::Reload;
use crate::dispatch::{InUse, chain};
use crate::regular::NO_REGULAR_FILE;
use crate::schedule::{AuditFile, Glimpse, ReadError, Schedules};

/// The file in use.
#[derive(Debug)]
pub(super) struct FileReload {
    files: Watched,
    hangups: Signal,
    audit: Arc<AuditLog>,
    clock: Arc<dyn Clock>,
    /// What is in use.
    in_use: Arc<Schedules>,
    /// `[audit]` as it was when the log was opened.
    audit_file: AuditFile,
    /// The problem that was last complained of, so that it is complained of once.
    complained_of: Option<String>,
}

impl FileReload {
    /// Watches the file that `in_use` was read from. `read` is how it looked before that, so
    /// that what changes it meanwhile is noticed.
    pub(super) fn new(
        (in_use, read): (Arc<Schedules>, Stamp),
        hangups: Signal,
        (audit, clock): (Arc<AuditLog>, Arc<dyn Clock>),
    ) -> Self {
        Self {
            files: Watched::new(&in_use, read, clock.moment()),
            hangups,
            audit,
            audit_file: in_use.audit.clone(),
            in_use,
            clock,
            complained_of: None,
        }
    }

    /// Writes to another log from now on.
    pub(super) fn write_to(&mut self, audit: Arc<AuditLog>) {
        self.audit = audit;
    }

    /// Whether the process was told to read the file again.
    fn told(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        self.hangups.poll_recv(&mut context).is_ready()
    }

    async fn take(&mut self, schedules: Schedules) -> anyhow::Result<InUse> {
        let schedules = Arc::new(schedules);
        warn_of_ending_calendars(&schedules, &*self.clock);
        if schedules.audit != self.audit_file {
            warn!("`[audit]` was changed: that takes a restart");
        }
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
        if !self.files.have_changed(&*self.clock) && !told {
            return None;
        }
        self.files.note();
        let path = &self.in_use.path;
        // A pipe would be waited for, and nothing would fire meanwhile.
        if fs::metadata(path).is_ok_and(|data| !data.is_file()) {
            self.complain(NO_REGULAR_FILE.to_owned());
            return None;
        }
        let schedules = match Schedules::read(path) {
            Ok((schedules, _)) => schedules,
            Err(ReadError::Invalid(problems)) => {
                // What is wrong may be in a calendar that it names, and be mended there.
                let text = Glimpse::read(path).map(|glimpse| glimpse.text).unwrap_or_default();
                if let Ok((named, _)) = Schedules::recall(path, &text) {
                    self.files.follow(&named);
                }
                let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                self.complain(problems.join("; "));
                return None;
            }
            Err(error) => {
                self.complain(chain(&error));
                return None;
            }
        };
        if schedules.rules.is_empty() && !told {
            self.complain("it holds no rule at all; SIGHUP takes it all the same".to_owned());
            return None;
        }
        // Told to, the keys are read again even where the text is the same.
        let is_same =
            schedules.text == self.in_use.text && schedules.calendars == self.in_use.calendars;
        if !told && is_same {
            self.complained_of = None;
            return None;
        }
        match self.take(schedules).await {
            Ok(in_use) => {
                self.in_use = Arc::clone(&in_use.schedules);
                self.files.follow(&self.in_use);
                self.complained_of = None;
                Some(in_use)
            }
            Err(error) => {
                // Keys or the log may be back at the next look, with the file as it is.
                self.files.forget();
                self.complain(format!("{error:#}"));
                None
            }
        }
    }
}

/// Logs which calendars know too little of the days to come.
pub(super) fn warn_of_ending_calendars(schedules: &Schedules, clock: &dyn Clock) {
    for problem in schedules.ending_calendars(clock.now()) {
        warn!(%problem, hint = problem.hint, "a calendar ends soon");
    }
}
