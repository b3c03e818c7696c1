//! Prints: data to stdout; talk, warnings and failures to stderr.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anstyle::{AnsiColor, Style};

use super::Exit;
use crate::audit::{AuditError, BackupError, SharedError, Trouble};
use crate::cloud::rehearsal::FleetError;
use crate::cloud::{CloudError, ConnectError};
use crate::hold_socket::client::AskFailed;
use crate::schedule::{Problem, ReadError};
pub(super) use crate::text::sanitize::harmless;

/// A request that cannot be met, with a hint.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Misuse {
    pub(super) message: String,
    pub(super) hint: String,
}

pub(super) fn out(text: &str) -> anyhow::Result<()> {
    match anstream::stdout().lock().write_all(text.as_bytes()) {
        // The reader has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Prints bytes to stdout as they are.
pub(super) fn raw(bytes: &[u8]) -> anyhow::Result<Exit> {
    match io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Exit::Ok),
    }
}

/// Talk that waits for its table; `None` while nothing waits.
static KEPT: Mutex<Option<Vec<String>>> = Mutex::new(None);

/// Keeps all talk back while it lives, so that the talk stands below the table.
#[derive(Debug)]
pub(super) struct Later(());

impl Later {
    pub(super) fn begin() -> Self {
        kept().get_or_insert_default();
        Self(())
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        say_kept();
        *kept() = None;
    }
}

/// Says what was kept back so far.
pub(super) fn say_kept() {
    let said = kept().as_mut().map(std::mem::take);
    said.into_iter().flatten().for_each(|text| at_once(&text));
}

fn kept() -> MutexGuard<'static, Option<Vec<String>>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether talk is left out.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Leaves all talk out from now on, but for warnings, errors and questions.
pub(super) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

pub(super) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Talks to the person: on stderr, so that stdout stays data.
pub(super) fn say(text: &str) {
    if !is_quiet() {
        say_even_if_quiet(text);
    }
}

fn say_even_if_quiet(text: &str) {
    match &mut *kept() {
        Some(kept) => kept.push(text.to_owned()),
        None => at_once(text),
    }
}

/// Writes to stderr without waiting for a table.
pub(super) fn at_once(text: &str) {
    // A failed message, as on a full disk, must not stop the work.
    drop(writeln!(anstream::stderr().lock(), "{text}"));
}

pub(super) fn hint(text: &str) {
    say(&format!("hint: {}", harmless(text)));
}

/// Warns, with a hint.
pub(super) fn warn(message: &str, hint: Option<&str>) {
    say_even_if_quiet(&labelled("warning", AnsiColor::Yellow, message, hint));
}

/// Warns without waiting for a table.
pub(super) fn warn_at_once(message: &str, hint: Option<&str>) {
    at_once(&labelled("warning", AnsiColor::Yellow, message, hint));
}

/// Prints an error that does not end the command, with a hint.
pub(super) fn error(message: &str, hint: Option<&str>) {
    say_even_if_quiet(&labelled("error", AnsiColor::Red, message, hint));
}

pub(super) fn problems(problems: &[Problem]) {
    for problem in problems {
        say_even_if_quiet(&format!("{}\n", problem.render_styled()));
    }
}

/// Prints a failure with its causes and a hint, and chooses the exit code.
pub(super) fn failure(error: &anyhow::Error) -> Exit {
    let mut exit = Exit::Usage;
    let mut hint = None;
    for cause in error.chain() {
        if let Some(error) = cause.downcast_ref::<ReadError>() {
            if let ReadError::Invalid(found) = error {
                problems(found);
            }
            hint = error.hint().map(ToOwned::to_owned);
        } else if let Some(error) = cause.downcast_ref::<Misuse>() {
            hint = Some(error.hint.clone());
        } else if let Some(error) = cause.downcast_ref::<FleetError>() {
            hint = Some(about_fleet(error).to_owned());
        } else if let Some(error) = cause.downcast_ref::<ConnectError>() {
            hint = Some(error.hint().to_owned());
        } else if let Some(error) = cause.downcast_ref::<CloudError>() {
            exit = Exit::CloudFailed;
            hint = about_cloud(error).map(ToOwned::to_owned);
        } else if let Some(error) = cause.downcast_ref::<AuditError>() {
            exit = Exit::AuditFailed;
            hint = Some(about_log(error).to_owned());
        } else if cause.is::<AskFailed>() {
            exit = Exit::AuditFailed;
            hint = Some(
                "you may not write the log yourself; `lightsout status` says whether a daemon is \
                 alive on it"
                    .to_owned(),
            );
        } else if cause.is::<BackupError>() {
            exit = Exit::AuditFailed;
            hint = Some(
                "its folder must be there, with room for a file as large as the log".to_owned(),
            );
        }
    }
    self::error(&story(error), hint.as_deref());
    exit
}

