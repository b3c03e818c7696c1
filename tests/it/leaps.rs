//! Lets time pass only when everybody waits for it, however slow the machine is.
//!
//! Everything of a world runs in the one thread of its test, but for the thread of its log. So it
//! is known when nothing goes on any more: (1) nobody has asked for the time while the thread
//! rested, and (2) the log has answered whoever came before us. Then the clock leaps to what is
//! waited for next. While a call to the cloud is open, it leaps no faster than at a speed, since a
//! call may wait for the machine's own time, as one without an answer does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use lightsout::audit::AuditLog;
use lightsout::clock::{Clock, Moment};
use lightsout::cloud::{Accepted, Answer, Cloud, Later, Limits, Listed, TagLists, Tags};
use lightsout::model::instance::{Action, Instance, InstanceNo, RegionCode};
use lightsout::schedule::tag_questions::TagQuestions;

use crate::soak::quarter::clock::LeapingClock;

/// Between two looks at whether anything goes on.
const REST: Duration = Duration::from_millis(1);
/// So many looks in a row must find nothing.
const LOOKS: u32 = 2;

/// Who lets the time of a world pass.
pub(crate) struct Leaps {
    pub(crate) clock: Arc<LeapingClock>,
    /// Simulated seconds in each real one, at most, while a call is open.
    speed: u32,
    open: Arc<AtomicUsize>,
    log: Mutex<Weak<AuditLog>>,
}

impl Leaps {
    pub(crate) fn new(begin: DateTime<Utc>, speed: u32) -> Self {
        let clock = LeapingClock::new(begin);
        Self { clock, speed, open: Arc::default(), log: Mutex::default() }
    }

    /// The same cloud, whose open calls are counted.
    pub(crate) fn counted(&self, cloud: impl Cloud + 'static) -> Arc<dyn Cloud> {
        Arc::new(Counted { cloud, open: Arc::clone(&self.open) })
    }

    /// The log that the world writes from now on.
    pub(crate) fn is_written(&self, log: &Arc<AuditLog>) {
        *self.log.lock().unwrap() = Arc::downgrade(log);
    }

    /// Lets time pass until `work` is done. Calls `at_rest` before each leap.
    pub(crate) async fn until_done<T>(
        &self,
        work: impl Future<Output = T>,
        at_rest: impl Fn(),
    ) -> T {
        let passing = async {
            let mut last = self.clock.real().moment();
            loop {
                self.rest().await;
                at_rest();
                last = self.leap(last);
            }
        };
        tokio::select! {
            biased;
            done = work => done,
            () = passing => unreachable!("it goes on for ever"),
        }
    }

    /// Waits until nothing goes on.
    async fn rest(&self) {
        let mut quiet = 0;
        while quiet < LOOKS {
            let before = self.clock.asked();
            self.clock.real().sleep(REST).await;
            let is_quiet = self.clock.asked() == before;
            let log = self.log.lock().unwrap().upgrade();
            let by_log = self.clock.asked();
            if let Some(log) = log {
                // Waits behind whoever writes or reads. It asks for the time itself, once.
                drop(log.head().await);
            }
            let is_quiet = is_quiet && self.clock.asked() <= by_log + 1;
            quiet = if is_quiet { quiet + 1 } else { 0 };
        }
    }

    /// Leaps to what is waited for next, if that may be; says when it last leapt.
    fn leap(&self, last: Moment) -> Moment {
        let now = self.clock.real().moment();
        let Some(next) = self.clock.next_wake() else { return last };
        if self.open.load(Ordering::Relaxed) > 0 && next > now.since(last) * self.speed {
            return last;
        }
        self.clock.leap(next);
        now
    }
}

/// A cloud that counts its open calls.
#[derive(Debug)]
struct Counted<C> {
    cloud: C,
    open: Arc<AtomicUsize>,
}

/// An open call.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<C> Counted<C> {
    fn open<'a, T: 'a>(&'a self, call: Later<'a, T>) -> Later<'a, T> {
        self.open.fetch_add(1, Ordering::Relaxed);
        let open = Open(Arc::clone(&self.open));
        Box::pin(async move {
            let _open = open;
            call.await
        })
    }
}

impl<C: Cloud> Cloud for Counted<C> {
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
