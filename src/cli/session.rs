//! What commands have in common: the file, the accounts, the log and the logging.

use std::path::PathBuf;
use std::sync::Arc;

use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{Global, LogFormat, output};
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

/// Starts logging to stderr: everything for the daemon, only trouble for the other commands.
/// `RUST_LOG` outranks both: levels, also by target, such as `info,sqlx=debug`.
pub(super) fn start_logging(format: Option<LogFormat>, is_daemon: bool) {
    let usual = if is_daemon { LevelFilter::INFO } else { LevelFilter::ERROR };
    let wanted = std::env::var("RUST_LOG").ok().and_then(|levels| levels.parse().ok());
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(usual));
    let logs = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let registry = tracing_subscriber::registry().with(filter);
    if format == Some(LogFormat::Json) {
        registry.with(logs.json().flatten_event(true)).init();
        return;
    }
    let styled = std::env::var_os("NO_COLOR").is_none()
        && std::io::IsTerminal::is_terminal(&std::io::stderr());
    // What the cloud said must not look like an event of its own.
    let field = format::debug_fn(|writer, field, value| {
        let value = output::harmless(&format!("{value:?}"));
        match field.name() {
            "message" => write!(writer, "{value}"),
            name => write!(writer, "{name}={value}"),
        }
    });
    registry.with(logs.fmt_fields(field.delimited(" ")).with_ansi(styled)).init();
}
