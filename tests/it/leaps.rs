//! Lets time pass only when everybody waits for it, however slow the machine is.
//!
//! Everything of a world runs in the one thread of its test, but for the thread of its log. So it
//! is known when nothing goes on any more: (1) nobody has asked for the time while the thread
//! rested, and (2) the log has answered whoever came before us. Then the clock leaps to what is
//! waited for next. While a call to the cloud is open, it leaps no faster than at a speed, since a
//! call may wait for the machine's own time, as one without an answer does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::audit::AuditLog;
use lightsout::clock::{Clock, Moment, SinceBoot, Sleep};
use lightsout::cloud::{Accepted, Answer, Cloud, Later, Limits, Listed, TagLists, Tags};
use lightsout::model::instance::{Action, Instance, InstanceNo, RegionCode};
use lightsout::schedule::tag_questions::TagQuestions;
use tokio::sync::Mutex;

use crate::soak::quarter::clock::LeapingClock;

/// Between two looks at whether anything goes on.
const REST: Duration = Duration::from_millis(1);
/// So many looks in a row must find nothing.
const LOOKS: u32 = 2;

/// What one rest counts for at most: what a slow machine takes for it is no rest.
const MOST_A_REST: Duration = Duration::from_millis(5);

/// Who lets the time of a world pass.
pub(crate) struct Leaps {
    pub(crate) clock: Arc<HeldClock>,
    open: Arc<AtomicUsize>,
    /// The logs that the world writes. Locked while one is asked.
    logs: Mutex<Vec<Weak<AuditLog>>>,
}

/// The clock of a world: it stands still unless it is told to leap.
#[derive(Debug)]
pub(crate) struct HeldClock {
    leaping: Arc<LeapingClock>,
    /// Simulated seconds in each real one, at most, where that counts.
    speed: u32,
}

impl HeldClock {
    /// Lets `length` pass at once, for sleepers too.
    pub(crate) fn skip(&self, length: Duration) {
        self.leaping.leap(length);
    }

    /// Steps the wall clock, and nothing else.
    pub(crate) fn step(&self, by: TimeDelta) {
        self.leaping.hand.step(by);
    }
}

impl Clock for HeldClock {
    fn now(&self) -> DateTime<Utc> {
        self.leaping.now()
    }

    fn moment(&self) -> Moment {
        self.leaping.moment()
    }

    fn uptime(&self) -> Option<SinceBoot> {
        self.leaping.hand.uptime()
    }

    fn sleep(&self, length: Duration) -> Sleep {
        self.leaping.sleep(length)
    }

    fn pace(&self, real: Duration) -> Duration {
        real * self.speed
    }
}

impl Leaps {
    pub(crate) fn new(begin: DateTime<Utc>, speed: u32) -> Arc<Self> {
        let clock = Arc::new(HeldClock { leaping: LeapingClock::new(begin), speed });
        Arc::new(Self { clock, open: Arc::default(), logs: Mutex::default() })
    }

    /// Lets time pass at its speed from now on, for as long as the test lasts.
    pub(crate) fn go_on(self: &Arc<Self>) {
        // An open call more than there are: it never leaps faster than that.
        self.open.fetch_add(1, Ordering::Relaxed);
        let leaps = Arc::clone(self);
        tokio::spawn(async move { leaps.pass(|| {}).await });
    }

    /// The same cloud, whose open calls are counted.
    pub(crate) fn counted(&self, cloud: Arc<dyn Cloud>) -> Arc<dyn Cloud> {
        Arc::new(Counted { cloud, open: Arc::clone(&self.open) })
    }

    /// A log that the world writes from now on.
    pub(crate) async fn is_written(&self, log: &Arc<AuditLog>) {
        self.logs.lock().await.push(Arc::downgrade(log));
    }

    /// Has no hand on any log any more.
    pub(crate) async fn let_go(&self) {
        self.logs.lock().await.clear();
    }

