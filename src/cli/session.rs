//! What commands have in common: the file, the accounts and the log.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Global, output};
use crate::audit::{AuditError, AuditReader};
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::cloud::ncloud::{ConnectError, Environment, Ncloud};
use crate::dispatch::Clouds;
use crate::schedule::{ReadError, Schedules};

/// Where schedules.toml is: `--config`, else `$LIGHTSOUT_CONFIG`, else `./schedules.toml`.
pub(super) fn config_path(global: &Global) -> PathBuf {
    let variable = || std::env::var_os("LIGHTSOUT_CONFIG").map(PathBuf::from);
    let given = global.config.clone().or_else(variable);
    given.unwrap_or_else(|| PathBuf::from("schedules.toml"))
}

/// Reads schedules.toml and prints its warnings.
pub(super) fn read(global: &Global) -> Result<Schedules, ReadError> {
    let (schedules, warnings) = Schedules::read(&config_path(global))?;
    output::problems(&warnings);
    Ok(schedules)
}

/// The log, to read; `None` where nobody has begun one yet, which is said.
pub(super) async fn log(schedules: &Schedules) -> Result<Option<AuditReader>, AuditError> {
    match AuditReader::open(&schedules.audit.path).await {
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
