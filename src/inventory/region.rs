//! Fills in the data of one region: its instances, and the answer to each question about tags.
//!
//! [`super::region_reading`] holds the data; [`super::own_tags`] reads single instances.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::TagReads;
use super::own_tags::{self, Parcel};
use super::region_reading::{HoldTags, RegionReading};
use crate::clock::{Clock, Moment};
use crate::cloud::{Cloud, CloudError, HoldValues, Holders, TagLists, Tags};
use crate::model::found_tag::FoundTag;
use crate::model::instance::{Instance, InstanceNo, RegionCode};
use crate::schedule::selector::{Description, TagQuestion, Verdict};
use crate::schedule::tag_questions::{Need, TagQuestions};
use crate::text::normal_form::same;

impl RegionReading {
    /// An empty reading at the beginning.
    pub fn begin(region: RegionCode, clock: &dyn Clock) -> Self {
        Self {
            region,
            read_at: clock.now(),
            read_moment: clock.moment(),
            tags_moment: clock.moment(),
            instances: Vec::new(),
            unread: Vec::new(),
            untagged: None,
            unlisted_tagged: BTreeSet::new(),
            pending: BTreeSet::new(),
            own_tags_moments: HashMap::new(),
            verdicts: HashMap::new(),
            hold_tags: HoldTags::Unasked,
        }
    }

    /// Lists the region, and asks the questions about tags, if any. Instances whose tags the lists
    /// do not show stay pending.
    ///
    /// # Errors
    /// When the region cannot be listed, or the keys are refused. Any other failure to read tags is
    /// kept as `untagged`.
    pub async fn list(
        mut self,
        cloud: &dyn Cloud,
        clock: &dyn Clock,
        questions: &TagQuestions,
        until: Moment,
    ) -> Result<Self, CloudError> {
        let listed = cloud.list(&self.region, until).await?;
        (self.instances, self.unread) = (listed.instances, listed.unread);
        self.tags_moment = clock.moment();
        self.ask(cloud, questions, until).await
    }

    /// Asks the questions about the instances at hand. Instances whose tags the lists do not show
    /// stay pending.
    ///
    /// # Errors
    /// When the keys are refused.
    pub async fn ask(
        mut self,
        cloud: &dyn Cloud,
        questions: &TagQuestions,
        until: Moment,
    ) -> Result<Self, CloudError> {
        if questions.are_none() {
            return Ok(self);
        }
        let lists = cloud.tag_lists(&self.region, &self.instances, questions, until).await;
        let candidates = self.take_lists(lists)?;
        let is_needed = |(index, instance): &(usize, &Instance)| {
            let may_be_held = candidates.get(&instance.no);
            may_be_held.is_some_and(|held| self.need(questions, *index, *held) != Need::None)
        };
        let instances = self.instances.iter().enumerate();
        self.pending = instances.filter(is_needed).map(|(_, it)| it.no.clone()).collect();
        Ok(self)
    }

    /// Reads the tags of pending instances, until none is pending.
    ///
    /// # Errors
    /// When the keys are refused.
    pub async fn complete(
        mut self,
        cloud: &Arc<dyn Cloud>,
        clock: &dyn Clock,
        questions: &TagQuestions,
        reads: &TagReads,
    ) -> Result<Self, CloudError> {
        let places = self.to_read(questions);
        reads.wanted.fetch_add(places.len(), Ordering::Relaxed);
        let mut known = Vec::new();
        let take = |parcel: Parcel| {
            reads.done.fetch_add(parcel.read.len(), Ordering::Relaxed);
            known.push(self.resolved(questions, &parcel.read, parcel.asked_at));
        };
        own_tags::read(cloud, clock, &self, places, take).await?;
        for known in &known {
            self.absorb(known);
        }
        Ok(self)
    }

    /// Takes in the lists' answers. Returns the instances with incomplete answers, each with
    /// whether the hold tag may be missing.
    fn take_lists(&mut self, lists: TagLists) -> Result<HashMap<InstanceNo, bool>, CloudError> {
        let mut candidates = HashMap::new();
        for (question, holders) in lists.selectors {
            match holders {
                Ok(holders) => {
                    candidates.extend(holders.candidates.iter().map(|no| (no.clone(), false)));
                    self.answer(question, holders);
                }
                Err(denied @ CloudError::Denied { .. }) => return Err(denied),
                Err(error) => {
                    self.untagged.get_or_insert(error);
                }
            }
        }
        self.hold_tags = match lists.hold {
            None => HoldTags::Unasked,
            Some(Ok(HoldValues { certain, candidates: unread })) => {
                candidates.extend(unread.iter().map(|no| (no.clone(), true)));
                HoldTags::Read { values: certain, unread }
            }
            Some(Err(denied @ CloudError::Denied { .. })) => return Err(denied),
            Some(Err(error)) => {
                self.untagged.get_or_insert(error);
                HoldTags::Unread
            }
        };
        Ok(candidates)
    }

    fn answer(&mut self, question: TagQuestion, mut holders: Holders) {
        let verdict = |instance: &Instance| match () {
            () if holders.certain.remove(&instance.no) => Verdict::Yes,
            () if holders.candidates.contains(&instance.no) => Verdict::Unreadable,
            () => Verdict::No,
        };
        let verdicts = self.instances.iter().map(verdict).collect();
        self.verdicts.insert(question, verdicts);
        self.unlisted_tagged.append(&mut holders.certain);
    }

    fn need(&self, questions: &TagQuestions, index: usize, may_be_held: bool) -> Need {
        let instance = &self.instances[index];
        self.described(index, |it| questions.need(instance, it, may_be_held))
    }

