//! Finds the holds for a plan: those in force, and those that a firing would read from tags.

use super::{Planner, unread};
use crate::hold::Hold;
use crate::hold::tag::TagTerms;
use crate::inventory::Reading;
use crate::model::found_tag::FoundTag;
use crate::schedule::Rule;
use crate::select::eligibility::{Eligibility, Selection};

impl Planner<'_> {
    /// The holds that a firing of the rule would obey now.
    pub(super) async fn holds(
        &self,
        rule: &Rule,
        selection: &Selection<'_>,
        reading: &Reading,
    ) -> Vec<Hold> {
        let found = tags(selection, reading);
        let (mut in_force, mut by_tag) = (Vec::new(), Vec::new());
        if let Some(past) = &self.past {
            match past.holds(Some(self.now)).await {
                Ok(holds) => in_force = holds,
                Err(error) => unread(&error),
            }
            match past.holds_by_tag(&rule.account, &found).await {
                Ok(holds) => by_tag = holds,
                Err(error) => unread(&error),
            }
        }
        let Some(key) = &self.schedules.holds.tag else {
            return in_force.into_iter().map(|entry| entry.hold).collect();
        };
        let terms = TagTerms {
            key,
            account: &rule.account,
            zone: rule.timezone,
            longest: self.schedules.holds.longest,
        };
        let changes = terms.changes(&by_tag, &found, self.now);
        in_force.retain(|entry| !changes.ended.contains(&entry.id));
        in_force.into_iter().map(|entry| entry.hold).chain(changes.begun).collect()
    }
}

/// The hold tags of the instances that may be acted on.
fn tags(selection: &Selection<'_>, reading: &Reading) -> Vec<FoundTag> {
    let chosen = selection.matches.iter().filter(|found| found.eligibility == Eligibility::Chosen);
    let tag = |instance: &crate::model::instance::Instance| {
        let region = reading.regions.iter().find(|region| region.region == instance.region)?;
        region.hold_tag(instance)
    };
    chosen.filter_map(|found| tag(found.instance)).collect()
}
