//! Wrong tokens: counted, told of in the log stream, and answered slowly.
//!
//! [`super::auth`] tells right from wrong, and takes the same time for both.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use tokio::sync::Semaphore;
use tracing::warn;

use crate::clock::{Clock, Moment};

/// The pause between two lines in the log stream.
const BETWEEN_LINES: Duration = Duration::from_secs(60);
/// The pause before an answer to a wrong token.
const PAUSE: Duration = Duration::from_millis(500);
/// The most answers that pause at once. Each takes up a connection, and others need some.
const MOST_PAUSING: usize = 16;

#[derive(Debug)]
pub(super) struct WrongTokens {
    pub(super) counter: Counter,
    pausing: Semaphore,
    untold: Mutex<Untold>,
}

/// What the log stream was not told yet.
#[derive(Debug, Default)]
struct Untold {
    tokens: u64,
    last_told: Option<Moment>,
    /// A task will tell of it.
    is_promised: bool,
}

impl WrongTokens {
    pub(super) fn new() -> Self {
        Self {
            counter: Counter::default(),
            pausing: Semaphore::new(MOST_PAUSING),
            untold: Mutex::default(),
        }
    }

    /// Counts a wrong token, and waits before its answer. That takes no turn to read.
    pub(super) async fn came(self: &Arc<Self>, peer: IpAddr, clock: &Arc<dyn Clock>) {
        self.counter.inc();
        self.tell(peer, clock);
        if let Ok(_place) = self.pausing.try_acquire() {
            clock.sleep(clock.pace(PAUSE)).await;
        }
    }

    /// Tells at once, or when the last line is a minute old.
    fn tell(self: &Arc<Self>, peer: IpAddr, clock: &Arc<dyn Clock>) {
        let mut untold = self.untold.lock().unwrap_or_else(PoisonError::into_inner);
        untold.tokens += 1;
        let age = untold.last_told.map(|told| clock.moment().since(told));
        match age.and_then(|age| BETWEEN_LINES.checked_sub(age)) {
            None => untold.tell(peer, clock.moment()),
            Some(_) if untold.is_promised => {}
            Some(rest) => {
                untold.is_promised = true;
                let (this, clock) = (Arc::clone(self), Arc::clone(clock));
                tokio::spawn(async move {
                    clock.sleep(rest).await;
                    let mut untold = this.untold.lock().unwrap_or_else(PoisonError::into_inner);
                    untold.is_promised = false;
                    if untold.tokens > 0 {
                        untold.tell(peer, clock.moment());
                    }
                });
            }
        }
    }
}

impl Untold {
    fn tell(&mut self, peer: IpAddr, now: Moment) {
        warn!(tokens = self.tokens, %peer, "wrong tokens were shown to the page");
        (self.tokens, self.last_told) = (0, Some(now));
    }
}
