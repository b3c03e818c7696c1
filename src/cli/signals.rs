//! Turns signals into an orderly end of a command.

use tokio::signal::unix::{SignalKind, signal};
use tracing::warn;

use super::Exit;
use crate::lifecycle::ShutdownSwitch;

/// Throws the switch at SIGTERM or SIGINT. A second signal ends the process at once with exit code
/// 1: the log has every request that was sent, and the next `run` or `fire` settles the open ones.
pub(super) fn end_on_signal(switch: ShutdownSwitch) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        for told_before in [false, true] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if told_before {
                warn!("told twice to end: leaving at once");
                leave();
            }
            switch.throw();
        }
    });
    Ok(())
}

#[expect(clippy::exit, reason = "a second signal asks for exactly this")]
pub(super) fn leave() -> ! {
    std::process::exit(Exit::Incomplete as i32)
}