/// A failure and its causes on one line, each once.
pub(super) fn story(error: &anyhow::Error) -> String {
    error.chain().skip(1).map(ToString::to_string).fold(error.to_string(), |story, cause| {
        if story.ends_with(&cause) { story } else { format!("{story}: {cause}") }
    })
}

/// The hint for a cloud that cannot be read, when its own words have none.
pub(super) fn about_cloud(error: &CloudError) -> Option<&'static str> {
    match error {
        CloudError::NotSent(_) | CloudError::Unreadable { .. } => {
            Some("`gateway` of the account, else `$NCLOUD_API_GW`, says who is asked")
        }
        CloudError::Forbidden { .. } => {
            Some("the sub account needs that right, and nothing that denies it, in Sub Account")
        }
        _ => None,
    }
}

/// The hint for a fleet file that cannot be used.
fn about_fleet(error: &FleetError) -> &'static str {
    match error {
        FleetError::Unreadable { .. } => {
            "`--fleet FILE` names a TOML file of made-up servers; left out, a small fleet is served"
        }
        FleetError::Wrong { .. } => "docs/rehearsal-cloud.md has every key of a fleet file",
    }
}

/// The hint for a log that fails.
pub(super) fn about_log(error: &AuditError) -> &'static str {
    match error {
        AuditError::AnotherDaemon { .. } => "`lightsout status` shows what it does",
        AuditError::Newer(_) => "use that version, or name another file as `[audit] path`",
        AuditError::Older(_) => "`lightsout run` or `fire` brings it up to date",
        AuditError::NotALog(_) => {
            "it is left as it is; name another file as `[audit] path`, or restore it: docs/log.md"
        }
        AuditError::Pruned => "do it again",
        AuditError::Missing(_) => "`lightsout run` or `fire` begins one",
        AuditError::Open { .. } => {
            "the folder of `[audit] path` must be there, and you must be allowed to write to it"
        }
        AuditError::Shared(error) => about_shared(error),
        AuditError::Unshared(_) => "this machine's own log is left as it is",
        AuditError::PrunedLog(_) => {
            "name another file as `[audit] path`, and begin with an empty log"
        }
        AuditError::Diverged { .. } => {
            "one of both has lost entries: docs/high-availability.md says how the node comes back"
        }
        AuditError::Beyond { .. } => "bring this machine to that version",
        AuditError::NodeAlive(_) => "end the daemons of all machines first",
        AuditError::OffDuty => "`lightsout status` says which node is",
        AuditError::Superseded { .. } => "`lightsout show FIRING` says who goes on with it",
        AuditError::Gone(_) => "what it said is lost, unless you put it back; a daemon begins anew",
        AuditError::Unsound(_) => "`lightsout audit verify` shows all of it; nothing was removed",
        AuditError::Damaged { .. } | AuditError::Migrate { .. } | AuditError::Database(_) => {
            about_trouble(error.trouble())
        }
    }
}

/// The hint for a shared log that fails.
fn about_shared(error: &SharedError) -> &'static str {
    match error {
        SharedError::NoVariable(_) | SharedError::BadVariable { .. } | SharedError::Options(_) => {
            "`[audit] shared` is the URL of a PostgreSQL database, or names a variable with it"
        }
        SharedError::Unreachable { .. }
        | SharedError::Silent { .. }
        | SharedError::Broken { .. }
        | SharedError::Replica(_) => {
            "nothing is written until PostgreSQL answers; `history` and the like read this \
             machine's copy all the same"
        }
        SharedError::Refused { .. } => {
            "`lightsout audit share --print` shows the tables and rights that are needed"
        }
        SharedError::NotMade(_) => "`lightsout audit share --print` shows the SQL first",
        SharedError::Raced => "do it again",
    }
}

fn about_trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Busy => {
            "another process kept it locked all the while: a long prune, or SQL that somebody has \
             not committed; end that, and do this again"
        }
        Trouble::Full => "no request leaves that is not in the log first; is the disk full?",
        Trouble::ReadOnly => {
            "you must be allowed to write the file, and in its folder; `[holds] socket` lets the \
             daemon's group hold and release without that"
        }
        Trouble::Damage | Trouble::Misshapen => {
            "`lightsout audit verify` says what is damaged, and docs/log.md how it is mended"
        }
        Trouble::Other => {
            "no request leaves that is not in the log first; is the disk full, or not writable?"
        }
    }
}

fn labelled(label: &str, color: AnsiColor, message: &str, hint: Option<&str>) -> String {
    let style = Style::new().bold().fg_color(Some(color.into()));
    let hint = hint.map(|hint| format!("\nhint: {}", harmless(hint))).unwrap_or_default();
    format!("{style}{label}{style:#}: {}{hint}", harmless(message))
}
