//! Watches schedules.toml and its calendars, and reads them again after a change or a signal.
//!
//! All of this runs beside the daemon's own task, so a file system that hangs delays no firing.
//! [`super::watched`] detects changes.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::task::{Context, Waker};

use tokio::signal::unix::Signal;
use tokio::task::{JoinHandle, spawn_blocking};
use tracing::{error, warn};

use super::watched::{Stamp, Watched};
use super::{logging, session};
use crate::audit::AuditLog;
use crate::clock::Clock;
use crate::cloud::Environment;
use crate::engine::dispatch::{ActiveConfig, Clouds};
use crate::engine::reload::Reload;
use crate::schedule::web::WebTable;
use crate::schedule::{AuditFile, Glimpse, Problem, ReadError, Schedules};
use crate::text::error_chain::chain;
use crate::text::regular_file::NO_REGULAR_FILE;

/// The most errors of a file that are logged; `check` shows all.
const MOST_LOGGED: usize = 5;

pub(super) struct FileReload {
    /// The files as last seen.
    files: Watched,
    /// The check that is under way.
    look: Option<JoinHandle<(Watched, Seen)>>,
    hangups: Signal,
    /// A signal asked for a reload, and no check has begun since.
    told: bool,
    audit: Arc<AuditLog>,
    clock: Arc<dyn Clock>,
    in_use: Arc<Schedules>,
    /// `[audit]` as it was when the log was opened.
    audit_file: AuditFile,
    /// `[holds] socket` as it was when the daemon began to listen.
    socket: Option<PathBuf>,
    /// `[web]` as it was when the page was served.
    web: WebTable,
    /// The last logged problem, so that each is logged once.
    complained_of: Option<String>,
}

/// The result of a check.
enum Seen {
    AsBefore,
    /// The files changed, and say the same as those in use.
    TheSame,
    Bad(String),
    New(Box<Schedules>, Clouds),
}

impl FileReload {
    /// Watches the file of `in_use`. `read` is its stamp from before it was read, so that a change
    /// during the reading is noticed.
    pub(super) fn new(
        (in_use, read): (Arc<Schedules>, Stamp),
        hangups: Signal,
        (audit, clock): (Arc<AuditLog>, Arc<dyn Clock>),
    ) -> Self {
        Self {
            files: Watched::new(&in_use, read, clock.moment()),
            look: None,
            hangups,
            told: false,
            audit,
            audit_file: in_use.audit.clone(),
            socket: in_use.holds.socket.clone(),
            web: in_use.web.clone(),
            in_use,
            clock,
            complained_of: None,
        }
    }

    /// Records in another log from now on.
    pub(super) fn write_to(&mut self, audit: Arc<AuditLog>) {
        self.audit = audit;
    }

    /// Whether a signal asked for a reload.
    fn is_told(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        self.hangups.poll_recv(&mut context).is_ready()
    }

    fn begin_look(&mut self) {
        let mut files = self.files.clone();
        let (in_use, clock) = (Arc::clone(&self.in_use), Arc::clone(&self.clock));
        let told = std::mem::take(&mut self.told);
        self.look = Some(spawn_blocking(move || {
            let seen = look(&mut files, &in_use, &clock, told);
            (files, seen)
        }));
    }

    async fn take(&mut self, schedules: Schedules, clouds: Clouds) -> Option<ActiveConfig> {
        let schedules = Arc::new(schedules);
        if schedules.audit != self.audit_file {
            warn!("`[audit]` was changed: that takes a restart");
        }
        if schedules.holds.socket != self.socket {
            warn!("`[holds] socket` was changed: that takes a restart");
        }
        if schedules.web != self.web {
            warn!("`[web]` was changed: the page needs a restart to take it into use");
        }
        match self.audit.load_file(&schedules).await {
            Ok(file) => {
                self.in_use = Arc::clone(&schedules);
                logging::tell_times_in(schedules.timezone);
                self.files.follow(&schedules);
                self.complained_of = None;
                Some(ActiveConfig { schedules, file, clouds: Arc::new(clouds) })
            }
            Err(error) => {
                // The log may be back at the next check, with the same file.
                self.files.forget();
                self.complain(chain(&error));
                None
            }
        }
    }

