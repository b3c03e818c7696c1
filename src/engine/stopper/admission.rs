//! Admits the instances of a reading to a firing: judges them, counts them, and takes each once.
//!
//! `select` judges by rules. [`super::submit`] sends the requests.

use std::collections::{BTreeMap, BTreeSet};

use tracing::warn;

use super::Firing;
use super::admitted::Admitted;
use super::exclusions::in_region;
use super::execution::Execution;
use super::target::{STALE_AFTER, Stage, Target};
use crate::audit::AuditError;
use crate::clock::Moment;
use crate::cloud::Unread;
use crate::engine::facts::hold_tags;
use crate::hold::HoldEntry;
use crate::inventory::{Reading, RegionReading};
use crate::model::instance::{Instance, InstanceNo};
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::model::settlement::Settlement;
use crate::schedule::selector::{Description, Verdict};
use crate::select::decide::{Against, Decision, Facts, decide};
use crate::select::eligibility::{Eligibility, Match, Selection, can_drift, guard};

impl Execution<'_> {
    /// Admits the instances of a reading that the firing does not have yet. When a guard stops the
    /// firing, nobody is admitted and nothing more is sent. While pending tags may still raise a
    /// guard, the reading waits.
    pub(crate) async fn admit(&mut self, reading: &Reading) -> Result<(), AuditError> {
        for matching in &mut self.matching {
            matching.take(reading);
        }
        let selection = self.selection(reading);
        self.count(reading, &selection);
        if self.over.is_none() {
            if self.admitted.barred.is_some() || self.bar().await? {
                return Ok(());
            }
            let is_pending = !self.admitted.pending.is_empty();
            self.admitted.is_too_soon = is_pending && self.guard(is_pending).await?.is_some();
        }
        self.admitted.parked.push(reading.clone());
        if !self.admitted.is_too_soon {
            self.let_in_what_is_parked().await?;
        }
        Ok(())
    }

    /// Checks the guards. Returns whether one stops the firing.
    async fn bar(&mut self) -> Result<bool, AuditError> {
        let Some((by, why)) = self.guard(false).await? else { return Ok(false) };
        let firing = self.firing;
        warn!(rule = %firing.rule.name, firing = i64::from(firing.id), reason = %why, "{by}, nothing sent");
        self.admitted.barred = Some(Reason::Guarded { by, why: why.clone() });
        self.admitted.parked.clear();
        self.settle_all(vec![Settlement::of_firing(by, Reason::Other(why))]).await?;
        Ok(true)
    }

    /// Counts instances that became eligible when they were judged again.
    pub(crate) async fn count_chosen(&mut self, chosen: Vec<InstanceNo>) -> Result<(), AuditError> {
        let before = self.admitted.chosen.len();
        self.admitted.chosen.extend(chosen);
        let may_bar = self.admitted.barred.is_none() && self.over.is_none();
        if self.admitted.chosen.len() > before && may_bar {
            self.bar().await?;
        }
        Ok(())
    }

    async fn let_in_what_is_parked(&mut self) -> Result<(), AuditError> {
        for reading in std::mem::take(&mut self.admitted.parked) {
            self.let_in(&reading).await?;
        }
        Ok(())
    }

    /// The rule's selection in a reading, within the firing's instances.
    fn selection<'r>(&self, reading: &'r Reading) -> Selection<'r> {
        let firing = self.firing;
        let mut selection = Selection::of(&firing.rule, &firing.protect, reading);
        selection.narrow(|instance| firing.is_about(instance));
        if firing.late.is_some() {
            // Rules against the firing may need tags that its own rule does not ask about.
            selection.wait_for_all(reading);
        }
        selection
    }

    /// Notes the number of instances, and those that are still to be judged.
    fn count(&mut self, reading: &Reading, selection: &Selection<'_>) {
        let rule = &self.firing.rule;
        let may_be_meant = |no: &Option<InstanceNo>| {
            let verdict = |no| rule.select.all_of(&Description::by_number(no));
            no.as_ref().is_none_or(|no| verdict(no) != Verdict::No)
        };
        let admitted = &mut self.admitted;
        admitted.untagged.extend(reading.untagged.clone());
        for region in &reading.regions {
            let odd = region.unread.iter().filter(|unread| may_be_meant(&unread.no));
            let row = |unread: &Unread| (region.region.clone(), unread.error.to_string());
            admitted.odd.extend(odd.map(|unread| (row(unread), unread.no.clone())));
            for instance in &region.instances {
                admitted.pending.remove(&instance.no);
                admitted.unjudged.remove(&instance.no);
            }
            let unread = selection.matches.iter();
            let unread = unread.filter(|found| is_unread_for_good(found, reading));
            let unjudged = selection.unjudged.iter().copied();
            let unjudged = unjudged.chain(unread.map(|found| found.instance));
            let here = unjudged.filter(|it| it.region == region.region);
            for (instance, error) in here.zip(region.untagged.iter().cycle()) {
                let place = (region.region.clone(), error.clone());
                admitted.unjudged.insert(instance.no.clone(), place);
            }
        }
        let pending = selection.pending.iter().map(|found| found.instance);
        admitted.pending.extend(pending.map(|it| (it.no.clone(), it.clone())));
        admitted.chosen.extend(selection.chosen().map(|instance| instance.no.clone()));
        let is_selected = |found: &&Match<'_>| found.eligibility != Eligibility::SelectionUnread;
        let pending = selection.pending.iter().filter(is_selected);
        let matched = selection.matches.iter().chain(pending);
        admitted.matched.extend(matched.map(|found| found.instance.no.clone()));
    }

    async fn let_in(&mut self, reading: &Reading) -> Result<(), AuditError> {
        let firing = self.firing;
        let now = self.stopper.clock.moment();
        let selection = self.selection(reading);
        let targets = &mut self.admitted.targets;
        let mut fresh: Vec<&Match<'_>> = selection
            .matches
            .iter()
            .filter(|found| targets.insert(found.instance.no.clone()))
            .collect();
        if self.over.is_some() {
            // Other servers appeared after the firing.
            let known = self.stopper.audit.seen_before_us(&firing.rule.account).await?;
            fresh.retain(|found| known.contains(&found.instance.no));
        }
        let seen: Vec<&Match<'_>> = fresh.iter().copied().chain(&selection.pending).collect();
        let here = |region: &RegionReading| in_region(&seen, &region.region);
        let seen: Vec<_> = reading.regions.iter().map(|it| (here(it), it.read_at)).collect();
        self.observe(&seen, &hold_tags(fresh.iter().copied(), reading)).await?;
        let facts = self.facts(&fresh, reading).await?;
        let decisions = decide(&firing.rule, fresh.iter().copied(), &facts);
        let settled = |(found, decision): (&&Match<'_>, &Decision<'_, HoldEntry>)| {
            // Without the right to read tags, a later reading will show no more.
            let is_last_word = firing.dry_run || is_unread_for_good(found, reading);
            let word = settled_at_once(firing, decision, is_last_word, &facts)?;
            // The instance may have changed since the list was read.
            let is_not_asked = firing.dry_run || self.over.is_some();
            let is_recent = is_not_asked || !is_old(found, reading, now);
            (word.outcome != Outcome::Already || is_recent).then_some(word)
        };
        let words: Vec<Settlement> = fresh.iter().zip(&decisions).filter_map(settled).collect();
        let is_unread = |found: &&&Match<'_>| found.eligibility.is_unread();
        let unread: BTreeSet<&InstanceNo> =
            fresh.iter().filter(is_unread).map(|found| &found.instance.no).collect();
        for word in &words {
            let (Some(no), Some(region)) = (&word.instance, &word.region) else { continue };
            self.admitted.note_end(word, unread.contains(no), region);
        }
        let is_settled: BTreeSet<&InstanceNo> =
            words.iter().filter_map(|word| word.instance.as_ref()).collect();
        for region in &reading.regions {
            let here = |found: &&&Match<'_>| found.instance.region == region.region;
            let chased = fresh.iter().filter(here);
            let chased = chased.filter(|found| !is_settled.contains(&found.instance.no));
            self.targets.extend(chased.map(|found| {
                let mut target =
                    Target::new(found.instance.clone(), Stage::Unasked, region.read_moment);
                target.judge(found.eligibility, region.tags_moment);
                if !target.is_in_line(firing.rule.action) {
                    target.take_turn(self.stopper.clock.moment());
                }
                target
            }));
        }
        let matched: Vec<&Instance> = fresh.iter().map(|found| found.instance).collect();
        self.stopper.audit.targets(firing.id, &matched, &words).await?;
        self.report.settlements.extend(words);
        Ok(())
    }

    /// Gives up on unread data when the time of the whole firing is over.
    pub(crate) async fn leave_what_was_not_read(&mut self) -> Result<(), AuditError> {
        self.let_in_what_is_parked().await?;
        let pending: Vec<Instance> =
            std::mem::take(&mut self.admitted.pending).into_values().collect();
        let left = |instance: &Instance| Settlement {
            instance: Some(instance.no.clone()),
            region: Some(instance.region.clone()),
            status_after: Some(instance.status.code().to_owned()),
            ..Settlement::of_firing(Outcome::Skipped, Reason::TagsLate)
        };
        let words: Vec<Settlement> = pending.iter().map(left).collect();
        let instances: Vec<&Instance> = pending.iter().collect();
        self.admitted.targets.extend(pending.iter().map(|it| it.no.clone()));
        self.stopper.audit.targets(self.firing.id, &instances, &words).await?;
        self.report.settlements.extend(words);
        Ok(())
    }

    /// The guard that stops the firing, with its numbers; on request, with pending instances as
    /// chosen.
    async fn guard(&self, with_pending: bool) -> Result<Option<(Outcome, String)>, AuditError> {
        let rule = &self.firing.rule;
        let Admitted { chosen, matched, pending, .. } = &self.admitted;
        let more = |known: &BTreeSet<InstanceNo>| {
            pending.keys().filter(|no| with_pending && !known.contains(*no)).count()
        };
        let counts = (chosen.len() + more(chosen), matched.len() + more(matched));
        let most = if can_drift(rule, counts.1) {
            self.stopper.audit.most_matched(&rule.name, self.firing.id).await?
        } else {
            None
        };
        Ok(guard(rule, counts, most))
    }

    /// One settlement for each region in which the rule could not be judged completely.
    pub(crate) fn failed_regions(&self) -> Vec<Settlement> {
        let unlisted = self.inventory.unlisted().into_iter();
        let unlisted = unlisted.map(|(region, error)| (region, "could not be listed", error));
        let mut unjudged: BTreeMap<_, _> = self.admitted.unjudged.values().cloned().collect();
        let Admitted { left_unread, tried, untagged, .. } = &self.admitted;
        for region in left_unread.difference(tried) {
            let error = untagged.get(region).map(|error| (region.clone(), error.clone()));
            unjudged.extend(error);
        }
        let unjudged = unjudged.into_iter();
        let unjudged =
            unjudged.map(|(region, error)| (region, "its tags could not be read", error));
        unlisted
            .chain(unjudged)
            .map(|(region, what, error)| Settlement {
                region: Some(region),
                ..Settlement::of_firing(
                    Outcome::CloudFailed,
                    Reason::Other(format!("{what}: {error}")),
                )
            })
            .collect()
    }
}

