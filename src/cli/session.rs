//! What commands have in common: the file, the accounts and the log.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Global, output};
use crate::audit::{AuditError, AuditReader};
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::cloud::ncloud::{ConnectError, Environment, Ncloud};
use crate::dispatch::Clouds;
use crate::normal::on_disk;
use crate::schedule::{Glimpse, ReadError, Schedules};

/// Where schedules.toml is: `--config`, else `$LIGHTSOUT_CONFIG`, else `./schedules.toml`.
pub(super) fn config_path(global: &Global) -> PathBuf {
    let variable = || std::env::var_os("LIGHTSOUT_CONFIG").map(PathBuf::from);
    let given = global.config.clone().or_else(variable);
    on_disk(&given.unwrap_or_else(|| PathBuf::from("schedules.toml")))
}

/// Reads schedules.toml and prints its warnings.
pub(super) fn read(global: &Global) -> Result<Schedules, ReadError> {
    let (schedules, warnings) = Schedules::read(&config_path(global))?;
    output::problems(&warnings);
    Ok(schedules)
}

/// What reading the log takes of schedules.toml, and all of it where it has no errors. Where it
/// has, that is said: nobody who wants to know what happened must mend the file first.
pub(super) fn glimpse(global: &Global) -> Result<(Glimpse, Option<Schedules>), ReadError> {
    match read(global) {
        Ok(schedules) => Ok((Glimpse::from(&schedules), Some(schedules))),
        Err(ReadError::Invalid(problems)) => {
            let mut errors = problems.iter().filter(|problem| problem.is_error());
            let first = errors.next().map(ToString::to_string).unwrap_or_default();
            let more = match errors.count() {
                0 => String::new(),
                1 => "; and 1 more error".to_owned(),
                more => format!("; and {more} more errors"),
            };
            output::warn(&(first + &more), Some("`lightsout check` shows what is wrong"));
            Ok((Glimpse::read(&config_path(global))?, None))
        }
        Err(error) => Err(error),
    }
}

/// The log, to read; `None` where nobody has begun one yet, which is said.
pub(super) async fn log(path: &Path) -> Result<Option<AuditReader>, AuditError> {
    match AuditReader::open(path).await {
        Err(AuditError::Missing(path)) => {
            output::say(&format!(
                "there is no audit log at {} yet: no daemon and no `fire` has ever written it",
                path.display()
            ));
            output::hint("`[audit] path` in schedules.toml says where it is");
            Ok(None)
        }
        opened => opened.map(Some),
    }
}

/// Connects every account of the file.
pub(super) fn connect(
    schedules: &Schedules,
    environment: &Environment,
    clock: &Arc<dyn Clock>,
) -> Result<Clouds, ConnectError> {
    let cloud = |account| -> Result<Arc<dyn Cloud>, ConnectError> {
        Ok(Arc::new(Ncloud::connect(account, environment, Arc::clone(clock))?))
    };
    schedules.accounts.iter().map(|(name, account)| Ok((name.clone(), cloud(account)?))).collect()
}
