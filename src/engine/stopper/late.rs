//! What a firing must heed that runs late: what was wanted after it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::ids::FiringId;
use crate::model::instance::{Action, Instance, InstanceNo};
use crate::schedule::Rule;
use crate::select::candidates::Candidates;

/// What a firing that runs late must heed: an instance that a later firing has turned the other
/// way is left as that one wants it.
#[derive(Clone, Debug)]
pub struct Late {
    /// When it was wanted, and for which instances.
    pub wanted: Wanted,
    /// The firings of the opposite action that run now as well.
    pub rivals: Rivals,
    /// The rules of the opposite action on the account that have fallen due between then and when
    /// the firing began, whatever came of that.
    pub opposed_by: Opposed,
}

#[derive(Clone, Debug)]
pub enum Wanted {
    /// Then, for everything that its rule selects.
    At(DateTime<Utc>),
    /// It makes up for others: for these instances alone, and for each at that time.
    For(BTreeMap<InstanceNo, DateTime<Utc>>),
}

/// A firing that wants the opposite.
#[derive(Clone, Debug)]
pub struct Rival {
    pub firing: FiringId,
    pub rule: Arc<Rule>,
    pub wanted: Wanted,
}

/// Firings that want the opposite. A clone is the same ones.
#[derive(Clone, Debug, Default)]
pub struct Rivals(Arc<(Vec<Rival>, Candidates)>);

/// The rules that have fallen due after a time. However many firings heed them, they are there
/// once: those of a later time are the first of those of an earlier one.
#[derive(Clone, Debug, Default)]
pub struct Opposed {
    fallen_due: Arc<FallenDue>,
    count: usize,
}

#[derive(Debug, Default)]
pub struct FallenDue {
    /// Each with when it fell due last, the latest first.
    rules: Vec<(DateTime<Utc>, Arc<Rule>)>,
    candidates: Candidates,
}

impl Rivals {
    pub fn of(rivals: Vec<Rival>) -> Self {
        let candidates = Candidates::of(rivals.iter().map(|rival| &rival.rule.select));
        Self(Arc::new((rivals, candidates)))
    }

    /// Those that may be about an instance.
    pub fn about(&self, instance: &Instance) -> impl Iterator<Item = &Rival> {
        let places = self.0.1.for_instance(instance);
        places.into_iter().map(|place| &self.0.0[place])
    }
}

impl FallenDue {
    /// Rules, each with when it fell due last.
    pub fn of(mut rules: Vec<(DateTime<Utc>, Arc<Rule>)>) -> Self {
        rules.sort_by_key(|(at, _)| Reverse(*at));
        let candidates = Candidates::of(rules.iter().map(|(_, rule)| &rule.select));
        Self { rules, candidates }
    }
}

impl Opposed {
    /// Those that fell due after `since`.
    pub fn since(fallen_due: &Arc<FallenDue>, since: DateTime<Utc>) -> Self {
        let count = fallen_due.rules.partition_point(|(at, _)| *at > since);
        Self { fallen_due: Arc::clone(fallen_due), count }
    }

    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.fallen_due.rules[..self.count].iter().map(|(_, rule)| &**rule)
    }

    /// Those that may be about an instance.
    pub fn about(&self, instance: &Instance) -> impl Iterator<Item = &Rule> {
        let places = self.fallen_due.candidates.for_instance(instance).into_iter();
        let mine = places.take_while(|place| *place < self.count);
        mine.map(|place| &*self.fallen_due.rules[place].1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether all rules of the other are among these for sure.
    pub fn covers(&self, other: &Self) -> bool {
        other.is_empty()
            || (Arc::ptr_eq(&self.fallen_due, &other.fallen_due) && other.count <= self.count)
    }
}

impl Wanted {
    /// When it was wanted first.
    pub fn first(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(at) => Some(*at),
            Self::For(instances) => instances.values().min().copied(),
        }
    }

    /// When it was wanted for an instance; `None` if never.
    pub fn of(&self, instance: &InstanceNo) -> Option<DateTime<Utc>> {
        match self {
            Self::At(at) => Some(*at),
            Self::For(instances) => instances.get(instance).copied(),
        }
    }
}

impl Late {
    /// The instances among those, each with when it was wanted.
    pub fn wanted<'i>(
        &self,
        instances: impl IntoIterator<Item = &'i InstanceNo>,
    ) -> Vec<(InstanceNo, DateTime<Utc>)> {
        let wanted = |no: &'i InstanceNo| Some((no.clone(), self.wanted.of(no)?));
        instances.into_iter().filter_map(wanted).collect()
    }

    /// Why an instance is left to a later firing, instead of doing `action` to it.
    pub fn left_to(&self, later: FiringId, action: Action) -> String {
        format!("late: firing {later}, due after it, is to {} it", action.opposite())
    }
}
