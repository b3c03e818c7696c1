//! The word that it is time to end, passed to everything that runs.

use tokio::sync::watch;

/// Tells every [`Shutdown`] made from it.
#[derive(Debug)]
pub struct ShutdownSwitch(watch::Sender<bool>);

/// Learns that it is time to end: no new requests, one last look, then out.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

impl ShutdownSwitch {
    /// A switch that has not been thrown, and a first listener.
    pub fn new() -> (Self, Shutdown) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Shutdown(receiver))
    }

    pub fn throw(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    pub fn is_due(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is time; for ever where the switch is gone unthrown.
    pub async fn due(&mut self) {
        if self.0.wait_for(|due| *due).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
