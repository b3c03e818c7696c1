//! Reads the tags of instances one by one, several at a time, and returns them in parcels. The
//! first can be acted on while the last is still being read.
//!
//! `cloud` limits the rate of these calls.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::RegionReading;
use crate::clock::{Clock, Moment};
use crate::cloud::{Cloud, CloudError, Tags};

/// The first result of a parcel waits this long for others.
const PARCEL_WAIT: Duration = Duration::from_secs(2);

/// The time for one read.
const ATTEMPT: Duration = Duration::from_secs(10);

/// Instances by their index in a reading, each with its tags or the reason why they could not be
/// read, and the time from which those reads were asked for.
pub(crate) struct Parcel {
    pub(crate) read: Vec<(usize, Result<Tags, CloudError>)>,
    pub(crate) asked_at: Moment,
    /// The time of the first result.
    begun_at: Moment,
}

/// Reads the tags of the instances at `places`. When reads keep failing, the rest fails without an
/// attempt.
///
/// # Errors
/// When the keys are refused.
pub(crate) async fn read(
    cloud: &Arc<dyn Cloud>,
    clock: &dyn Clock,
    reading: &RegionReading,
    places: Vec<usize>,
    mut take: impl FnMut(Parcel),
) -> Result<(), CloudError> {
    // The instances in a parcel, and the most reads at a time.
    let most = cloud.limits().tags_at_once;
    let mut left = places.into_iter();
    let mut reads = JoinSet::new();
    let mut parcel = Parcel::empty(clock);
    let mut failed_in_a_row = 0;
    let mut untried = Vec::new();
    loop {
        while reads.len() < most
            && failed_in_a_row < most
            && let Some(place) = left.next()
        {
            let (cloud, region) = (Arc::clone(cloud), reading.region.clone());
            let (instance, asked_at) = (reading.instances[place].clone(), clock.moment());
            reads.spawn(async move {
                let tags = cloud.tags_of(&region, &instance, asked_at + ATTEMPT).await;
                (place, asked_at, tags)
            });
        }
        let waited = clock.moment().since(parcel.begun_at);
        let joined = tokio::select! {
            joined = reads.join_next() => joined,
            () = clock.sleep(PARCEL_WAIT.saturating_sub(waited)), if !parcel.read.is_empty() => {
                take(std::mem::replace(&mut parcel, Parcel::empty(clock)));
                continue;
            }
        };
        let Some(joined) = joined else { break };
        let (place, asked_at, tags) = joined.expect("a reading neither panics nor is aborted");
        match &tags {
            Ok(_) => failed_in_a_row = 0,
            Err(denied @ CloudError::Denied { .. }) => return Err(denied.clone()),
            // An instance whose tags may not be read says nothing about the next.
            Err(error) if !error.may_pass() => {}
            Err(error) => {
                failed_in_a_row += 1;
                if failed_in_a_row >= most {
                    untried.extend(left.by_ref().map(|place| (place, Err(error.clone()))));
                }
            }
        }
        parcel.add(place, asked_at, tags, clock.moment());
        if parcel.read.len() >= most {
            take(std::mem::replace(&mut parcel, Parcel::empty(clock)));
        }
    }
    parcel.read.append(&mut untried);
    if !parcel.read.is_empty() {
        take(parcel);
    }
    Ok(())
}

impl Parcel {
    fn empty(clock: &dyn Clock) -> Self {
        let now = clock.moment();
        Self { read: Vec::new(), asked_at: now, begun_at: now }
    }

    fn add(&mut self, place: usize, asked_at: Moment, tags: Result<Tags, CloudError>, now: Moment) {
        if self.read.is_empty() {
            (self.asked_at, self.begun_at) = (asked_at, now);
        }
        self.asked_at = self.asked_at.min(asked_at);
        self.read.push((place, tags));
    }
}
