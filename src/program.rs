//! Runs a program of the administrator once, with a text on its standard input, and ends whatever
//! the program started.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, copy, sink};
use tokio::process::{Child, ChildStdin, Command};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::info;

use crate::text::sanitize::harmless;

/// The most bytes that are passed on from each of the program's two streams.
const MOST_SAID: u64 = 32_000;

const MOST_LINES: usize = 100;

/// The longest wait for the rest of the output, after the program has ended.
const A_MOMENT: Duration = Duration::from_secs(1);

/// A program, its folder, and the variables that it must not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub path: PathBuf,
    pub arguments: Vec<String>,
    pub folder: PathBuf,
    /// Variables that hold keys of the cloud, or other secrets of ours. The program has no business
    /// with them.
    pub without: Vec<String>,
    pub output: Output,
}

/// What becomes of the lines that a program writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// They go into the log stream.
    Logged,
    /// Those on its standard output are its answer.
    Kept,
}

/// A run that came to its end.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    /// The first lines of its standard output, where they are kept.
    pub said: Vec<String>,
}

/// Why a run did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    #[error("it could not be run: {0}")]
    NotRun(String),
    #[error("no answer within {} s", .0.as_secs())]
    TooSlow(Duration),
}

/// Runs the program with a text on its standard input, at most for `limit` of the machine's own
/// time, and keeps or logs the beginning of its output.
///
/// All processes that the program leaves behind are ended, also when this future is dropped. A
/// process that made a process group of its own goes on, and nothing more is read from it.
///
/// # Errors
/// When the program cannot be run, or takes too long.
pub async fn run(program: &Program, input: &str, limit: Duration) -> Result<Ended, ProgramError> {
    let name = program.path.display().to_string();
    let not_run = |error: std::io::Error| ProgramError::NotRun(error.to_string());
    // After the change of folder, a relative path would be searched in the wrong place.
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
    let said = Arc::new(Mutex::new(Vec::new()));
    let mut talk = JoinSet::new();
    talk.spawn(feed(child.stdin.take(), format!("{input}\n")));
    let kept = (program.output == Output::Kept).then(|| Arc::clone(&said));
    talk.spawn(pass_on(name.clone(), child.stdout.take(), kept));
    talk.spawn(pass_on(name, child.stderr.take(), None));
    let ended = timeout(limit, child.wait()).await;
    drop(group);
    let heard = async { while talk.join_next().await.is_some() {} };
    drop(timeout(A_MOMENT, heard).await);
    let status = ended.map_err(|_| ProgramError::TooSlow(limit))?.map_err(not_run)?;
    let said = std::mem::take(&mut *said.lock().expect("nobody panics while holding it"));
    Ok(Ended { status, said })
}

/// A program need not read its input.
async fn feed(stdin: Option<ChildStdin>, input: String) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(input.as_bytes()).await;
        let _ = stdin.shutdown().await;
    }
}

/// Keeps or logs the beginning of a program's output. Each logged line is marked, so that nobody
/// takes it for a line of ours. The rest is read and dropped, so that the program never blocks on a full pipe.
async fn pass_on(
    program: String,
    from: Option<impl AsyncRead + Unpin>,
    kept: Option<Arc<Mutex<Vec<String>>>>,
) {
    let Some(from) = from else { return };
    let mut beginning = BufReader::new(from.take(MOST_SAID));
    for _ in 0..MOST_LINES {
        let mut line = Vec::new();
        let Ok(1..) = beginning.read_until(b'\n', &mut line).await else { break };
        let said = String::from_utf8_lossy(&line);
        let said = harmless(said.trim_end());
        if let Some(kept) = &kept {
            kept.lock().expect("nobody panics while holding it").push(said);
        } else {
            info!(program, %said, "a program says");
        }
    }
    let _ = copy(&mut beginning.into_inner().into_inner(), &mut sink()).await;
}

/// A program and all processes of its group. Dropping this ends them.
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
            // An error means that no process is left.
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
            output: Output::Logged,
        };
        let clock = SystemClock::new();
        let running =
            tokio::spawn(async move { run(&program, "{}", Duration::from_secs(600)).await });
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
        timeout(Duration::from_secs(30), gone).await.expect("something is still there");
    }
}
