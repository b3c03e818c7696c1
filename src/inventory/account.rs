//! Reads an account region by region, and repeats failed regions with growing pauses for as long as
//! somebody waits.
//!
//! Calls to the API are `cloud`'s business; one region's data is [`super::region`]'s.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::warn;

use super::own_tags::{self, Parcel};
use super::progress::{Progress, Shown, State, is_denied};
use super::{Reading, RegionReading};
use crate::clock::{Clock, Moment};
use crate::cloud::{Cloud, CloudError};
use crate::model::instance::{AccountName, RegionCode};
use crate::schedule::tag_questions::TagQuestions;

/// A slow region delays the others for this long; then firings go on without it.
const STRAGGLER: Duration = Duration::from_secs(30);

/// A new firing may join an inventory for this long.
const FRESH_FOR: Duration = Duration::from_secs(60);

/// One attempt repeats its calls for this long before the region counts as failing.
const ATTEMPT: Duration = Duration::from_secs(10);

/// The pause after a region's first failure. Each further pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// The longest pause between two attempts at a region.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// One inventory of an account, shared by the firings of one instant. Each holds a clone and sees
/// every region once. Dropping the last clone ends the reading.
#[derive(Clone, Debug)]
pub struct Inventory {
    clock: Arc<dyn Clock>,
    progress: watch::Receiver<Progress>,
    begun_at: Moment,
    /// The number of readings of each region that this holder has seen.
    shown: BTreeMap<RegionCode, usize>,
    told_of: Arc<BTreeSet<String>>,
}

#[derive(Debug)]
struct InventoryReader {
    cloud: Arc<dyn Cloud>,
    clock: Arc<dyn Clock>,
    questions: TagQuestions,
    until: Moment,
    progress: watch::Sender<Progress>,
    /// Regions that are known to be unlistable, and in which no server was ever seen. They are not
    /// logged again.
    told_of: Arc<BTreeSet<String>>,
}

impl Inventory {
    /// Begins to read every region of an account. Failures that may pass are tried again until
    /// `until`. Failures of regions in `told_of` are not logged.
    pub fn begin(
        (account, cloud, clock): (&AccountName, Arc<dyn Cloud>, Arc<dyn Clock>),
        questions: TagQuestions,
        until: Moment,
        told_of: BTreeSet<String>,
    ) -> Self {
        let begun = Progress { account: account.to_string(), ..Progress::default() };
        let (sender, progress) = watch::channel(begun);
        let told_of = Arc::new(told_of);
        let surveyor = InventoryReader {
            cloud,
            clock: Arc::clone(&clock),
            questions,
            until,
            progress: sender,
            told_of: Arc::clone(&told_of),
        };
        tokio::spawn(async move {
            let surveyor = Arc::new(surveyor);
            tokio::select! {
                () = surveyor.look() => {}
                () = surveyor.progress.closed() => {}
            }
        });
        Self { begun_at: clock.moment(), clock, progress, shown: BTreeMap::new(), told_of }
    }

    /// An empty inventory, for a firing whose time is over.
    pub fn of_nothing(clock: Arc<dyn Clock>) -> Self {
        let nothing = Progress { regions: Some(BTreeMap::new()), ..Progress::default() };
        let progress = watch::channel(nothing).1;
        let (shown, told_of) = (BTreeMap::new(), Arc::default());
        Self { begun_at: clock.moment(), clock, progress, shown, told_of }
    }

    /// Waits until every region was read or has failed once, half a minute at most, and returns the
    /// regions that were read. When there is none, waits until `until`.
    ///
    /// # Errors
    /// When no region could be listed, or any region refused the keys.
    pub async fn first(&mut self, until: Moment) -> Result<Reading, CloudError> {
        self.wait(Progress::is_heard_from, STRAGGLER).await;
        let left = until.since(self.clock.moment());
        self.wait(|progress| !progress.read.is_empty() || progress.is_over(), left).await;
        let reading = self.news()?;
        reading.ok_or_else(|| self.progress.borrow().reason())
    }

