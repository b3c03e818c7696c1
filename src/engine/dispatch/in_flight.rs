//! The firings that this process follows.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::engine::stopper::Firing;
use crate::model::ids::FiringId;
use crate::model::instance::{Action, RuleName};
use crate::schedule::Rule;

/// What tells rules apart. The start of a window does not overlap its stop, whose patience ends
/// with the window: what that left busy, the start waits for.
pub(crate) type Key = (RuleName, Action);

/// What tells this rule from others.
pub(crate) fn key(rule: &Rule) -> Key {
    (rule.name.clone(), rule.action)
}

/// The firings that are being followed, and their rules; of one that makes up for others, which
/// nothing overlaps with, there is none. A clone knows the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight(Arc<Mutex<BTreeMap<FiringId, Option<Key>>>>);

/// A firing that is being followed, for as long as this lives, even through a panic.
#[derive(Debug)]
pub(crate) struct Followed {
    in_flight: InFlight,
    id: FiringId,
}

impl InFlight {
    /// The firing by which each rule is being followed, where it is: the earliest.
    pub(crate) fn rules(&self) -> HashMap<Key, FiringId> {
        let lock = self.lock();
        let of_rule = |(id, key): (&FiringId, &Option<Key>)| Some((key.clone()?, *id));
        lock.iter().rev().filter_map(of_rule).collect()
    }

    /// Every firing that is being followed.
    pub(crate) fn ids(&self) -> HashSet<FiringId> {
        self.lock().keys().copied().collect()
    }

    /// Notes a firing that is to be followed at once.
    pub(crate) fn note(&self, firing: &Firing) {
        let key = (!firing.is_makeup()).then(|| key(&firing.rule));
        self.lock().insert(firing.id, key);
    }

    /// Follows a firing for as long as the result lives.
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