    /// The indexes of pending instances; those that a rule waits for come first.
    pub(crate) fn to_read(&self, questions: &TagQuestions) -> Vec<usize> {
        let waits = |index: &usize| self.need(questions, *index, true) == Need::Now;
        let pending = |index: &usize| self.pending.contains(&self.instances[*index].no);
        let (mut first, later): (Vec<usize>, Vec<usize>) =
            (0..self.instances.len()).filter(pending).partition(waits);
        first.extend(later);
        first
    }

    /// The answers for some instances, given by index, from their own tags. When those could not be
    /// read, the lists' answers stay.
    pub(crate) fn resolved(
        &self,
        questions: &TagQuestions,
        read: &[(usize, Result<Tags, CloudError>)],
        tags_moment: Moment,
    ) -> Self {
        let verdict = |question: &TagQuestion, (index, tags): &(usize, _)| match tags {
            Ok(tags) if question.holds_for(tags) => Verdict::Yes,
            Ok(_) => Verdict::No,
            Err::<Tags, CloudError>(_) => self.verdict(question, *index),
        };
        let of_question = |question: &TagQuestion| {
            let verdicts = read.iter().map(|read| verdict(question, read)).collect();
            (question.clone(), verdicts)
        };
        let failures = || read.iter().filter_map(|(_, tags)| tags.as_ref().err());
        let instances: Vec<Instance> =
            read.iter().map(|(index, _)| self.instances[*index].clone()).collect();
        let is_among = |no: &InstanceNo| instances.iter().any(|instance| instance.no == *no);
        let mut hold_tags = self.hold_tags.clone();
        if let (HoldTags::Read { values, unread }, Some(key)) = (&mut hold_tags, &questions.hold) {
            values.retain(|no, _| is_among(no));
            unread.retain(is_among);
            for (instance, (_, tags)) in instances.iter().zip(read) {
                let Ok(tags) = tags else { continue };
                unread.remove(&instance.no);
                match tags.iter().find(|(known, _)| same(known, key)) {
                    Some((_, value)) => values.insert(instance.no.clone(), value.clone()),
                    None => values.remove(&instance.no),
                };
            }
        }
        Self {
            region: self.region.clone(),
            read_at: self.read_at,
            read_moment: self.read_moment,
            // A list's verdict that stands in for unreadable tags is as old as the list.
            tags_moment: if failures().next().is_some() { self.tags_moment } else { tags_moment },
            unread: Vec::new(),
            untagged: failures().find(|error| error.may_pass()).or(failures().next()).cloned(),
            unlisted_tagged: BTreeSet::new(),
            pending: BTreeSet::new(),
            own_tags_moments: HashMap::new(),
            verdicts: questions.selectors.iter().map(of_question).collect(),
            hold_tags,
            instances,
        }
    }

    /// Takes in answers for some instances, which are then no longer pending.
    pub(crate) fn absorb(&mut self, resolved: &Self) {
        let places: HashMap<&InstanceNo, usize> =
            self.instances.iter().enumerate().map(|(place, it)| (&it.no, place)).collect();
        for (question, verdicts) in &mut self.verdicts {
            for (index, instance) in resolved.instances.iter().enumerate() {
                verdicts[places[&instance.no]] = resolved.verdict(question, index);
            }
        }
        if let (HoldTags::Read { values, unread }, HoldTags::Read { values: known, .. }) =
            (&mut self.hold_tags, &resolved.hold_tags)
        {
            unread.retain(|no| {
                resolved.is_hold_unread(no) || !resolved.instances.iter().any(|it| it.no == *no)
            });
            values.extend(known.clone());
        }
        for instance in &resolved.instances {
            self.pending.remove(&instance.no);
            self.own_tags_moments.insert(instance.no.clone(), resolved.tags_moment);
        }
        if self.untagged.is_none() {
            self.untagged.clone_from(&resolved.untagged);
        }
    }

    /// The time from which an instance's tags were asked for.
    pub fn tags_moment_of(&self, instance: &InstanceNo) -> Moment {
        self.own_tags_moments.get(instance).copied().unwrap_or(self.tags_moment)
    }

    /// The answer to a question for the instance at `index`.
    pub fn verdict(&self, question: &TagQuestion, index: usize) -> Verdict {
        let verdict = self.verdicts.get(question).and_then(|verdicts| verdicts.get(index));
        verdict.copied().unwrap_or(Verdict::Unreadable)
    }

    /// Judges the instance at `index` by all that is known of it.
    pub fn described<T>(&self, index: usize, judge: impl FnOnce(&Description<'_>) -> T) -> T {
        let tags = |question: &TagQuestion| self.verdict(question, index);
        judge(&Description::of(&self.instances[index], &tags))
    }

    /// Whether an instance's hold tag was asked for and could not be read.
    pub fn is_hold_unread(&self, instance: &InstanceNo) -> bool {
        match &self.hold_tags {
            HoldTags::Unasked => false,
            HoldTags::Unread => true,
            HoldTags::Read { unread, .. } => unread.contains(instance),
        }
    }

    /// The hold tag of an instance; `None` when nobody asked, or the tag could not be read.
    pub fn hold_tag(&self, instance: &Instance) -> Option<FoundTag> {
        let HoldTags::Read { values, unread } = &self.hold_tags else { return None };
        (!unread.contains(&instance.no)).then(|| FoundTag {
            no: instance.no.clone(),
            name: instance.name.clone(),
            value: values.get(&instance.no).cloned(),
        })
    }
}
