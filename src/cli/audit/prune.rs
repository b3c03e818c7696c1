//! `lightsout audit prune`: removes old entries, and says how many.

use std::io::{self, BufRead, IsTerminal};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::audit::{AuditLog, AuditReader, Writer};
use crate::cli::output::{self, Misuse};
use crate::cli::{Exit, Global, session};
use crate::clock::{Clock, SystemClock};
use crate::time::duration::{DurationError, parse_keep};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout audit prune --keep 400d -y")]
pub(in super::super) struct Prune {
    /// Keep everything that is younger than this, such as `400d` [default: `[audit] keep`]
    #[arg(long, value_name = "AGE", value_parser = keep)]
    keep: Option<Duration>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

fn keep(text: &str) -> Result<Duration, String> {
    parse_keep(text).map_err(|error: DurationError| format!("{error}: {}", error.hint))
}

impl Prune {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = session::read(global)?;
        if schedules.audit.shared.is_some() {
            return Err(misuse(
                "a shared log is kept for ever: a prune would leave holes in the copies",
                "`lightsout audit unshare` goes back to one machine, whose log can be pruned",
            ));
        }
        let Some(keep) = self.keep.or(schedules.audit.keep) else {
            return Err(misuse(
                "nothing says how long to keep what",
                "add `--keep 400d`, or `keep` to `[audit]`",
            ));
        };
        let asks = io::stdin().is_terminal() && io::stderr().is_terminal();
        if !self.yes && !asks {
            return Err(misuse(
                "`audit prune` asks first, and there is no terminal to ask on",
                "add `--yes`",
            ));
        }
        let clock: Arc<dyn Clock> = SystemClock::new();
        let since = clock.now() - keep;
        let reader = AuditReader::open(&schedules.audit.path).await?;
        if let Some(doubt) = reader.prune_doubt(since, clock.now()).await? {
            output::warn(&doubt, None);
        }
        if !self.yes {
            let foreseen = reader.prunable(since, clock.now()).await?;
            output::say(&format!(
                "{} below entry {} go for good, {} of them stay: still needed. Remove? [y/N]",
                entries(foreseen.removed + foreseen.kept),
                foreseen.below,
                foreseen.kept,
            ));
            let mut answer = String::new();
            io::stdin().lock().read_line(&mut answer)?;
            if !matches!(answer.trim(), "y" | "Y" | "yes") {
                output::say("nothing was removed");
                return Ok(Exit::Ok);
            }
        }
        reader.close().await?;
        let audit = AuditLog::open(&schedules.audit, Writer::Prune, clock).await?;
        let pruned = audit.prune(since).await;
        let ended = audit.end("done").await;
        let pruned = pruned?;
        ended?;
        output::say(&match pruned.removed {
            0 => "nothing is that old, or all of it is still needed".to_owned(),
            removed => format!(
                "removed {} below {}; {} stay there, since they are still needed",
                entries(removed),
                pruned.below,
                pruned.kept
            ),
        });
        Ok(Exit::Ok)
    }
}

fn misuse(message: &str, hint: &str) -> anyhow::Error {
    Misuse { message: message.to_owned(), hint: hint.to_owned() }.into()
}

fn entries(number: u64) -> String {
    format!("{number} {}", if number == 1 { "entry" } else { "entries" })
}
