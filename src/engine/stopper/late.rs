//! The later wishes that a late firing must respect. [`super::exclusions`] applies them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::ids::FiringId;
use crate::model::instance::{Action, Instance, InstanceNo};
use crate::model::reason::Reason;
use crate::schedule::Rule;
use crate::select::candidates::Candidates;

/// The constraints of a late firing. An instance that a later firing has turned the other way stays
/// as that firing wants it.
#[derive(Clone, Debug)]
pub struct Late {
    /// The wanted time, and the instances.
    pub wanted: Wanted,
    /// The firings of the opposite action that run at the same time.
    pub rivals: Rivals,
    /// The opposite rules on the account that have fallen due between the wanted time and the
    /// firing's beginning, whatever their result.
    pub opposed_by: Opposed,
}

#[derive(Clone, Debug)]
pub enum Wanted {
    /// All instances that the rule selects, wanted at this time.
    At(DateTime<Utc>),
    /// Only these instances, each wanted at its time: the firing catches up.
    For(BTreeMap<InstanceNo, DateTime<Utc>>),
}

/// A firing that wants the opposite.
#[derive(Clone, Debug)]
pub struct Rival {
    pub firing: FiringId,
    pub rule: Arc<Rule>,
    pub wanted: Wanted,
}

/// Firings that want the opposite. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Rivals(Arc<(Vec<Rival>, Candidates)>);

/// The rules that have fallen due after a time. All firings share one list, because the rules after
/// a later time are the first of those after an earlier one.
#[derive(Clone, Debug, Default)]
pub struct Opposed {
    fallen_due: Arc<FallenDue>,
    count: usize,
}

#[derive(Debug, Default)]
pub struct FallenDue {
    /// Each rule with its last due time, the latest first.
    rules: Vec<(DateTime<Utc>, Arc<Rule>)>,
    candidates: Candidates,
}

impl Rivals {
    pub fn of(rivals: Vec<Rival>) -> Self {
        let candidates = Candidates::of(rivals.iter().map(|rival| &rival.rule.select));
        Self(Arc::new((rivals, candidates)))
    }

    /// The firings that may include an instance.
    pub fn about(&self, instance: &Instance) -> impl Iterator<Item = &Rival> {
        let places = self.0.1.for_instance(instance);
        places.into_iter().map(|place| &self.0.0[place])
    }
}

impl FallenDue {
    /// From rules with their last due times.
    pub fn of(mut rules: Vec<(DateTime<Utc>, Arc<Rule>)>) -> Self {
        rules.sort_by_key(|(at, _)| Reverse(*at));
        let candidates = Candidates::of(rules.iter().map(|(_, rule)| &rule.select));
        Self { rules, candidates }
    }
}

impl Opposed {
    /// The rules that fell due after `since`.
    pub fn since(fallen_due: &Arc<FallenDue>, since: DateTime<Utc>) -> Self {
        let count = fallen_due.rules.partition_point(|(at, _)| *at > since);
        Self { fallen_due: Arc::clone(fallen_due), count }
    }

    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.fallen_due.rules[..self.count].iter().map(|(_, rule)| &**rule)
    }

    /// The rules that may mean an instance.
    pub fn about(&self, instance: &Instance) -> impl Iterator<Item = &Rule> {
        let places = self.fallen_due.candidates.for_instance(instance).into_iter();
        let mine = places.take_while(|place| *place < self.count);
        mine.map(|place| &*self.fallen_due.rules[place].1)
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether these certainly include all rules of `other`.
    pub fn covers(&self, other: &Self) -> bool {
        other.is_empty()
            || (Arc::ptr_eq(&self.fallen_due, &other.fallen_due) && other.count <= self.count)
    }
}

impl Wanted {
    /// The earliest wanted time.
    pub fn first(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(at) => Some(*at),
            Self::For(instances) => instances.values().min().copied(),
        }
    }

    /// The wanted time of an instance; `None` when it is not wanted.
    pub fn of(&self, instance: &InstanceNo) -> Option<DateTime<Utc>> {
        match self {
            Self::At(at) => Some(*at),
            Self::For(instances) => instances.get(instance).copied(),
        }
    }
}

impl Late {
    /// The wanted instances among these, each with its time.
    pub fn wanted<'i>(
        &self,
        instances: impl IntoIterator<Item = &'i InstanceNo>,
    ) -> Vec<(InstanceNo, DateTime<Utc>)> {
        let wanted = |no: &'i InstanceNo| Some((no.clone(), self.wanted.of(no)?));
        instances.into_iter().filter_map(wanted).collect()
    }

    /// The reason to leave an instance to a later firing, instead of `action`.
    pub fn left_to(&self, later: FiringId, action: Action) -> Reason {
        Reason::LeftTo { firing: later, action: action.opposite() }
    }
}
