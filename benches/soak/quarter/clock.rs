//! A clock that leaps to whatever is waited for next, as soon as nobody works any more.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, Utc};
use lightsout::clock::{Clock, Moment, RehearsalClock, Sleep, SystemClock};

/// How long nobody must have asked for the time, in the machine's own time, before it leaps.
/// Whoever works longer than that on one thing only seems to be slow.
const QUIET: Duration = Duration::from_millis(1);
/// How much of it passes in any real time, for those who ask: it does not pass, it leaps, so
/// this is how long the daemon may be left without a tick.
const PACE: Duration = Duration::from_secs(60);

/// Stands still while anybody asks for the time, and leaps when told.
#[derive(Debug)]
pub(crate) struct LeapingClock {
    pub(crate) hand: Arc<RehearsalClock>,
    real: Arc<SystemClock>,
    waits: Arc<Mutex<Waits>>,
}

/// When those who sleep want to be woken.
#[derive(Debug, Default)]
struct Waits {
    wakes: BTreeSet<(Moment, u64)>,
    begun: u64,
}

/// One sleeper's entry, for as long as it sleeps.
struct Wait {
    waits: Arc<Mutex<Waits>>,
    wake: (Moment, u64),
}

impl LeapingClock {
    pub(crate) fn new(begin: DateTime<Utc>) -> Arc<Self> {
        Arc::new(Self {
            hand: RehearsalClock::new(begin, 0),
            real: SystemClock::new(),
            waits: Arc::default(),
        })
    }

    /// Waits until nobody has asked for anything for a while.
    pub(crate) async fn quiet(&self) {
        while !self.stays_quiet(1).await {}
    }

    /// Whether nobody asks for anything for so many whiles. A long leap past a request that the
    /// machine is only slow with would make its signature too old.
    pub(crate) async fn stays_quiet(&self, whiles: u32) -> bool {
        let before = self.asked();
        self.real.sleep(QUIET * whiles).await;
        self.asked() == before
    }

    /// How often it was asked for anything so far.
    pub(crate) fn asked(&self) -> u64 {
        self.hand.asked()
    }

    /// How long until somebody wants to be woken.
    pub(crate) fn next_wake(&self) -> Option<Duration> {
        let now = self.hand.moment();
        let later = (Bound::Excluded((now, u64::MAX)), Bound::Unbounded);
        lock(&self.waits).wakes.range(later).next().map(|(wake, _)| wake.since(now))
    }

    /// Lets `length` pass at once.
    pub(crate) fn leap(&self, length: Duration) {
        let _nobody_begins_to_sleep = lock(&self.waits);
        self.hand.skip(length);
    }

    /// Real time.
    pub(crate) fn real(&self) -> &SystemClock {
        &self.real
    }
}

impl Clock for LeapingClock {
    fn now(&self) -> DateTime<Utc> {
        self.hand.now()
    }

    fn moment(&self) -> Moment {
        self.hand.moment()
    }

    fn sleep(&self, length: Duration) -> Sleep {
        let mut waits = lock(&self.waits);
        let wake = (self.hand.moment() + length, waits.begun);
        waits.begun += 1;
        waits.wakes.insert(wake);
        let sleep = self.hand.sleep(length);
        let wait = Wait { waits: Arc::clone(&self.waits), wake };
        Box::pin(async move {
            sleep.await;
            drop(wait);
        })
    }

    fn pace(&self, _: Duration) -> Duration {
        PACE
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        lock(&self.waits).wakes.remove(&self.wake);
    }
}

fn lock(waits: &Mutex<Waits>) -> MutexGuard<'_, Waits> {
    waits.lock().expect("nobody panics while holding it")
}
