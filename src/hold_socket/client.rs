//! Asks the daemon.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::message::{LONGEST, Question, Reply, line};

/// The daemon waits for the log as long as a command does, and a little.
const PATIENCE: Duration = Duration::from_secs(40);

#[derive(Debug, thiserror::Error)]
pub enum AskFailed {
    /// Nobody listens there, or others may ask alone.
    #[error("no daemon could be asked at {}", socket.display())]
    Unreachable { socket: PathBuf, source: io::Error },
    #[error("the daemon at {} gave no answer", .0.display())]
    Silent(PathBuf),
    #[error("the daemon could not write the audit log: {0}")]
    Log(String),
}

/// Asks one question.
///
/// # Errors
/// When there is no answer. The daemon may have done it all the same, unless it was unreachable.
pub async fn ask(socket: &Path, question: &Question) -> Result<Reply, AskFailed> {
    let unreachable = |source| AskFailed::Unreachable { socket: socket.to_owned(), source };
    let mut stream = UnixStream::connect(socket).await.map_err(unreachable)?;
    let mut answer = Vec::new();
    let exchange = async {
        stream.write_all(&line(question)).await?;
        (&mut stream).take(LONGEST).read_to_end(&mut answer).await
    };
    let read = tokio::time::timeout(PATIENCE, exchange).await;
    let reply = read.ok().and_then(Result::ok).and_then(|_| serde_json::from_slice(&answer).ok());
    reply.ok_or_else(|| AskFailed::Silent(socket.to_owned()))
}