    /// The next data of each region since the last call; `None` when there is no more. Later data of
    /// one region never comes before the first data of another that is there: the guards count all
    /// regions before anything is sent.
    ///
    /// # Errors
    /// When any region refused the keys.
    pub fn news(&mut self) -> Result<Option<Reading>, CloudError> {
        let progress = self.progress.borrow();
        if let Some(error) = &progress.failure
            && !error.may_pass()
        {
            return Err(error.clone());
        }
        let mut left = self.shown.clone();
        let mut told = BTreeSet::new();
        let mut fresh = Vec::new();
        for read in &progress.read {
            match left.get_mut(&read.region).filter(|left| **left > 0) {
                Some(left) => *left -= 1,
                None if told.insert(&read.region) => fresh.push(Arc::clone(read)),
                None => {}
            }
        }
        if fresh.is_empty() {
            return Ok(None);
        }
        for read in &fresh {
            *self.shown.entry(read.region.clone()).or_default() += 1;
        }
        let reading = Reading::of(fresh, BTreeMap::new());
        reading.report(&progress.account);
        Ok(Some(reading))
    }

    pub async fn changed(&mut self) {
        let shown: usize = self.shown.values().sum();
        let is_new = |progress: &Progress| {
            progress.read.len() > shown || progress.failure.as_ref().is_some_and(is_denied)
        };
        if self.progress.wait_for(is_new).await.is_err() {
            // The reading has ended, so no news will come.
            std::future::pending::<()>().await;
        }
    }

    /// The reason why even the list of regions is unknown; `None` when the list is known.
    pub fn ignorance(&self) -> Option<CloudError> {
        let progress = self.progress.borrow();
        progress.regions.is_none().then(|| progress.reason())
    }

    /// Whether a new firing needs another inventory: (1) this one is old, or (2) it has ended with
    /// a region missing that may be back.
    pub fn is_spent(&self) -> bool {
        let has_ended = self.progress.has_changed().is_err();
        let is_old = self.clock.moment().since(self.begun_at) > FRESH_FOR;
        is_old || (has_ended && self.progress.borrow().lacks_what_may_come())
    }

    /// Whether a region may still come, for the first time or with its tags.
    pub fn is_trying(&self, region: &RegionCode) -> bool {
        let progress = self.progress.borrow();
        let state = progress.regions.as_ref().and_then(|regions| regions.get(region));
        state.is_some_and(|state| !state.is_final)
            || progress.read.iter().filter(|read| read.region == *region).count()
                > self.shown.get(region).copied().unwrap_or_default()
    }

    /// Waits until each region was listed or has failed for good, but half a minute at most for one
    /// that fails.
    ///
    /// # Errors
    /// When no region could be listed.
    pub async fn shown(&mut self) -> Shown {
        self.wait(Progress::is_judged, STRAGGLER).await;
        drop(self.progress.wait_for(Progress::is_heard_from).await);
        self.progress.borrow().shown()
    }

    /// Whether the result of [`Self::shown`] is final.
    pub fn is_judged(&self) -> bool {
        self.progress.borrow().is_judged()
    }

    /// The regions without data so far, with the reasons; regions in `told_of` are left out.
    pub fn unlisted(&self) -> BTreeMap<RegionCode, CloudError> {
        let progress = self.progress.borrow();
        let is_missing = |region: &RegionCode| {
            !self.told_of.contains(region.as_str()) && !self.shown.contains_key(region)
        };
        let missing = progress.regions.iter().flatten().filter(|(region, _)| is_missing(region));
        missing.map(|(region, state)| (region.clone(), state.reason())).collect()
    }

    async fn wait(&mut self, until: impl FnMut(&Progress) -> bool, at_most: Duration) {
        tokio::select! {
            // An error means that the reading has ended, so nothing changes any more.
            _ = self.progress.wait_for(until) => {}
            () = self.clock.sleep(at_most) => {}
        }
    }
}

impl InventoryReader {
    async fn look(self: &Arc<Self>) {
        let Some(regions) = self.regions().await else { return };
        let mut reads = JoinSet::new();
        for region in regions {
            let surveyor = Arc::clone(self);
            reads.spawn(async move { surveyor.region(region).await });
        }
        while reads.join_next().await.is_some() {
            if self.progress.borrow().failure.as_ref().is_some_and(is_denied) {
                // Dropping the rest ends their calls, which would be refused as well.
                return;
            }
        }
    }

