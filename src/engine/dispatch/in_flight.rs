//! Knows the firings that this process follows, so that a rule does not overlap itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::engine::stopper::Firing;
use crate::model::ids::FiringId;
use crate::model::instance::{Action, RuleName};
use crate::schedule::Rule;

/// Identifies a rule. The start of a window does not overlap its stop: the stop's patience ends
/// with the window, and the start waits for instances that are still busy.
pub(crate) type Key = (RuleName, Action);

pub(crate) fn key(rule: &Rule) -> Key {
    (rule.name.clone(), rule.action)
}

/// The firings under way, with their rules. A firing that catches up has no rule here, because it
/// overlaps with nothing. Clones share the same set.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight(Arc<Mutex<BTreeMap<FiringId, Option<Key>>>>);

/// A firing under way. Dropping this ends it, even in a panic.
#[derive(Debug)]
pub(crate) struct Followed {
    in_flight: InFlight,
    id: FiringId,
}

impl InFlight {
    /// For each rule under way, its earliest firing.
    pub(crate) fn rules(&self) -> HashMap<Key, FiringId> {
        let lock = self.lock();
        let of_rule = |(id, key): (&FiringId, &Option<Key>)| Some((key.clone()?, *id));
        lock.iter().rev().filter_map(of_rule).collect()
    }

    pub(crate) fn ids(&self) -> HashSet<FiringId> {
        self.lock().keys().copied().collect()
    }

    /// Adds a firing that is about to be followed.
    pub(crate) fn note(&self, firing: &Firing) {
        let key = (!firing.is_makeup()).then(|| key(&firing.rule));
        self.lock().insert(firing.id, key);
    }

    /// Follows a firing until the result is dropped.
    pub(crate) fn follow(&self, firing: &Firing) -> Followed {
        self.note(firing);
        Followed { in_flight: self.clone(), id: firing.id }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<FiringId, Option<Key>>> {
        self.0.lock().expect("nobody panics while holding it")
    }
}

impl Followed {
    pub(crate) fn id(&self) -> FiringId {
        self.id
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.in_flight.lock().remove(&self.id);
    }
}
