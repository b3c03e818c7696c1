//! What one region showed: its instances, and for which of them each question about tags holds.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use crate::clock::{Clock, Moment};
use crate::cloud::{Cloud, CloudError, TagValues, Tagged};
use crate::hold::tag::FoundTag;
use crate::instance::{Instance, InstanceNo, RegionCode};
use crate::schedule::selector::{TagQuestion, TagQuestions, Verdict};

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
    /// What the tag that holds says of them.
    hold_tags: HoldTags,
}

/// What is known of the tag that holds instances.
#[derive(Debug)]
enum HoldTags {
    /// It was not asked for.
    Unasked,
    /// It could not be read.
    Unread,
    /// Its values.
    Read(TagValues),
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
            hold_tags: HoldTags::Unasked,
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
        questions: &TagQuestions,
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
        questions: &TagQuestions,
        until: Moment,
    ) -> Result<Self, CloudError> {
        let asked: Vec<TagQuestion> = questions.selectors.iter().cloned().collect();
        if !asked.is_empty() {
            let tagged = cloud.tagged(&self.region, &self.instances, &asked, until).await;
            for (question, tagged) in asked.iter().zip(tagged) {
                self.answer(question, tagged)?;
            }
        }
        if let Some(key) = &questions.hold {
            let values = cloud.tag_values(&self.region, &self.instances, key, until).await;
            self.hold_tags = match values {
                Ok(values) => HoldTags::Read(values),
                Err(denied @ CloudError::Denied { .. }) => return Err(denied),
                Err(error) => {
                    self.untagged.get_or_insert(error);
                    HoldTags::Unread
                }
            };
        }
        Ok(self)
    }

    /// Whether the question holds for the instance at `index`.
    #[must_use]
    pub fn verdict(&self, question: &TagQuestion, index: usize) -> Verdict {
        let verdict = self.verdicts.get(question).and_then(|verdicts| verdicts.get(index));
        verdict.copied().unwrap_or(Verdict::Unreadable)
    }

    /// Whether the tag that holds was asked for and could not be read.
    #[must_use]
    pub fn is_hold_unread(&self) -> bool {
        matches!(self.hold_tags, HoldTags::Unread)
    }

    /// What the tag that holds says of an instance; `None` where that was not asked, or could
    /// not be read.
    #[must_use]
    pub fn hold_tag(&self, instance: &Instance) -> Option<FoundTag> {
        let HoldTags::Read(values) = &self.hold_tags else { return None };
        Some(FoundTag {
            no: instance.no.clone(),
            name: instance.name.clone(),
            value: values.get(&instance.no).cloned(),
        })
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
