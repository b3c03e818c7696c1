//! One run of a program that reads a notice on its standard input. What it starts ends with it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, copy, sink};
use tokio::process::{Child, ChildStdin, Command};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::info;

use super::delivery_error::DeliveryError;
use crate::text::sanitize::harmless;

/// How long a program may take, in the machine's own time.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How much of what a program says is passed on, of each of its two streams.
const MOST_SAID: u64 = 32_000;

const MOST_LINES: usize = 100;

/// How long is waited for the rest of what it said, once it has ended.
const A_MOMENT: Duration = Duration::from_secs(1);

/// What is run, where, and without which variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) folder: PathBuf,
    /// The variables that hold keys of the cloud, which are not the program's business.
    pub(super) without: Vec<String>,
}

/// Runs it with a notice on its standard input. The beginning of what it says itself is logged.
/// What it leaves behind is ended, and so is it where this is dropped: but for what has made a
/// group of its own, which is not heard any more.
///
/// # Errors
/// When it cannot be run, takes too long, or ends with anything but 0.
pub(super) async fn run(program: &Program, notice: &str) -> Result<String, DeliveryError> {
    let name = program.path.display().to_string();
    let not_run = |error: std::io::Error| DeliveryError::NotRun {
        program: name.clone(),
        detail: error.to_string(),
    };
    // After the change of folder, a relative path would be looked for in the wrong place.
    let path = if program.path.components().count() > 1 {
        std::path::absolute(&program.path).map_err(not_run)?
    } else {
        program.path.clone()
    };
    let mut command = Command::new(path);
    command
        .args(&program.arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    if program.folder != Path::new("") {
        command.current_dir(&program.folder);
    }
    for variable in &program.without {
        command.env_remove(variable);
    }
    let mut child = command.spawn().map_err(not_run)?;
    let group = Group::of(&child);
    let mut talk = JoinSet::new();
    talk.spawn(feed(child.stdin.take(), format!("{notice}\n")));
    talk.spawn(pass_on(name.clone(), child.stdout.take()));
    talk.spawn(pass_on(name.clone(), child.stderr.take()));
    let ended = timeout(TIMEOUT, child.wait()).await;
    drop(group);
    let heard = async { while talk.join_next().await.is_some() {} };
    drop(timeout(A_MOMENT, heard).await);
    match ended {
        Ok(Ok(status)) if status.success() => Ok(format!("`{name}` ended with {status}")),
        Ok(Ok(status)) => Err(DeliveryError::Failed { program: name, status: status.to_string() }),
        Ok(Err(error)) => Err(not_run(error)),
        Err(_) => Err(DeliveryError::TooSlow { program: name, seconds: TIMEOUT.as_secs() }),
    }
}

/// A program need not read what it is told: its exit status says whether it is content.
async fn feed(stdin: Option<ChildStdin>, notice: String) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(notice.as_bytes()).await;
        let _ = stdin.shutdown().await;
    }
}

/// Passes on the beginning of what a program says, as lines of the log that cannot be taken for
/// ours. The rest is read as well, so that the program need not wait to be heard.
async fn pass_on(program: String, from: Option<impl AsyncRead + Unpin>) {
    let Some(from) = from else { return };
    let mut beginning = BufReader::new(from.take(MOST_SAID));
    for _ in 0..MOST_LINES {
        let mut line = Vec::new();
        let Ok(1..) = beginning.read_until(b'\n', &mut line).await else { break };
        let said = String::from_utf8_lossy(&line);
        info!(program, said = %harmless(said.trim_end()), "the command of a notice says");
    }
    let _ = copy(&mut beginning.into_inner().into_inner(), &mut sink()).await;
}

/// A program and all that it started, as long as they stayed together. Ends them when dropped.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // Nothing may be left of it, which is as well.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock};
    use std::fs;

    #[tokio::test]
    async fn a_run_that_is_dropped_ends_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let program = Program {
            path: "sh".into(),
            arguments: ["-c", "sleep 600 & echo $! $$ > begun && mv begun left; wait"]
                .map(ToOwned::to_owned)
                .into(),
            folder: folder.path().to_owned(),
            without: Vec::new(),
        };
        let clock = SystemClock::new();
        let running = tokio::spawn(async move { run(&program, "{}").await });
        let left = folder.path().join("left");
        while !left.exists() {
            clock.sleep(Duration::from_millis(20)).await;
        }
        running.abort();
        drop(running.await);
        let left = fs::read_to_string(left).unwrap();
        let is_there = |id: &str| {
            let state = fs::read_to_string(format!("/proc/{id}/stat"));
            state.is_ok_and(|state| !state.contains(") Z "))
        };
        let gone = async {
            while left.split_whitespace().any(is_there) {
                clock.sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(TIMEOUT, gone).await.expect("something is still there");
    }
}
