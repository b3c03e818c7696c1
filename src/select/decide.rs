//! Decides what a firing does with each instance that its rule selects. Pure.
//!
//! `plan` shows decisions, and the stopper carries them out. Both gather the [`Facts`] from the
//! log. Guards are about the firing as a whole; `eligibility` has them.

use std::borrow::Borrow;
use std::collections::HashMap;

use super::eligibility::{Eligibility, Match, obstacle};
use crate::hold::{Hold, RuleInstance, binding};
use crate::model::instance::{Instance, InstanceNo};
use crate::model::reason::Reason;
use crate::schedule::Rule;

/// The facts of the log about the instances of a firing.
#[derive(Debug)]
pub struct Facts<H> {
    /// The instances that earlier actions exclude, with the reasons.
    pub excluded: HashMap<InstanceNo, Reason>,
    /// The holds in force.
    pub holds: Vec<H>,
}

/// The decision about one instance.
#[derive(Debug)]
pub struct Decision<'a, H> {
    pub instance: &'a Instance,
    /// The first reason against a request; `None` if it is asked for.
    pub against: Option<Against<'a, H>>,
}

/// A reason to ask nothing of an instance. The order is the order in which they count.
#[derive(Debug)]
pub enum Against<'a, H> {
    /// The rule does not mean it, or may not mean it.
    Ineligible(Eligibility),
    /// It is where the action leads.
    AtGoal,
    Excluded(&'a Reason),
    Held(&'a H),
    /// Its state, which may change within the patience of a firing.
    Obstacle(Reason),
}

/// Decides about the instances that a rule selects in a reading, in their order.
pub fn decide<'a, H: Borrow<Hold>>(
    rule: &Rule,
    matches: impl IntoIterator<Item = &'a Match<'a>>,
    facts: &'a Facts<H>,
) -> Vec<Decision<'a, H>> {
    let decision = |found: &'a Match<'a>| Decision {
        instance: found.instance,
        against: against(rule, found, facts),
    };
    matches.into_iter().map(decision).collect()
}

fn against<'a, H: Borrow<Hold>>(
    rule: &Rule,
    found: &'a Match<'a>,
    facts: &'a Facts<H>,
) -> Option<Against<'a, H>> {
    let Match { instance, eligibility } = found;
    let is_there = instance.is_at_goal_of(rule.action);
    // Tags that could not be read matter only where something would be asked.
    let is_ineligible = eligibility.reason().is_some() && !(eligibility.is_unread() && is_there);
    if is_ineligible {
        return Some(Against::Ineligible(*eligibility));
    }
    if is_there {
        return Some(Against::AtGoal);
    }
    if let Some(reason) = facts.excluded.get(&instance.no) {
        return Some(Against::Excluded(reason));
    }
    let Rule { name, account, .. } = rule;
    let whom = RuleInstance { rule: name, account, no: &instance.no, name: &instance.name };
    if let Some(hold) = binding(&facts.holds, whom) {
        return Some(Against::Held(hold));
    }
    obstacle(instance, rule.action).map(Against::Obstacle)
}

impl<H: Borrow<Hold>> Against<'_, H> {
    /// The reason in words; `None` where nothing is left to do.
    pub fn reason(&self, rule: &Rule) -> Option<Reason> {
        match self {
            Self::Ineligible(eligibility) => eligibility.reason(),
            Self::AtGoal => None,
            Self::Excluded(reason) => Some((*reason).clone()),
            Self::Held(hold) => {
                let hold: &Hold = (*hold).borrow();
                Some(hold.reason(rule.timezone))
            }
            Self::Obstacle(reason) => Some(reason.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::instance::{Operation, PowerState, Product, RegionCode, Status};
    use crate::model::subject::Subject;
    use crate::schedule::Schedules;
    use std::path::Path;

    /// The decision about `개발-1` in words.
    fn decided(status: Status, eligibility: Eligibility, is_late: bool, is_held: bool) -> String {
        let text = "timezone = 'UTC'\naccounts.main.platform = 'vpc'\n[[rules]]\nname = 'night'\n\
                    action = 'stop'\ncron = '0 20 * * *'\nselect.names = ['*']\n";
        let (schedules, _) = Schedules::parse(Path::new("s.toml"), text).unwrap();
        let instance = Instance {
            no: InstanceNo::new("7").unwrap(),
            name: "개발-1".to_owned(),
            region: RegionCode::new("KR").unwrap(),
            status,
            operation: Operation::new("NULL", true),
            booted_at: None,
            created_at: None,
            product: Product::default(),
            tags: None,
        };
        let hold = Hold {
            subject: Subject::Instance("\u{1100}\u{1162}\u{1107}\u{1161}\u{11af}-1".to_owned()),
            until: "2026-11-24T02:00:00Z".parse().unwrap(),
            skip: false,
            why: None,
            who: "kim".to_owned(),
        };
        let excluded = is_late.then(|| (instance.no.clone(), Reason::StopNotRecorded));
        let facts = Facts {
            excluded: excluded.into_iter().collect(),
            holds: if is_held { vec![hold] } else { Vec::new() },
        };
        let found = [Match { instance: &instance, eligibility }];
        let decisions = decide(&schedules.rules[0], &found, &facts);
        match &decisions[..] {
            [Decision { against: None, .. }] => "act".to_owned(),
            [Decision { against: Some(Against::AtGoal), .. }] => "already".to_owned(),
            [Decision { against: Some(against), .. }] => {
                against.reason(&schedules.rules[0]).unwrap().to_string()
            }
            decisions => panic!("{decisions:?}"),
        }
    }

    #[test]
    fn the_first_reason_in_the_order_counts_and_tags_matter_only_where_something_is_asked() {
        use Eligibility::{Chosen, Excepted, HoldUnread};
        let run = || Status::new("RUN", PowerState::Running);
        let nstop = || Status::new("NSTOP", PowerState::Stopped);
        let init = || Status::new("INIT", PowerState::Changing);
        let unread = HoldUnread.reason().unwrap().to_string();
        let others = Reason::StopNotRecorded.to_string();
        for (status, eligibility, excluded, held, expected) in [
            (run(), Chosen, false, false, "act"),
            (nstop(), Chosen, true, true, "already"),
            (nstop(), Excepted, true, true, "excepted"),
            (nstop(), HoldUnread, true, true, "already"),
            (run(), HoldUnread, true, true, &*unread),
            (run(), Chosen, true, true, &*others),
            (init(), Chosen, false, true, "held until 2026-11-24 02:00+00:00 by kim"),
            (init(), Chosen, false, false, "busy: INIT"),
        ] {
            let words = decided(status.clone(), eligibility, excluded, held);
            assert_eq!(words, expected, "{status} {eligibility:?} {excluded} {held}");
        }
    }
}
