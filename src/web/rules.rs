//! Reads schedules.toml with its calendars as they are now, and the text that the daemon uses.
//!
//! Parsing is `schedule`'s business.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::audit::{AuditError, AuditReader, DaemonLife, file_sha256};
use crate::schedule::{Glimpse, Problem, Schedules};
use crate::text::error_chain::chain;
use crate::time::zone::Zone;

/// The most parsed texts that are kept: the file's and the daemon's, before and after an edit.
const MOST_KEPT: usize = 4;

/// Reads the file at each request. A text that names no other file is parsed once.
#[derive(Debug)]
pub(super) struct Rules {
    path: PathBuf,
    understood: Mutex<Vec<(String, Arc<Schedules>)>>,
}

/// A parsed schedules.toml, or its first error.
type Understood = Result<Arc<Schedules>, Arc<str>>;

type Parse = fn(&Path, &str) -> Result<(Schedules, Vec<Problem>), Vec<Problem>>;

#[derive(Clone, Debug)]
pub(super) struct RulesNow {
    /// The file's zone, in which all times are shown.
    pub(super) zone: Zone,
    /// The rules of the living daemon, or of the next one; or the error.
    pub(super) in_use: Understood,
    /// The error of the file as it is now.
    pub(super) problem: Option<Arc<str>>,
    /// The daemon uses another text than the file has now.
    pub(super) differ: bool,
}

/// The file as it is now.
#[derive(Clone, Debug)]
struct OnDisk {
    zone: Zone,
    sha256: Option<String>,
    understood: Understood,
}

impl Rules {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, understood: Mutex::default() }
    }

    /// The present rules. `daemon` is the one that is alive on the log.
    pub(super) async fn now(
        self: &Arc<Self>,
        log: Option<&AuditReader>,
        daemon: Option<&DaemonLife>,
    ) -> Result<RulesNow, AuditError> {
        let rules = Arc::clone(self);
        // A file system that hangs must not hold up the daemon.
        let disk = tokio::task::spawn_blocking(move || rules.on_disk()).await;
        let disk = disk.unwrap_or_else(|error| OnDisk {
            zone: Zone::UTC,
            sha256: None,
            understood: Err(error.to_string().into()),
        });
        let problem = disk.understood.as_ref().err().cloned();
        let used = daemon.and_then(|daemon| daemon.file_sha256.as_ref());
        let differ = used.is_some() && used != disk.sha256.as_ref();
        let text = match (log, used) {
            (Some(log), Some(sha256)) if differ => log.text_of(sha256).await?,
            _ => None,
        };
        let in_use = match text {
            Some(text) => {
                let rules = Arc::clone(self);
                let understand =
                    move || rules.understand(&text, file_sha256(&text), Schedules::recall);
                let understood = tokio::task::spawn_blocking(understand).await;
                understood.unwrap_or_else(|error| Err(error.to_string().into()))
            }
            None => disk.understood,
        };
        Ok(RulesNow { zone: disk.zone, in_use, problem, differ })
    }

    fn on_disk(&self) -> OnDisk {
        let unreadable = |problem: String| OnDisk {
            zone: Zone::UTC,
            sha256: None,
            understood: Err(problem.into()),
        };
        match Glimpse::read(&self.path) {
            Ok(Glimpse { text, timezone: zone, .. }) => {
                let sha256 = file_sha256(&text);
                let understood = self.understand(&text, sha256.clone(), Schedules::parse_to_act);
                let zone = understood.as_ref().map_or(zone, |schedules| schedules.timezone);
                OnDisk { zone, sha256: Some(sha256), understood }
            }
            Err(error) => unreadable(chain(&error)),
        }
    }

    /// Parses a text with `parse`: that of the file, or one that a daemon once read.
    fn understand(&self, text: &str, sha256: String, parse: Parse) -> Understood {
        let known = || self.understood.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, schedules)) = known().iter().find(|(kept, _)| *kept == sha256) {
            return Ok(Arc::clone(schedules));
        }
        let schedules = match parse(&self.path, text) {
            Ok((schedules, _)) => Arc::new(schedules),
            Err(problems) => {
                let mut errors = problems.iter().filter(|problem| problem.is_error());
                let first = errors.next().map(ToString::to_string).unwrap_or_default();
                return Err(first.into());
            }
        };
        // A calendar may change while the text stays the same.
        if schedules.calendars.files().next().is_none() {
            let mut known = known();
            if known.len() == MOST_KEPT {
                drop(known.remove(0));
            }
            known.push((sha256, Arc::clone(&schedules)));
        }
        Ok(schedules)
    }
}
