//! Finds the rule of an open firing in a file. [`super::resume`] goes on with the firing.

use std::collections::HashMap;
use std::sync::Arc;

use crate::audit::OpenFiring;
use crate::model::instance::{AccountName, Action};
use crate::schedule::stop_budget::STOP_BUDGET;
use crate::schedule::{Rule, Schedules};

/// A file with its rules by name.
pub(super) struct Recalled {
    schedules: Arc<Schedules>,
    rules: HashMap<(String, Action), usize>,
}

impl Recalled {
    pub(super) fn of(schedules: &Arc<Schedules>) -> Self {
        let name = |(place, rule): (usize, &Arc<Rule>)| {
            ((rule.name.as_str().to_owned(), rule.action), place)
        };
        let rules = schedules.rules.iter().enumerate().map(name).collect();
        Self { schedules: Arc::clone(schedules), rules }
    }

    /// The rule of an open firing as the file has it, or would have it.
    pub(super) fn rule_of(&self, open: &OpenFiring) -> Option<Arc<Rule>> {
        if open.rule != STOP_BUDGET {
            let place = *self.rules.get(&(open.rule.clone(), open.action))?;
            return Some(Arc::clone(&self.schedules.rules[place]));
        }
        let targets = open.targets.iter().map(|target| &target.instance.no);
        let instances = targets.chain(&open.settled).cloned().collect();
        let account = AccountName::new(open.account.as_str()).ok()?;
        Some(Arc::new(self.schedules.stop_budget(&account, instances)))
    }

    /// Whether the rule of an open firing is still in force.
    pub(super) fn wants(&self, open: &OpenFiring) -> bool {
        self.rule_of(open).is_some_and(|rule| rule.enabled)
    }
}