    /// The regions, as soon as the list is known.
    async fn regions(&self) -> Option<Vec<RegionCode>> {
        let mut pauses = Pauses::default();
        loop {
            match self.cloud.regions(self.attempt_ends()).await {
                Ok(regions) => {
                    let states = regions.iter().cloned().map(|code| (code, State::default()));
                    self.progress.send_modify(|progress| {
                        progress.regions = Some(states.collect());
                        progress.failure = None;
                    });
                    return Some(regions);
                }
                Err(error) => {
                    let pause = pauses.next();
                    let last = !error.may_pass() || self.left() <= pause;
                    self.progress.send_modify(|progress| {
                        warn!(account = progress.account, %error, last, "regions could not be read");
                        progress.failure = Some(error);
                    });
                    if last {
                        return None;
                    }
                    self.clock.sleep(pause).await;
                }
            }
        }
    }

    /// Reads a region until (1) everything wanted is there, (2) it fails for good, or (3) time is
    /// up.
    async fn region(&self, region: RegionCode) {
        let mut pauses = Pauses::default();
        loop {
            let begun = RegionReading::begin(region.clone(), &*self.clock);
            let (cloud, clock) = (&*self.cloud, &*self.clock);
            let read = begun.list(cloud, clock, &self.questions, self.attempt_ends()).await;
            let pause = pauses.next();
            let failure = match &read {
                Ok(reading) => reading.untagged.as_ref(),
                Err(error) => Some(error),
            };
            let last = !failure.is_some_and(CloudError::may_pass) || self.left() <= pause;
            let read = read.map(Arc::new);
            let listed = read.as_ref().ok().cloned().filter(|it| !it.pending.is_empty());
            let has_more = listed.is_some();
            let words = (last && !has_more, self.told_of.contains(region.as_str()));
            self.progress.send_modify(|progress| progress.note(&region, read, words));
            if let Some(listed) = listed {
                self.own_tags(&listed).await;
            }
            if last {
                self.progress.send_modify(|progress| progress.end(&region));
                return;
            }
            self.clock.sleep(pause).await;
        }
    }

    /// Reads the tags of pending instances in a region. Failed calls are repeated with growing
    /// pauses.
    async fn own_tags(&self, listed: &RegionReading) {
        let mut places = listed.to_read(&self.questions);
        let mut pauses = Pauses::default();
        while !places.is_empty() {
            let mut failed = Vec::new();
            let take = |parcel: Parcel| {
                let again = |(place, tags): &(usize, Result<_, CloudError>)| {
                    tags.as_ref().is_err_and(CloudError::may_pass).then_some(*place)
                };
                failed.extend(parcel.read.iter().filter_map(again));
                let known = listed.resolved(&self.questions, &parcel.read, parcel.asked_at);
                let known = Ok(Arc::new(known));
                self.progress
                    .send_modify(|progress| progress.note(&listed.region, known, (false, false)));
            };
            let read = own_tags::read(&self.cloud, &*self.clock, listed, places, take).await;
            if let Err(denied) = read {
                self.progress.send_modify(|progress| {
                    progress.note(&listed.region, Err(denied), (true, false));
                });
                return;
            }
            let pause = pauses.next();
            if self.left() <= pause {
                return;
            }
            places = failed;
            if !places.is_empty() {
                self.clock.sleep(pause).await;
            }
        }
    }

    fn attempt_ends(&self) -> Moment {
        self.until.min(self.clock.moment() + ATTEMPT)
    }

    fn left(&self) -> Duration {
        self.until.since(self.clock.moment())
    }
}

#[derive(Debug, Default)]
struct Pauses(Option<Duration>);

impl Pauses {
    fn next(&mut self) -> Duration {
        let next = self.0.map_or(FIRST_PAUSE, |last| (last * 2).min(LONGEST_PAUSE));
        *self.0.insert(next)
    }
}
