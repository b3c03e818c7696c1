//! The daemon's side: listens, finds out who asks, and bounds the number, the size and the time of
//! questions. A failure here never stops the daemon.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream as Blocking;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Handle;
use tokio::task::{JoinSet, spawn_blocking};
use tracing::warn;

use super::author;
use super::deed::Deed;
use super::message::{LONGEST, Reply, line};
use crate::clock::Clock;
use crate::lifecycle::Shutdown;
use crate::schedule::Schedules;

/// Its owner and its group may ask.
const MODE: u32 = 0o660;
/// The most questions at a time; more wait in the system's queue.
const MOST_ASKING: usize = 8;
/// The longest time for a question to arrive, and for its answer to be taken.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause before the next attempt when the system has no room for a connection.
const NO_ROOM: Duration = Duration::from_secs(1);

/// A socket that is open: questions wait until it serves.
#[derive(Debug)]
pub struct HoldSocket {
    listener: UnixListener,
    path: PathBuf,
    deed: Arc<Deed>,
}

impl HoldSocket {
    /// Takes the place that the file names; `None` when the file names none, or when the place
    /// cannot be had, with a warning in the log stream.
    pub fn bind(schedules: &Schedules, clock: Arc<dyn Clock>) -> Option<Self> {
        let path = schedules.holds.socket.clone()?;
        let deed =
            Deed { audit: schedules.audit.clone(), schedules: schedules.path.clone(), clock };
        match listen(&path) {
            Ok(listener) => Some(Self { listener, path, deed: Arc::new(deed) }),
            Err(error) => {
                let socket = path.display();
                warn!(%socket, %error, "only those who may write the log can hold and release");
                None
            }
        }
    }

    /// Serves until shutdown.
    pub async fn serve(self, mut shutdown: Shutdown) {
        let mut asking = JoinSet::new();
        while !shutdown.is_due() {
            let has_room = asking.len() < MOST_ASKING;
            tokio::select! {
                () = shutdown.due() => {}
                accepted = self.listener.accept(), if has_room => match accepted {
                    Ok((stream, _)) => {
                        let deed = Arc::clone(&self.deed);
                        asking.spawn(async move { drop(answer(stream, deed).await) });
                    }
                    // No file descriptors are left: a question must end first.
                    Err(_) => self.deed.clock.sleep(self.deed.clock.pace(NO_ROOM)).await,
                },
                Some(_) = asking.join_next() => {}
            }
        }
        drop(self.listener);
        drop(fs::remove_file(&self.path));
        // A disk that hangs does not hold up the end.
        let answered = async { while asking.join_next().await.is_some() {} };
        drop(tokio::time::timeout(PATIENCE, answered).await);
    }
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    let listener = match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_left_over(path) => {
            fs::remove_file(path)?;
            UnixListener::bind(path)?
        }
        bound => bound?,
    };
    fs::set_permissions(path, Permissions::from_mode(MODE))?;
    Ok(listener)
}

/// Whether a daemon that died has left its socket there.
fn is_left_over(path: &Path) -> bool {
    let is_socket = path.symlink_metadata().is_ok_and(|data| data.file_type().is_socket());
    is_socket
        && Blocking::connect(path)
            .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// Answers one question. Whoever is too slow, or asks for something else, goes without.
async fn answer(stream: UnixStream, deed: Arc<Deed>) -> io::Result<()> {
    let uid = stream.peer_cred()?.uid();
    let mut stream = BufReader::new(stream);
    let mut asked = Vec::new();
    let mut bounded = (&mut stream).take(LONGEST);
    tokio::time::timeout(PATIENCE, bounded.read_until(b'\n', &mut asked)).await??;
    let reply = match serde_json::from_slice(&asked) {
        Ok(question) => {
            // The disk, or the list of users, may hang; this thread may wait.
            let runtime = Handle::current();
            let work = move || runtime.block_on(deed.answer(question, &author::of_peer(uid)));
            spawn_blocking(work).await?
        }
        Err(_) => Reply::Refused {
            message: "the daemon does not understand the question".to_owned(),
            hint: "daemon and command should be of one version".to_owned(),
        },
    };
    tokio::time::timeout(PATIENCE, stream.get_mut().write_all(&line(&reply))).await?
}
