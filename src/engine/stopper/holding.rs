//! Finds the held instances of a firing: records hold tags, and reads the holds in force.
//!
//! [`crate::hold`] decides which of several holds counts.

use tracing::warn;

use super::execution::Execution;
use super::target::{Stage, Target};
use crate::audit::AuditError;
use crate::hold::HoldEntry;
use crate::hold::tag::TagTerms;
use crate::inventory::Reading;
use crate::model::found_tag::FoundTag;
use crate::model::instance::InstanceNo;
use crate::select::eligibility::{Eligibility, Match};

impl Execution<'_> {
    /// The holds in force, including those of the instances' tags.
    pub(crate) async fn holds(
        &self,
        fresh: &[&Match<'_>],
        reading: &Reading,
    ) -> Result<Vec<HoldEntry>, AuditError> {
        for region in &reading.regions {
            let chosen = fresh.iter().filter(|found| {
                found.eligibility == Eligibility::Chosen && found.instance.region == region.region
            });
            let tags: Vec<_> = chosen.filter_map(|found| region.hold_tag(found.instance)).collect();
            self.take_tags(&tags).await?;
        }
        self.stopper.audit.holds_in_force().await
    }

    /// Settles instances that were busy all through the patience and are held by now. Their action
    /// is deferred.
    pub(crate) async fn leave_what_is_held(&mut self) -> Result<(), AuditError> {
        let firing = self.firing;
        let now = self.stopper.clock.moment();
        let is_waiting = |target: &&Target| {
            target.is_open()
                && target.stage == Stage::Unasked
                && target.eligibility == Eligibility::Chosen
                && !self.has_patience(target, now)
        };
        let waiting: Vec<InstanceNo> =
            self.targets.iter().filter(is_waiting).map(|it| it.instance.no.clone()).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        for (no, hold) in self.stopper.audit.held(firing.id, &waiting).await? {
            self.with(&[no], |target| target.leave_to(&hold, firing.rule.timezone));
        }
        Ok(())
    }

    /// Records hold tags, and warns of those without a legal time.
    pub(crate) async fn take_tags(&self, found: &[FoundTag]) -> Result<(), AuditError> {
        let (rule, terms) = (&self.firing.rule, &self.firing.holds);
        let Some(key) = &terms.tag else { return Ok(()) };
        let terms =
            TagTerms { key, account: &rule.account, zone: rule.timezone, longest: terms.longest };
        let changes = self.stopper.audit.take_tags(terms, found).await?;
        for hold in changes.begun.iter().filter(|hold| hold.has_no_time()) {
            let reason = hold.reason(rule.timezone);
            warn!(instance = %hold.subject, %reason, "tag says no time; held for as long as it may be");
        }
        Ok(())
    }
}
