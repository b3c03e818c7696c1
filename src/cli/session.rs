//! The common part of commands: finds and reads the file, the accounts and the log.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::config_place::{config_path, given};
use super::output::{self, Misuse};
use super::{Global, logging};
use crate::audit::{AuditError, AuditReader};
use crate::clock::Clock;
use crate::cloud::{self, ConnectError, Environment};
use crate::engine::dispatch::Clouds;
use crate::schedule::{Glimpse, Problem, ReadError, Schedules};
use crate::text::normal_form::on_disk;
use crate::time::zone::Zone;

/// Which log is meant.
#[derive(Debug, Args)]
pub(super) struct LogPlace {
    /// The audit log [default: `[audit] path` of schedules.toml]
    #[arg(long, value_name = "PATH")]
    log: Option<PathBuf>,
}

impl LogPlace {
    /// Reads schedules.toml and prints its warnings. `--log` overrides its log.
    pub(super) fn read(&self, global: &Global) -> Result<Schedules, ReadError> {
        let mut schedules = read_file(global)?;
        self.apply(&mut schedules);
        global.mean(&schedules.audit.path);
        Ok(schedules)
    }

    /// Puts the log of `--log` in the place of the file's.
    pub(super) fn apply(&self, schedules: &mut Schedules) {
        if let Some(log) = &self.log {
            schedules.audit.path = on_disk(log);
            // The daemon there writes another log.
            schedules.holds.socket = None;
        }
    }

    /// Like [`glimpse`], with the log of `--log`. A named log, such as a copy on another machine,
    /// can be read without a schedules.toml.
    pub(super) fn glimpse(
        &self,
        global: &Global,
    ) -> Result<(Glimpse, Option<Schedules>), ReadError> {
        let (file, schedules) = self.glimpsed(global)?;
        global.mean(&file.log);
        Ok((file, schedules))
    }

    fn glimpsed(&self, global: &Global) -> Result<(Glimpse, Option<Schedules>), ReadError> {
        let Some(log) = &self.log else { return glimpse(global) };
        let (mut file, mut schedules) = match glimpse(global) {
            Err(ReadError::Missing(_)) if given(global).is_none() => {
                output::say("there is no schedules.toml here: times are in UTC");
                let nothing = Glimpse {
                    text: String::new(),
                    log: log.clone(),
                    timezone: Zone::UTC,
                    has_web: false,
                };
                (nothing, None)
            }
            glimpsed => glimpsed?,
        };
        file.log = on_disk(log);
        if let Some(schedules) = &mut schedules {
            self.apply(schedules);
        }
        Ok((file, schedules))
    }
}

/// Reads schedules.toml and prints its warnings; its log is the one that is meant.
pub(super) fn read(global: &Global) -> Result<Schedules, ReadError> {
    let schedules = read_file(global)?;
    global.mean(&schedules.audit.path);
    Ok(schedules)
}

fn read_file(global: &Global) -> Result<Schedules, ReadError> {
    let (schedules, warnings) = Schedules::read_to_act(&config_path(global))?;
    logging::tell_times_in(schedules.timezone);
    output::problems(&warnings);
    Ok(schedules)
}

/// The parts of schedules.toml that reading the log needs, and all of it when it has no errors.
/// Errors are printed, but nobody must repair the file first to see what happened.
fn glimpse(global: &Global) -> Result<(Glimpse, Option<Schedules>), ReadError> {
    match read_file(global) {
        Ok(schedules) => Ok((Glimpse::from(&schedules), Some(schedules))),
        Err(ReadError::Invalid(problems)) => {
            let first = problems.iter().find(|problem| problem.is_error());
            let first = first.map(ToString::to_string).unwrap_or_default();
            let more = match Problem::errors_in(&problems) {
                0 | 1 => String::new(),
                2 => "; and 1 more error".to_owned(),
                all => format!("; and {} more errors", all - 1),
            };
            output::warn(&(first + &more), Some("`lightsout check` shows what is wrong"));
            Ok((Glimpse::read(&config_path(global))?, None))
        }
        Err(error) => Err(error),
    }
}

/// Opens the log for reading; `None`, with a message, when there is none yet.
pub(super) async fn log(path: &Path) -> Result<Option<AuditReader>, AuditError> {
    let log = AuditReader::open_if_there(path).await?;
    if log.is_none() {
        let Misuse { message, hint } = no_log(path);
        output::say(&message);
        output::hint(&hint);
    }
    Ok(log)
}

/// Opens the log for reading; an error when there is none.
pub(super) async fn needed_log(path: &Path) -> anyhow::Result<AuditReader> {
    match AuditReader::open(path).await {
        Err(AuditError::Missing(path)) => Err(no_log(&path).into()),
        opened => Ok(opened?),
    }
}

fn no_log(path: &Path) -> Misuse {
    Misuse {
        message: format!(
            "there is no audit log at {} yet: no daemon and no `fire` has ever written it",
            path.display()
        ),
        hint: "`[audit] path` in schedules.toml says where it is".to_owned(),
    }
}

/// Connects every account of the file.
pub(super) fn connect(
    schedules: &Schedules,
    environment: &Environment,
    clock: &Arc<dyn Clock>,
) -> Result<Clouds, ConnectError> {
    let cloud = |account| cloud::connect(account, environment, Arc::clone(clock));
    schedules.accounts.iter().map(|(name, account)| Ok((name.clone(), cloud(account)?))).collect()
}
