//! What one region showed: its instances, and for which of them each question about tags holds.

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
use crate::schedule::selector::{Need, TagQuestion, TagQuestions, Verdict};
use crate::text::normal_form::same;

impl RegionReading {
    /// A reading that is about to begin, and has shown nothing yet.
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

    /// Lists the region, and asks the questions where there are any. What lists do not tell is
    /// left pending.
    ///
    /// # Errors
    /// When it cannot be listed, or the keys are refused, whatever was asked. Tags that cannot
    /// be read for another reason are kept as `untagged`.
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

    /// Asks the questions of the instances that are there. What lists do not tell is left
    /// pending.
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

    /// Reads the tags of those that are pending, so that none is.
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

    /// Takes in what lists tell. Returns of whom they do not tell all, and whether that may be
    /// the tag that holds.
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
        let verdict = |question: &TagQuestion| self.verdict(question, index);
        questions.need(&self.instances[index], may_be_held, verdict)
    }

    /// The places of the instances that are pending, those first that a rule waits for.
    pub(crate) fn to_read(&self, questions: &TagQuestions) -> Vec<usize> {
        let waits = |index: &usize| self.need(questions, *index, true) == Need::Now;
        let pending = |index: &usize| self.pending.contains(&self.instances[*index].no);
        let (mut first, later): (Vec<usize>, Vec<usize>) =
            (0..self.instances.len()).filter(pending).partition(waits);
        first.extend(later);
        first
    }

    /// What came to be known of some of its instances, each given by its place, by reading their
    /// own tags. Where those could not be read, what lists told still holds.
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
            // Where a list's verdict stands for tags that could not be read, it is as old as that.
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

    /// Takes in what came to be known of some of its instances: they are pending no longer.
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

    /// From when on its tags were asked for.
    pub fn tags_moment_of(&self, instance: &InstanceNo) -> Moment {
        self.own_tags_moments.get(instance).copied().unwrap_or(self.tags_moment)
    }

    /// Whether the question holds for the instance at `index`.
    pub fn verdict(&self, question: &TagQuestion, index: usize) -> Verdict {
        let verdict = self.verdicts.get(question).and_then(|verdicts| verdicts.get(index));
        verdict.copied().unwrap_or(Verdict::Unreadable)
    }

    /// Whether the tag that holds was asked for and could not be read of an instance.
    pub fn is_hold_unread(&self, instance: &InstanceNo) -> bool {
        match &self.hold_tags {
            HoldTags::Unasked => false,
            HoldTags::Unread => true,
            HoldTags::Read { unread, .. } => unread.contains(instance),
        }
    }

    /// What the tag that holds says of an instance; `None` where that was not asked, or could
    /// not be read.
    pub fn hold_tag(&self, instance: &Instance) -> Option<FoundTag> {
        let HoldTags::Read { values, unread } = &self.hold_tags else { return None };
        (!unread.contains(&instance.no)).then(|| FoundTag {
            no: instance.no.clone(),
            name: instance.name.clone(),
            value: values.get(&instance.no).cloned(),
        })
    }
}
