//! Records states and hold tags of a firing's instances, and leaves instances that are held by now.
//!
//! [`crate::hold`] decides which of several holds counts.

use chrono::{DateTime, Utc};
use tracing::warn;

use super::execution::Execution;
use super::target::{Stage, Target};
use crate::audit::AuditError;
use crate::hold::tag::TagTerms;
use crate::model::found_tag::FoundTag;
use crate::model::instance::{Instance, InstanceNo};
use crate::select::eligibility::Eligibility;

impl Execution<'_> {
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

    /// Records states, each list with its time, and hold tags. Warns of tags without a legal time.
    pub(crate) async fn observe(
        &self,
        seen: &[(Vec<&Instance>, DateTime<Utc>)],
        found: &[FoundTag],
    ) -> Result<(), AuditError> {
        let rule = &self.firing.rule;
        let tags = TagTerms::of(&self.firing.holds, rule).map(|terms| (terms, found));
        let changes = self.stopper.audit.observe(&rule.account, seen, tags).await?;
        for hold in changes.begun.iter().filter(|hold| hold.has_no_time()) {
            let reason = hold.reason(rule.timezone);
            warn!(instance = %hold.subject, %reason, "tag says no time; held for as long as it may be");
        }
        Ok(())
    }
}
