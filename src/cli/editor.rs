//! `lightsout edit`: opens an editor on a copy of schedules.toml, checks the copy, shows what it
//! changes, and puts it in place.
//!
//! [`super::edit`] replaces the file; [`super::diff`] shows the change.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::config_place::config_path;
use super::output::{self, Misuse};
use super::{Exit, Global, diff, edit};
use crate::clock::{Clock, SystemClock};
use crate::schedule::{Glimpse, Problem, Schedules};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  lightsout edit\n  lightsout edit -c /etc/lightsout/schedules.toml"
)]
pub(super) struct Edit {}

impl Edit {
    #[expect(clippy::unused_self, reason = "as every command")]
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let path = config_path(global);
        let before = Glimpse::read(&path)?.text;
        edit::may_change(&path)?;
        let copy = Copy::of(&path, &before)?;
        loop {
            copy.open()?;
            let text =
                fs::read_to_string(&copy.path).with_context(|| copy.left("cannot be read"))?;
            if text == before {
                copy.remove();
                output::say(&format!("nothing was changed in {}", path.display()));
                return Ok(Exit::Ok);
            }
            match Schedules::parse(&path, &text) {
                Ok((after, warnings)) => {
                    show_change(&path, &before, &after)?;
                    edit::replace(&path, &before, &text).with_context(|| copy.left("is left"))?;
                    copy.remove();
                    output::problems(&warnings);
                    output::problems(after.failing_expectations());
                    output::say(&format!("{} is as you edited it", path.display()));
                    let holds = after.failing_expectations().is_empty();
                    return Ok(if holds { Exit::Ok } else { Exit::Incomplete });
                }
                Err(problems) => {
                    output::problems(&problems);
                    if !wants_again(&problems)? {
                        return Err(left_with_errors(&path, &copy, &problems).into());
                    }
                }
            }
        }
    }
}

/// The copy that is edited, beside the file: relative paths and the schema mean the same there.
struct Copy {
    path: PathBuf,
}

impl Copy {
    fn of(file: &Path, text: &str) -> anyhow::Result<Self> {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let path = file.with_file_name(format!("{stem}.edit-{}.toml", std::process::id()));
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        made.and_then(|mut made| made.write_all(text.as_bytes()))
            .with_context(|| format!("could not make the copy {}", path.display()))?;
        Ok(Self { path })
    }

    /// Opens the editor, and waits until it ends.
    fn open(&self) -> anyhow::Result<()> {
        let editor = editor();
        // Ctrl-C in an editor is the editor's.
        let _interrupt = signal(SignalKind::interrupt())?;
        let ended = Command::new("sh")
            .args(["-c", &format!("{editor} \"$1\""), "sh"])
            .arg(&self.path)
            .status()
            .context("could not start `sh`, which starts the editor")?;
        if ended.success() {
            return Ok(());
        }
        let misuse = Misuse {
            message: format!("the editor `{editor}` ended badly ({ended}): nothing was written"),
            hint: format!(
                "`$VISUAL`, else `$EDITOR`, names the editor; the copy is {}",
                self.path.display()
            ),
        };
        Err(misuse.into())
    }

    fn left(&self, how: &str) -> String {
        format!("nothing was written, and the copy {} {how}", self.path.display())
    }

    fn remove(&self) {
        drop(fs::remove_file(&self.path));
    }
}

fn editor() -> String {
    let named = |name| std::env::var(name).ok().filter(|editor| !editor.trim().is_empty());
    named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned())
}

/// Shows the change as `diff` does, unless the text before had errors.
fn show_change(path: &Path, before: &str, after: &Schedules) -> anyhow::Result<()> {
    if let Ok((old, _)) = Schedules::recall(path, before) {
        return diff::show(&old, after, SystemClock::new().now());
    }
    output::say("the text before had errors, so nothing can be compared");
    Ok(())
}

/// Asks whether to edit again, where there is somebody to ask.
fn wants_again(problems: &[Problem]) -> anyhow::Result<bool> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Ok(false);
    }
    output::at_once(&format!("{}; edit again? [Y/n]", counted(problems)));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(!answer.is_empty() && !matches!(answer.trim(), "n" | "N" | "no"))
}

fn counted(problems: &[Problem]) -> String {
    match Problem::errors_in(problems) {
        1 => "1 error".to_owned(),
        errors => format!("{errors} errors"),
    }
}

fn left_with_errors(path: &Path, copy: &Copy, problems: &[Problem]) -> Misuse {
    let (path, copy) = (path.display(), copy.path.display());
    Misuse {
        message: format!("{} in your edit: {path} is as it was", counted(problems)),
        hint: format!(
            "your edit is in {copy}: mend it, see `lightsout check {copy}`, and move it to {path}"
        ),
    }
}
