//! One run of a program that reads a notice on its standard input.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::{ChildStdin, Command};

use super::courier::DeliveryError;

/// How long a program may take, in the machine's own time.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What is run, where, and without which variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) arguments: Vec<String>,
    /// The folder of schedules.toml.
    pub(super) folder: PathBuf,
    /// The variables that hold keys of the cloud, which are not the program's business.
    pub(super) without: Vec<String>,
}

/// Runs it with a notice on its standard input. What it says itself goes to our standard error.
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
        .stdout(Stdio::from(std::io::stderr()))
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    if program.folder != Path::new("") {
        command.current_dir(&program.folder);
    }
    for variable in &program.without {
        command.env_remove(variable);
    }
    let mut child = command.spawn().map_err(not_run)?;
    let stdin = child.stdin.take();
    let ended = async { tokio::join!(feed(stdin, notice), child.wait()).1 };
    match tokio::time::timeout(TIMEOUT, ended).await {
        Ok(Ok(status)) if status.success() => Ok(format!("`{name}` ended with {status}")),
        Ok(Ok(status)) => Err(DeliveryError::Failed { program: name, status: status.to_string() }),
        Ok(Err(error)) => Err(not_run(error)),
        Err(_) => Err(DeliveryError::TooSlow { program: name, seconds: TIMEOUT.as_secs() }),
    }
}

/// A program need not read what it is told: its exit status says whether it is content.
async fn feed(stdin: Option<ChildStdin>, notice: &str) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(format!("{notice}\n").as_bytes()).await;
        let _ = stdin.shutdown().await;
    }
}