/// Whether the state of an instance is too old to act on.
fn is_old(found: &Match<'_>, reading: &Reading, now: Moment) -> bool {
    let region = reading.regions.iter().find(|it| it.region == found.instance.region);
    region.is_none_or(|region| now.since(region.read_moment) > STALE_AFTER)
}

/// Whether tags that the judgement needs cannot be read, now or later.
fn is_unread_for_good(found: &Match<'_>, reading: &Reading) -> bool {
    let untagged = reading.untagged.get(&found.instance.region);
    found.eligibility.is_unread() && untagged.is_some_and(|error| !error.may_pass())
}

/// The settlement of an instance before any request; `None` when it becomes a target.
/// `is_last_word`: later readings will tell no more.
fn settled_at_once(
    firing: &Firing,
    decision: &Decision<'_, HoldEntry>,
    is_last_word: bool,
    facts: &Facts<HoldEntry>,
) -> Option<Settlement> {
    let (instance, rule) = (decision.instance, &firing.rule);
    let said = |outcome, reason| Settlement {
        instance: Some(instance.no.clone()),
        region: Some(instance.region.clone()),
        status_after: Some(instance.status.code().to_owned()),
        ..Settlement::of_firing(outcome, reason)
    };
    let Some(against) = &decision.against else {
        return firing.dry_run.then(|| said(Outcome::DryRun, None));
    };
    let skipped = said(Outcome::Skipped, against.reason(rule));
    match against {
        Against::AtGoal => Some(said(Outcome::Already, None)),
        Against::Ineligible(eligibility) if eligibility.is_unread() && !is_last_word => {
            let reason = facts.excluded.get(&instance.no)?;
            Some(said(Outcome::Skipped, Some(reason.clone())))
        }
        Against::Ineligible(_) | Against::Excluded(_) => Some(skipped),
        Against::Held(entry) => Some(Settlement { hold: Some(entry.id), ..skipped }),
        Against::Obstacle(_) => firing.dry_run.then_some(skipped),
    }
}
