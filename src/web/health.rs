//! Answers health checks: is the program alive, and will the next night go as the file says?
//!
//! Programs read this; people read the page, and Prometheus reads [`super::metrics`].

use hyper::StatusCode;

use super::answer::PageAnswer;
use super::state::WebState;
use crate::audit::{AuditError, Cluster, Source, SourceKind, unreadable};
use crate::model::instance::AccountName;
use crate::schedule::Schedules;
use crate::text::error_chain::chain;
use crate::text::sanitize::harmless;

pub(super) fn alive() -> PageAnswer {
    PageAnswer::text(StatusCode::OK, "ok\n")
}

/// One line each for the log, the daemon and the file. While a daemon is alive, also one line for
/// each account, and for each calendar that cannot be read. A line is `ok` or the trouble, and all
/// must be `ok`.
pub(super) async fn ready(state: &WebState) -> PageAnswer {
    let checks = match look_at_log(state).await {
        Ok(checks) => checks,
        Err(error) => {
            let rules = state.rules.now(None, None).await.ok();
            let problem = rules.and_then(|rules| rules.problem).map(|problem| problem.to_string());
            checks(Err(chain(&error)), Err("not known".to_owned()), problem)
        }
    };
    let is_ready = checks.iter().all(|(_, check)| check.is_ok());
    let lines = checks.into_iter().map(|(name, check)| {
        let said = check.err().unwrap_or_else(|| "ok".to_owned());
        format!("{name}: {}\n", harmless(&said))
    });
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    PageAnswer::text(status, lines.collect::<String>())
}

type Check = Result<(), String>;

type Checks = Vec<(String, Check)>;

fn checks(log: Check, daemon: Check, problem: Option<String>) -> Checks {
    let file = problem.map_or(Ok(()), Err);
    let checks = [("log", log), ("daemon", daemon), ("schedules.toml", file)];
    checks.map(|(name, check)| (name.to_owned(), check)).into()
}

/// One line for each account of the file, and for each calendar that cannot be read.
fn of_sources(schedules: &Schedules, sources: &[Source]) -> Checks {
    let of_account = |account: &AccountName| {
        let is_it = |it: &&Source| it.kind == SourceKind::Account && it.name == account.as_str();
        let source = sources.iter().find(is_it).filter(|source| source.is_current);
        let check = source.map_or_else(|| Err("not looked at yet".to_owned()), check_of);
        (format!("account {account}"), check)
    };
    let lost = sources.iter().filter(|it| it.kind == SourceKind::Calendar && it.is_lost());
    let calendars = lost.map(|source| (format!("calendar {}", source.name), check_of(source)));
    schedules.accounts.keys().map(of_account).chain(calendars).collect()
}

fn check_of(source: &Source) -> Check {
    match &source.lost_at {
        None => Ok(()),
        Some(since) => {
            let reason = source.reason.as_deref().unwrap_or_default();
            Err(format!("{}: {reason}", unreadable(since)))
        }
    }
}

/// Whether this machine follows the shared log, and some node is on duty.
fn check_of_cluster(cluster: &Cluster) -> Check {
    match &cluster.lost_at {
        Some(since) => {
            let reason = cluster.reason.as_deref().unwrap_or_default();
            Err(format!("not followed since {}: {reason}", since.to_rfc3339()))
        }
        None if cluster.has_duty() => Ok(()),
        None => Err("no node is on duty".to_owned()),
    }
}

async fn look_at_log(state: &WebState) -> Result<Checks, AuditError> {
    let log = state.open().await?;
    let daemon = log.daemon().await?;
    let rules = state.rules.now(Some(&log), daemon.as_ref()).await?;
    let sources = log.sources().await?;
    let cluster = log.cluster(state.clock.now()).await?;
    drop(log.close().await);
    let life = match &daemon {
        None => Err("none is alive on the log".to_owned()),
        Some(daemon) => match daemon.silence(state.clock.now()) {
            Some(silence) => {
                Err(format!("it has not written to the log for {} s", silence.num_seconds()))
            }
            None => Ok(()),
        },
    };
    let of_sources = match (&daemon, &rules.in_use) {
        (Some(_), Ok(schedules)) => of_sources(schedules, &sources),
        _ => Vec::new(),
    };
    let problem = rules.problem.or_else(|| rules.in_use.err());
    let mut checks = checks(Ok(()), life, problem.map(|problem| problem.to_string()));
    checks.extend(cluster.map(|cluster| ("shared".to_owned(), check_of_cluster(&cluster))));
    checks.extend(of_sources);
    Ok(checks)
}
