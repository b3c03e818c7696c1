//! What one region showed: its instances, and for which of them each question about tags holds.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::clock::{Clock, Moment};
use crate::cloud::{Cloud, CloudError, Tagged};
use crate::instance::{Instance, InstanceNo, RegionCode};
use crate::schedule::selector::{TagQuestion, Verdict};

/// What one region showed at one time.
#[derive(Debug)]
pub struct RegionReading {
    /// The region.
    pub region: RegionCode,
    /// When it was begun.
    pub read_at: DateTime<Utc>,
    /// The same, for measuring its age.
    pub read_moment: Moment,
    /// Its instances, or those that were looked up.
    pub instances: Vec<Instance>,
    /// Why a question could not be answered.
    pub untagged: Option<CloudError>,
    /// Numbers that hold a tag and that `instances` does not have.
    pub strangers: BTreeSet<InstanceNo>,
    /// For each question one verdict an instance, in the order of `instances`.
    verdicts: HashMap<TagQuestion, Vec<Verdict>>,
}

impl RegionReading {
    /// A reading that is about to begin, and has shown nothing yet.
    #[must_use]
    pub fn begin(region: RegionCode, clock: &dyn Clock) -> Self {
        Self {
            region,
            read_at: clock.now(),
            read_moment: clock.moment(),
            instances: Vec::new(),
            untagged: None,
            strangers: BTreeSet::new(),
            verdicts: HashMap::new(),
        }
    }

    /// Lists the region, and asks the questions where there are any.
    ///
    /// # Errors
    /// When it cannot be listed, or the keys are refused, whatever was asked. Tags that cannot
    /// be read for another reason are kept as `untagged`.
    pub async fn list(
        mut self,
        cloud: &dyn Cloud,
        questions: &[TagQuestion],
        until: Moment,
    ) -> Result<Self, CloudError> {
        self.instances = cloud.list(&self.region, until).await?;
        self.ask(cloud, questions, until).await
    }

    /// Asks the questions of the instances that are there.
    ///
    /// # Errors
    /// When the keys are refused.
    pub async fn ask(
        mut self,
        cloud: &dyn Cloud,
        questions: &[TagQuestion],
        until: Moment,
    ) -> Result<Self, CloudError> {
        if questions.is_empty() {
            return Ok(self);
        }
        let tagged = cloud.tagged(&self.region, &self.instances, questions, until).await;
        for (question, tagged) in questions.iter().zip(tagged) {
            self.answer(question, tagged)?;
        }
        Ok(self)
    }

    /// Whether the question holds for the instance at `index`.
    #[must_use]
    pub fn verdict(&self, question: &TagQuestion, index: usize) -> Verdict {
        let verdict = self.verdicts.get(question).and_then(|verdicts| verdicts.get(index));
        verdict.copied().unwrap_or(Verdict::Unreadable)
    }

    fn answer(&mut self, question: &TagQuestion, tagged: Tagged) -> Result<(), CloudError> {
        let mut tagged = match tagged {
            Ok(tagged) => tagged,
            Err(denied @ CloudError::Denied { .. }) => return Err(denied),
            Err(error) => {
                self.untagged.get_or_insert(error);
                return Ok(());
            }
        };
        let mut holds = |instance: &Instance| {
            if tagged.remove(&instance.no) { Verdict::Yes } else { Verdict::No }
        };
        let verdicts = self.instances.iter().map(&mut holds).collect();
        self.verdicts.insert(question.clone(), verdicts);
        self.strangers.append(&mut tagged);
        Ok(())
    }
}
