//! Tells the targets of `log` that the audit log cannot be written, or may not be whole.
//!
//! These notices have no row: the log is the place that failed. All others leave by
//! [`super::queue`].

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tracing::{error, info, warn};

use super::body::Body;
use super::brief::brief;
use super::delivery::{WORTH_TELLING, pauses};
use super::transport::NoticeTarget;
use super::words::NoticeWords;
use crate::clock::{Clock, Moment};
use crate::model::reason::Reason;
use crate::schedule::Schedules;
use crate::schedule::notify::Event;

/// The shortest time between two notices about a log that cannot be used.
const SILENCE: Duration = Duration::from_secs(3_600);
/// The longest reason in a notice, in characters.
const MOST: usize = 300;

#[derive(Debug)]
pub(super) struct Alarm {
    clock: Arc<dyn Clock>,
    targets: Vec<(NoticeTarget, NoticeWords)>,
    told: Option<Moment>,
    telling: JoinSet<()>,
}

impl Alarm {
    pub(super) fn new(clock: Arc<dyn Clock>, schedules: &Schedules) -> Self {
        let (targets, telling) = (targets(schedules), JoinSet::new());
        Self { clock, targets, told: None, telling }
    }

    pub(super) fn take(&mut self, schedules: &Schedules) {
        self.targets = targets(schedules);
    }

    /// Notes why the log could not be used; the targets are told at most once an hour.
    pub(super) fn hear(&mut self, trouble: &str) {
        while self.telling.try_join_next().is_some() {}
        let now = self.clock.moment();
        if self.told.is_some_and(|told| now.since(told) < SILENCE) {
            return;
        }
        self.told = Some(now);
        error!(error = trouble, "the audit log cannot be used; notices wait");
        let why = brief(trouble, MOST);
        self.tell(|words| words.log_useless(&Reason::told(&why, words.0)));
    }

    /// Tells the targets why the log may not be whole.
    pub(super) fn doubt(&mut self, why: &str) {
        let why = brief(why, MOST);
        self.tell(|words| words.log_doubted(&Reason::told(&why, words.0)));
    }

    fn tell(&mut self, text: impl Fn(NoticeWords) -> String) {
        for (target, words) in &self.targets {
            let body = Body { event: Event::Log.as_str(), text: text(*words), ..Body::default() };
            self.telling.spawn(tell(target.clone(), Arc::clone(&self.clock), body.json()));
        }
    }

    pub(super) async fn end(mut self) {
        self.telling.shutdown().await;
    }
}

fn targets(schedules: &Schedules) -> Vec<(NoticeTarget, NoticeWords)> {
    let asked = schedules.notify.iter().filter(|notify| notify.on.contains(&Event::Log));
    let told = |notify| (NoticeTarget::of(notify, schedules), NoticeWords(notify.language));
    asked.map(told).collect()
}

/// Tries until the notice is confirmed, or too old to be worth telling.
async fn tell(target: NoticeTarget, clock: Arc<dyn Clock>, body: String) {
    let begun = clock.moment();
    for pause in pauses(&*clock) {
        match target.deliver(None, &body).await {
            Ok(said) => {
                info!(target_name = target.name, said, "told of the audit log");
                return;
            }
            Err(error) => warn!(target_name = target.name, %error, "not delivered"),
        }
        if clock.moment().since(begun) >= WORTH_TELLING.to_std().unwrap_or_default() {
            return;
        }
        clock.sleep(pause).await;
    }
}
