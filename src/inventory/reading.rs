//! The data of an account at one time, or of a part of it. [`super::account`] collects it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::task::JoinSet;
use tracing::{debug, warn};

use super::region_reading::RegionReading;
use super::tag_reads::TagReads;
use crate::clock::{Clock, Moment};
use crate::cloud::{Cloud, CloudError};
use crate::model::instance::{InstanceNo, RegionCode};
use crate::schedule::tag_questions::TagQuestions;

#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Regions that could be listed, or later data about their instances. Each region appears once.
    pub regions: Vec<Arc<RegionReading>>,
    /// Regions that could not be listed.
    pub unlisted: BTreeMap<RegionCode, CloudError>,
    /// The reason why a question about tags has no answer in a region.
    pub untagged: BTreeMap<RegionCode, CloudError>,
    /// Tagged numbers that their region's list does not have: reported, never acted on.
    pub unlisted_tagged: BTreeSet<InstanceNo>,
}

impl Reading {
    /// Reads every region of an account once. Failures that may pass are tried again until `until`.
    ///
    /// # Errors
    /// When no region could be listed, or any region refused the keys.
    pub async fn glance(
        cloud: &Arc<dyn Cloud>,
        clock: &Arc<dyn Clock>,
        questions: &TagQuestions,
        until: Moment,
    ) -> Result<Self, CloudError> {
        Self::count(cloud, clock, questions, (until, &Arc::default())).await
    }

    /// Like [`Self::glance`], and counts the tag reads. Lists are tried until `until`; reading tags
    /// instance by instance takes as long as the account's rate demands.
    ///
    /// # Errors
    /// When no region could be listed, or any region refused the keys.
    pub async fn count(
        cloud: &Arc<dyn Cloud>,
        clock: &Arc<dyn Clock>,
        questions: &TagQuestions,
        (until, reads): (Moment, &Arc<TagReads>),
    ) -> Result<Self, CloudError> {
        let questions = Arc::new(questions.clone());
        let mut looks = JoinSet::new();
        for region in cloud.regions(until).await? {
            let (cloud, clock) = (Arc::clone(cloud), Arc::clone(clock));
            let (questions, reads) = (Arc::clone(&questions), Arc::clone(reads));
            looks.spawn(async move {
                let begun = RegionReading::begin(region.clone(), &*clock);
                let listed = begun.list(&*cloud, &*clock, &questions, until).await;
                let whole = match listed {
                    Ok(listed) => listed.complete(&cloud, &*clock, &questions, &reads).await,
                    Err(error) => Err(error),
                };
                (region, whole)
            });
        }
        let (mut listed, mut unlisted) = (Vec::new(), BTreeMap::new());
        while let Some(read) = looks.join_next().await {
            match read.expect("a reading neither panics nor is aborted") {
                (_, Ok(reading)) => listed.push(Arc::new(reading)),
                // Dropping the rest ends their calls, which would be refused as well.
                (_, Err(denied @ CloudError::Denied { .. })) => return Err(denied),
                (region, Err(error)) => {
                    unlisted.insert(region, error);
                }
            }
        }
        let reading = Self::of(listed, unlisted);
        match reading.unlisted.values().next() {
            Some(error) if reading.regions.is_empty() => Err(error.clone()),
            _ => Ok(reading),
        }
    }

    /// Whether any list has that number.
    pub fn knows(&self, number: &InstanceNo) -> bool {
        self.regions.iter().any(|region| {
            region.instances.iter().any(|instance| instance.no == *number)
                || region.unread.iter().any(|unread| unread.no.as_ref() == Some(number))
        })
    }

    /// Joins the regions. Of a region that was listed twice, the later data counts.
    pub(super) fn of(
        regions: impl IntoIterator<Item = Arc<RegionReading>>,
        unlisted: BTreeMap<RegionCode, CloudError>,
    ) -> Self {
        let latest: BTreeMap<RegionCode, Arc<RegionReading>> =
            regions.into_iter().map(|read| (read.region.clone(), read)).collect();
        let mut reading = Self { unlisted, ..Self::default() };
        for (region, read) in latest {
            if let Some(error) = &read.untagged {
                reading.untagged.insert(region, error.clone());
            }
            reading.unlisted_tagged.extend(read.unlisted_tagged.iter().cloned());
            reading.regions.push(read);
        }
        reading
    }

    /// Logs the problems of an account.
    pub(super) fn report(&self, account: &str) {
        for (region, error) in &self.untagged {
            warn!(account, %region, %error, "tags could not be read");
        }
        for (region, error) in &self.unlisted {
            warn!(account, %region, %error, "region could not be listed");
        }
        for read in &self.regions {
            for unread in &read.unread {
                let (region, error) = (&read.region, &unread.error);
                warn!(account, %region, %error, "server could not be read; left alone");
            }
        }
        for instance in &self.unlisted_tagged {
            warn!(account, %instance, "tagged server is not in the server list; left alone");
        }
        let instances: usize = self.regions.iter().map(|read| read.instances.len()).sum();
        debug!(account, instances, "account read");
    }
}
