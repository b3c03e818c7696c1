//! Shares inventories among the firings of one instant: one for each account. A firing that had to
//! wait gets a new one when the old one no longer serves.
//!
//! [`crate::inventory`] reads the account.

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
use crate::schedule::tag_questions::TagQuestions;
use crate::schedule::{Rule, Schedules};

pub(super) struct Lists {
    clock: Arc<dyn Clock>,
    schedules: Arc<Schedules>,
    accounts: BTreeMap<AccountName, List>,
    pub(super) begun: Vec<(AccountName, Inventory)>,
}

struct List {
    cloud: Arc<dyn Cloud>,
    /// The questions about tags of the firings' own rules.
    own: TagQuestions,
    /// The rules that stand against these firings.
    heeded: Opposed,
    questions: TagQuestions,
    patience: Duration,
    inventory: Option<Inventory>,
    /// Regions whose failure is known, see [`Inventory::begin`].
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

    /// On an error, a failure that is known is only logged again.
    pub(super) async fn hear_what_was_told(&mut self, audit: &AuditLog) {
        for (account, list) in &mut self.accounts {
            list.told_of = audit.regions_told_of(account).await.unwrap_or_default();
        }
    }

    /// The inventory of a firing's account. A firing gets a new one when the shared one (1) is old,
    /// (2) lacks a region that may be back, or (3) has no answer to a question of this firing.
    pub(super) fn inventory(&mut self, firing: &Firing) -> Inventory {
        let list = self.accounts.get_mut(&firing.rule.account).expect("it was made of them");
        list.heed(firing, &self.schedules);
        if let Some(inventory) = list.inventory.as_ref().filter(|inventory| !inventory.is_spent()) {
            return inventory.clone();
        }
        let until = self.clock.moment() + list.patience;
        let account = &firing.rule.account;
        let far = (account, Arc::clone(&list.cloud), Arc::clone(&self.clock));
        let inventory = Inventory::begin(far, list.questions.clone(), until, list.told_of.clone());
        self.begun.push((account.clone(), inventory.clone()));
        list.inventory.insert(inventory).clone()
    }
}

impl List {
    /// Adds the questions of the rules that stand against a firing.
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
