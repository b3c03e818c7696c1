//! One look at an account: its instances, and for which of them each question about tags holds.
//!
//! Rules that are due at the same instant share one, so that the cloud is listed once a region
//! and not once a rule.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use tracing::{debug, warn};

use crate::clock::{Clock, Moment};
use crate::cloud::{Cloud, CloudError, Tagged};
use crate::instance::{Instance, InstanceNo, RegionCode};
use crate::schedule::selector::{TagQuestion, Verdict};

/// How long a region may keep the others waiting, before the firing goes on without it.
const STRAGGLER: Duration = Duration::from_secs(30);

/// What one look at an account showed.
#[derive(Debug)]
pub struct Reading {
    /// When it was begun.
    pub read_at: DateTime<Utc>,
    /// The same, for measuring its age.
    pub read_moment: Moment,
    /// The instances of every region that could be listed.
    pub instances: Vec<Instance>,
    /// The regions that could not be listed.
    pub unlisted: BTreeMap<RegionCode, CloudError>,
    /// Why a question could not be answered for a region.
    pub untagged: BTreeMap<RegionCode, CloudError>,
    /// Numbers that hold a tag and that the list of their region does not know: reported, never
    /// acted on.
    pub strangers: BTreeSet<InstanceNo>,
    /// For each question one verdict an instance, in the order of `instances`.
    verdicts: HashMap<TagQuestion, Vec<Verdict>>,
}

/// What one region showed.
struct RegionReading {
    region: RegionCode,
    instances: Result<Vec<Instance>, CloudError>,
    tagged: Vec<Tagged>,
}

impl Reading {
    /// Looks at every region of an account. Failures that may pass are tried again: until
    /// `until` where nothing can be read at all, for half a minute where only some regions fail.
    ///
    /// # Errors
    /// When no region could be listed.
    pub async fn take(
        cloud: &Arc<dyn Cloud>,
        clock: &dyn Clock,
        questions: &BTreeSet<TagQuestion>,
        until: Moment,
    ) -> Result<Self, CloudError> {
        let mut reading = Self::empty(clock);
        let questions: Arc<[TagQuestion]> = questions.iter().cloned().collect();
        let mut regions = cloud.regions(until).await?;
        loop {
            let patience = until.min(clock.moment() + STRAGGLER);
            for region in read_regions(cloud, regions, &questions, patience).await {
                reading.add(region, &questions);
            }
            let all_failed = reading.instances.is_empty() && !reading.unlisted.is_empty();
            let may_pass = reading.unlisted.values().all(CloudError::may_pass);
            if !all_failed || !may_pass || clock.moment() >= until {
                break;
            }
            regions = std::mem::take(&mut reading.unlisted).into_keys().collect();
        }
        reading.report();
        match reading.unlisted.values().next() {
            Some(error) if reading.instances.is_empty() => Err(error.clone()),
            _ => Ok(reading),
        }
    }

    /// Whether the question holds for the instance at `index`.
    #[must_use]
    pub fn verdict(&self, question: &TagQuestion, index: usize) -> Verdict {
        let verdict = self.verdicts.get(question).and_then(|verdicts| verdicts.get(index));
        verdict.copied().unwrap_or(Verdict::Unreadable)
    }

    fn empty(clock: &dyn Clock) -> Self {
        Self {
            read_at: clock.now(),
            read_moment: clock.moment(),
            instances: Vec::new(),
            unlisted: BTreeMap::new(),
            untagged: BTreeMap::new(),
            strangers: BTreeSet::new(),
            verdicts: HashMap::new(),
        }
    }

    fn add(&mut self, reading: RegionReading, questions: &[TagQuestion]) {
        let instances = match reading.instances {
            Ok(instances) => instances,
            Err(error) => {
                self.unlisted.insert(reading.region, error);
                return;
            }
        };
        let before = self.instances.len();
        for (question, tagged) in questions.iter().zip(reading.tagged) {
            let verdicts = self.verdicts.entry(question.clone()).or_default();
            verdicts.resize(before, Verdict::No);
            match tagged {
                Ok(mut tagged) => {
                    verdicts.extend(instances.iter().map(|instance| {
                        if tagged.remove(&instance.no) { Verdict::Yes } else { Verdict::No }
                    }));
                    self.strangers.append(&mut tagged);
                }
                Err(error) => {
                    verdicts.resize(before + instances.len(), Verdict::Unreadable);
                    self.untagged.entry(reading.region.clone()).or_insert(error);
                }
            }
        }
        self.instances.extend(instances);
    }

    fn report(&self) {
        for (region, error) in &self.unlisted {
            warn!(%region, %error, "region could not be listed");
        }
        for (region, error) in &self.untagged {
            warn!(%region, %error, "tags could not be read");
        }
        for instance in &self.strangers {
            warn!(%instance, "tagged instance is not in the server list; left alone");
        }
        debug!(instances = self.instances.len(), "account read");
    }
}

async fn read_regions(
    cloud: &Arc<dyn Cloud>,
    regions: Vec<RegionCode>,
    questions: &Arc<[TagQuestion]>,
    until: Moment,
) -> Vec<RegionReading> {
    let mut reads = JoinSet::new();
    for region in regions {
        let (cloud, questions) = (Arc::clone(cloud), Arc::clone(questions));
        reads.spawn(async move {
            let instances = cloud.list(&region, until).await;
            let tagged = match &instances {
                Ok(listed) if !questions.is_empty() => {
                    cloud.tagged(&region, listed, &questions, until).await
                }
                _ => Vec::new(),
            };
            RegionReading { region, instances, tagged }
        });
    }
    let mut read = reads.join_all().await;
    read.sort_by(|a, b| a.region.cmp(&b.region));
    read
}
