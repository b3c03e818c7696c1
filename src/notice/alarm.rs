//! Tells those who asked for it that the audit log cannot be written: without a row of its own,
//! since there is nowhere to put it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tracing::{error, info, warn};

use super::body::Body;
use super::delivery::{WORTH_TELLING, pauses};
use super::transport::NoticeTarget;
use super::words::brief;
use crate::clock::{Clock, Moment};
use crate::schedule::Schedules;
use crate::schedule::notify::Event;

/// How often it is told of a log that stays as it is, or that comes and goes.
const SILENCE: Duration = Duration::from_secs(3_600);
/// How much of the reason is told, in characters.
const MOST: usize = 300;

/// Hears that the log cannot be used, and tells it now and then.
#[derive(Debug)]
pub(super) struct Alarm {
    clock: Arc<dyn Clock>,
    targets: Vec<NoticeTarget>,
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

    /// Hears why the log could not be used.
    pub(super) fn hear(&mut self, trouble: &str) {
        while self.telling.try_join_next().is_some() {}
        let now = self.clock.moment();
        if self.told.is_some_and(|told| now.since(told) < SILENCE) {
            return;
        }
        self.told = Some(now);
        error!(error = trouble, "the audit log cannot be used; notices wait");
        let why = brief(trouble, MOST);
        self.tell(format!("lightsout does nothing: its audit log cannot be used ({why})"));
    }

    /// Hears why the log may not be whole, and tells it.
    pub(super) fn doubt(&mut self, why: &str) {
        let why = brief(why, MOST);
        self.tell(format!("the audit log of lightsout may not be whole: {why}"));
    }

    fn tell(&mut self, text: String) {
        let body = Body { event: Event::Log.as_str(), text, ..Body::default() }.json();
        for target in &self.targets {
            self.telling.spawn(tell(target.clone(), Arc::clone(&self.clock), body.clone()));
        }
    }

    pub(super) async fn end(mut self) {
        self.telling.shutdown().await;
    }
}

fn targets(schedules: &Schedules) -> Vec<NoticeTarget> {
    let asked = schedules.notify.iter().filter(|notify| notify.on.contains(&Event::Log));
    asked.map(|notify| NoticeTarget::of(notify, schedules)).collect()
}

/// Tries until it is confirmed, or no longer worth telling.
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