    fn complain(&mut self, problem: String) {
        if self.complained_of.as_ref() != Some(&problem) {
            error!(problem, "schedules.toml is not taken; the last good one stays in use");
            self.complained_of = Some(problem);
        }
    }
}

impl Reload for FileReload {
    async fn changed(&mut self) -> Option<ActiveConfig> {
        self.told |= self.is_told();
        let seen = match self.look.take() {
            None => Seen::AsBefore,
            Some(look) if !look.is_finished() => {
                self.look = Some(look);
                return None;
            }
            Some(look) => match look.await {
                Ok((files, seen)) => {
                    self.files = files;
                    seen
                }
                Err(error) => Seen::Bad(format!("reading it broke down: {error}")),
            },
        };
        let taken = match seen {
            Seen::AsBefore => None,
            Seen::TheSame => {
                self.complained_of = None;
                None
            }
            Seen::Bad(problem) => {
                self.complain(problem);
                None
            }
            Seen::New(schedules, clouds) => self.take(*schedules, clouds).await,
        };
        self.begin_look();
        taken
    }
}

/// Checks the files, and reads them after a change or a signal.
fn look(files: &mut Watched, in_use: &Schedules, clock: &Arc<dyn Clock>, told: bool) -> Seen {
    if !files.have_changed(&**clock) && !told {
        return Seen::AsBefore;
    }
    files.note();
    let path = &in_use.path;
    if fs::metadata(path).is_ok_and(|data| !data.is_file()) {
        return Seen::Bad(NO_REGULAR_FILE.to_owned());
    }
    let schedules = match Schedules::read_to_act(path) {
        Ok((schedules, _)) => schedules,
        Err(ReadError::Invalid(problems)) => {
            // The error may be in a calendar of the file, and be repaired there.
            let text = Glimpse::read(path).map(|glimpse| glimpse.text).unwrap_or_default();
            if let Ok((named, _)) = Schedules::recall(path, &text) {
                files.follow(&named);
            }
            return Seen::Bad(in_brief(&problems));
        }
        Err(error) => return Seen::Bad(chain(&error)),
    };
    if schedules.rules.is_empty() && !told {
        return Seen::Bad("it holds no rule at all; SIGHUP takes it all the same".to_owned());
    }
    // After a signal, the keys are read again even if the text is the same.
    if !told && schedules.text == in_use.text && schedules.calendars == in_use.calendars {
        return Seen::TheSame;
    }
    match session::connect(&schedules, &Environment::of_process(), clock) {
        Ok(clouds) => {
            warn_of_ending_calendars(&schedules, &**clock);
            warn_of_expectations(&schedules);
            Seen::New(Box::new(schedules), clouds)
        }
        Err(error) => {
            // The keys may be back at the next check, with the same file.
            files.forget();
            Seen::Bad(chain(&error))
        }
    }
}

/// The first errors and the number of the others, in one line.
fn in_brief(problems: &[Problem]) -> String {
    let errors = problems.iter().filter(|problem| problem.is_error());
    let told: Vec<String> = errors.take(MOST_LOGGED).map(ToString::to_string).collect();
    match Problem::errors_in(problems).saturating_sub(MOST_LOGGED) {
        0 => told.join("; "),
        more => format!("{}; and {more} more; `lightsout check` shows them", told.join("; ")),
    }
}

/// Logs the calendars that know too few of the coming days.
pub(super) fn warn_of_ending_calendars(schedules: &Schedules, clock: &dyn Clock) {
    for problem in schedules.ending_calendars(clock.now()) {
        warn!(%problem, hint = problem.hint, "a calendar ends soon");
    }
}

/// Logs the failing expectations. The file is used all the same.
pub(super) fn warn_of_expectations(schedules: &Schedules) {
    for problem in schedules.failing_expectations() {
        warn!(%problem, reason = problem.hint, "an expectation does not hold");
    }
}
