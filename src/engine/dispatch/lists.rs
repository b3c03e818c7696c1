//! The lists that firings of one instant share: one an account, begun when the first of them
//! is, and once more where it no longer serves those that had to wait.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::{ActiveConfig, Dispatch};
use crate::audit::AuditLog;
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::engine::stopper::{Firing, Opposed};
use crate::inventory::Inventory;
use crate::model::instance::AccountName;
use crate::schedule::selector::TagQuestions;
use crate::schedule::{Rule, Schedules};

pub(super) struct Lists {
    clock: Arc<dyn Clock>,
    schedules: Arc<Schedules>,
    accounts: BTreeMap<AccountName, List>,
    pub(super) begun: Vec<(AccountName, Inventory)>,
}

struct List {
    cloud: Arc<dyn Cloud>,
    /// What the rules of the firings ask.
    own: TagQuestions,
    /// What those ask that speak against them.
    heeded: Opposed,
    questions: TagQuestions,
    patience: Duration,
    inventory: Option<Inventory>,
    /// The regions that were told of, see [`Inventory::begin`].
    told_of: BTreeSet<String>,
}

impl Lists {
    pub(super) fn of(dispatch: &Dispatch, firings: &[Firing], in_use: &ActiveConfig) -> Self {
        let mut rules: BTreeMap<&AccountName, (Duration, HashMap<*const Rule, &Rule>)> =
            BTreeMap::new();
        for firing in firings {
            let (patience, rules) = rules.entry(&firing.rule.account).or_default();
            *patience = firing.patience.max(*patience);
            rules.insert(Arc::as_ptr(&firing.rule), &firing.rule);
        }
        let list = |(account, (patience, rules)): (&AccountName, (_, HashMap<_, &Rule>))| {
            let own = in_use.schedules.tag_questions(rules.into_values());
            let list = List {
                cloud: Arc::clone(&in_use.clouds[account]),
                questions: own.clone(),
                own,
                heeded: Opposed::default(),
                patience,
                inventory: None,
                told_of: BTreeSet::new(),
            };
            (account.clone(), list)
        };
        let accounts = rules.into_iter().map(list).collect();
        let (clock, schedules) = (Arc::clone(&dispatch.clock), Arc::clone(&in_use.schedules));
        Self { clock, schedules, accounts, begun: Vec::new() }
    }

    /// What cannot be read now is told of once more than need be.
    pub(super) async fn hear_what_was_told(&mut self, audit: &AuditLog) {
        for (account, list) in &mut self.accounts {
            list.told_of = audit.regions_told_of(account).await.unwrap_or_default();
        }
    }

    /// The list of a firing's account. Where the one that the others share is old by now, lacks
    /// regions that may be there again, or says nothing of tags that this firing asks about, it
    /// has another one.
    pub(super) fn inventory(&mut self, firing: &Firing) -> Inventory {
        let list = self.accounts.get_mut(&firing.rule.account).expect("it was made of them");
        list.heed(firing, &self.schedules);
        if let Some(inventory) = list.inventory.as_ref().filter(|inventory| !inventory.is_spent()) {
            return inventory.clone();
        }
        let until = self.clock.moment() + list.patience;
        let far = (Arc::clone(&list.cloud), Arc::clone(&self.clock));
        let inventory = Inventory::begin(far, list.questions.clone(), until, list.told_of.clone());
        self.begun.push((firing.rule.account.clone(), inventory.clone()));
        list.inventory.insert(inventory).clone()
    }
}

impl List {
    /// Asks what those rules ask as well that speak against a firing.
    fn heed(&mut self, firing: &Firing, schedules: &Schedules) {
        let Some(late) = &firing.late else { return };
        if self.heeded.covers(&late.opposed_by) {
            return;
        }
        let mut questions = self.own.clone();
        questions.extend(schedules.tag_questions(late.opposed_by.rules()));
        self.heeded = late.opposed_by.clone();
        if questions != self.questions {
            self.questions = questions;
            self.inventory = None;
        }
    }
}
