//! Whether the next night will be as the file says, for programs that only ask yes or no.

use hyper::StatusCode;

use super::answer::Answer;
use super::site::Site;
use crate::audit::AuditError;
use crate::dispatch::chain;
use crate::harmless::harmless;

/// The process answers.
pub(super) fn alive() -> Answer {
    Answer::text(StatusCode::OK, "ok\n")
}

/// A line for the log, the daemon and the file: `ok`, or what is wrong. All three must be well.
pub(super) async fn ready(site: &Site) -> Answer {
    let (log, daemon, file) = look(site).await;
    let checks = [("log", log), ("daemon", daemon), ("schedules.toml", file)];
    let is_ready = checks.iter().all(|(_, check)| check.is_ok());
    let lines = checks.map(|(name, check)| {
        let said = check.err().unwrap_or_else(|| "ok".to_owned());
        format!("{name}: {}\n", harmless(&said))
    });
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Answer::text(status, lines.concat())
}

type Check = Result<(), String>;

async fn look(site: &Site) -> (Check, Check, Check) {
    let file = |problem: Option<String>| problem.map_or(Ok(()), Err);
    match look_at_log(site).await {
        Ok((daemon, problem)) => (Ok(()), daemon, file(problem)),
        Err(error) => {
            let rules = site.rules.now(None, None).await.ok();
            let problem = rules.and_then(|rules| rules.problem).map(|problem| problem.to_string());
            (Err(chain(&error)), Err("not known".to_owned()), file(problem))
        }
    }
}

async fn look_at_log(site: &Site) -> Result<(Check, Option<String>), AuditError> {
    let log = site.open().await?;
    let daemon = log.daemon().await?;
    let rules = site.rules.now(Some(&log), daemon.as_ref()).await?;
    drop(log.close().await);
    let life = match &daemon {
        None => Err("none is alive on the log".to_owned()),
        Some(daemon) => match daemon.silence(site.clock.now()) {
            Some(silence) => {
                Err(format!("it has not written to the log for {} s", silence.num_seconds()))
            }
            None => Ok(()),
        },
    };
    let problem = rules.problem.or_else(|| rules.in_use.err());
    Ok((life, problem.map(|problem| problem.to_string())))
}