    /// Lets time pass until `work` is done. Calls `at_rest` before each leap.
    pub(crate) async fn until_done<T>(
        &self,
        work: impl Future<Output = T>,
        at_rest: impl Fn(),
    ) -> T {
        tokio::select! {
            biased;
            done = work => done,
            () = self.pass(at_rest) => unreachable!("it goes on for ever"),
        }
    }

    async fn pass(&self, at_rest: impl Fn()) {
        let real = self.clock.leaping.real();
        let mut rested = Duration::ZERO;
        loop {
            let begun = real.moment();
            self.rest().await;
            at_rest();
            rested += MOST_A_REST.min(real.moment().since(begun));
            if self.leaps_after(rested) {
                rested = Duration::ZERO;
            }
        }
    }

    /// Waits until nothing goes on.
    async fn rest(&self) {
        let clock = &self.clock.leaping;
        let mut quiet = 0;
        while quiet < LOOKS {
            let before = clock.asked();
            clock.real().sleep(REST).await;
            let mut is_quiet = clock.asked() == before;
            for log in self.logs.lock().await.iter().filter_map(Weak::upgrade) {
                // What a log owes it tries to write whenever it is asked.
                if !log.owes_answers() {
                    let before = clock.asked();
                    // Waits behind whoever writes or reads. It asks for the time itself, once.
                    drop(log.head().await);
                    is_quiet &= clock.asked() <= before + 1;
                }
            }
            quiet = if is_quiet { quiet + 1 } else { 0 };
        }
    }

    /// Leaps to what is waited for next, if that may be after so much rest.
    fn leaps_after(&self, rested: Duration) -> bool {
        let HeldClock { leaping, speed } = &*self.clock;
        let is_open = self.open.load(Ordering::Relaxed) > 0;
        let next = leaping.next_wake().filter(|next| !is_open || *next <= rested * *speed);
        if let Some(next) = next {
            leaping.leap(next);
        }
        next.is_some()
    }
}

/// A cloud that counts its open calls.
#[derive(Debug)]
struct Counted {
    cloud: Arc<dyn Cloud>,
    open: Arc<AtomicUsize>,
}

/// An open call.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counted {
    fn open<'a, T: 'a>(&'a self, call: Later<'a, T>) -> Later<'a, T> {
        self.open.fetch_add(1, Ordering::Relaxed);
        let open = Open(Arc::clone(&self.open));
        Box::pin(async move {
            let _open = open;
            call.await
        })
    }
}

impl Cloud for Counted {
    fn limits(&self) -> Limits {
        self.cloud.limits()
    }

    fn regions(&self, until: Moment) -> Answer<'_, Vec<RegionCode>> {
        self.open(self.cloud.regions(until))
    }

    fn list<'a>(&'a self, region: &'a RegionCode, until: Moment) -> Answer<'a, Listed> {
        self.open(self.cloud.list(region, until))
    }

    fn look_up<'a>(
        &'a self,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
        until: Moment,
    ) -> Answer<'a, Listed> {
        self.open(self.cloud.look_up(region, instances, until))
    }

    fn tag_lists<'a>(
        &'a self,
        region: &'a RegionCode,
        listed: &'a [Instance],
        questions: &'a TagQuestions,
        until: Moment,
    ) -> Later<'a, TagLists> {
        self.open(self.cloud.tag_lists(region, listed, questions, until))
    }

    fn tags_of<'a>(
        &'a self,
        region: &'a RegionCode,
        instance: &'a Instance,
        until: Moment,
    ) -> Answer<'a, Tags> {
        self.open(self.cloud.tags_of(region, instance, until))
    }

    fn probe_tags<'a>(
        &'a self,
        region: &'a RegionCode,
        key: &'a str,
        until: Moment,
    ) -> Answer<'a, ()> {
        self.open(self.cloud.probe_tags(region, key, until))
    }

    fn change<'a>(
        &'a self,
        action: Action,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
    ) -> Answer<'a, Accepted> {
        self.open(self.cloud.change(action, region, instances))
    }
}
