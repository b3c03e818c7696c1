//! The task of a node: it keeps the copy ([`super::follower`]), and gives signs of life
//! ([`super::beater`]). Neither waits for the other.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::beater::{Beater, Speaker};
use super::follower::Follower;
use super::side::Side;
use crate::audit::store::audit_log::AuditLog;
use crate::clock::Clock;

/// The time between two readings of the shared log, and the longest by which a beat is late.
const EVERY: Duration = Duration::from_secs(1);

/// The task of this process. Ends when dropped, without a word to the others.
#[derive(Debug)]
pub struct NodeWatch {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl NodeWatch {
    /// Leaves the duty to others and ends.
    pub async fn end(mut self) {
        self.stop.send_replace(true);
        drop((&mut self.task).await);
    }
}

impl Drop for NodeWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl AuditLog {
    /// Begins to beat, and to take in what other nodes write; `None` if the log is not shared.
    ///
    /// Does both once before it returns: nothing may be sent before the others have heard of this
    /// process.
    pub async fn watch(&self) -> Option<NodeWatch> {
        let shared = Arc::clone(self.shared.as_ref()?);
        let (stop, stopped) = watch::channel(false);
        let clock = Arc::clone(&self.clock);
        let (since, session) = (clock.now().timestamp_millis(), self.session.0);
        let speaker = Speaker::of(Arc::clone(&shared), (self.writer, session), since);
        let mut follower = Follower {
            speaker: Arc::clone(&speaker),
            clock: Arc::clone(&clock),
            path: self.path.clone(),
            file: self.file.clone(),
            link: shared.new_link(),
            turns: Arc::clone(&self.queue),
            copy: None,
            noted_at: None,
            side: Side::default(),
            trouble: None,
        };
        let mut beater = Beater {
            speaker,
            clock: Arc::clone(&clock),
            link: shared.new_link(),
            began_at: clock.moment(),
            beaten_at: None,
            is_clock_off: false,
            trouble: None,
        };
        follower.step().await;
        beater.step().await;
        // Commands read the copy to know who is there.
        follower.step().await;
        let task = tokio::spawn(run(clock, follower, beater, stopped));
        Some(NodeWatch { stop, task })
    }
}

async fn run(
    clock: Arc<dyn Clock>,
    mut follower: Follower,
    mut beater: Beater,
    stopped: watch::Receiver<bool>,
) {
    let follow = async {
        while goes_on(&*clock, stopped.clone()).await {
            follower.step().await;
        }
    };
    let beat = async {
        while goes_on(&*clock, stopped.clone()).await {
            beater.step().await;
        }
    };
    tokio::join!(follow, beat);
    follower.link.close().await;
    beater.end().await;
}

/// Waits for the next round; `false` when there is none.
async fn goes_on(clock: &dyn Clock, mut stopped: watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = clock.sleep(clock.pace(EVERY)) => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    !*stopped.borrow()
}
