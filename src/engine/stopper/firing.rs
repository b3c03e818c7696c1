//! What the stopper is told: which rule, whom, by when, and what a process before this one left.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::late::{Late, Wanted};
use crate::audit::OpenTarget;
use crate::clock::Moment;
use crate::hold::Whom;
use crate::model::ids::FiringId;
use crate::model::instance::{Instance, InstanceNo};
use crate::model::settlement::Settlement;
use crate::schedule::selector::{Selector, TagQuestions};
use crate::schedule::{HoldTerms, Rule};
use crate::select::unmatched::Telling;
use crate::stop_limit::Allowance;

/// A claimed firing, and the rule it fires under.
#[derive(Clone, Debug)]
pub struct Firing {
    pub id: FiringId,
    /// The rule as it was when it fired.
    pub rule: Arc<Rule>,
    /// `[protect]` as it was then.
    pub protect: Arc<Selector>,
    /// `[holds]` as it was then.
    pub holds: Arc<HoldTerms>,
    /// What it must leave of the stop budget of each instance; `None` where it need not.
    pub allowance: Option<Arc<Allowance>>,
    pub dry_run: bool,
    /// When it fell due; `None` where nobody but a person asked for it.
    pub due_at: Option<DateTime<Utc>>,
    /// How long it may take from when it is worked on.
    pub patience: Duration,
    /// When patience runs out, once it is worked on.
    pub deadline: Moment,
    /// When all of it ends, whatever is still waiting for its turn: the other half of its window
    /// falls due then, and the two never ask for one instance at cross-purposes.
    pub ends: Option<Moment>,
    /// What it must heed because it runs late; `None` when it does not.
    pub late: Option<Late>,
    /// How it tells of what its selectors match nothing with; `None` where it does not.
    pub telling: Option<Telling>,
}

#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Every word that was recorded about it.
    pub settlements: Vec<Settlement>,
    /// What is still open because the process was told to end first: instances, and regions that
    /// were still being read. 1 where the account had not been read at all by then.
    pub open: usize,
    /// What its selectors, or `[protect]`, match nothing with, where that is to be said.
    pub unmatched: Vec<String>,
}

/// What another process left open of a firing.
#[derive(Clone, Copy, Debug)]
pub struct Resumable<'a> {
    /// The instances that nothing has been said of yet.
    pub targets: &'a [OpenTarget],
    /// The instances that all has been said of.
    pub settled: &'a [InstanceNo],
    /// Why nothing is asked that was not asked before; `None` where it is.
    pub over: Option<Over>,
}

/// Why a firing that another process left open is only brought to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Its rule is gone: nothing is asked at all.
    Unwanted,
    /// Its patience was over by then: what had been asked without effect is asked again.
    Late,
}

impl Over {
    /// Why what was asked without effect is not asked again.
    pub fn why(self) -> &'static str {
        match self {
            Self::Unwanted => "its rule is gone",
            Self::Late => "its patience is over",
        }
    }

    /// Why what was never asked is left alone.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Unwanted => "not asked by the time its process died, and its rule is gone",
            Self::Late => "not asked by the time its process died, and its patience is over",
        }
    }
}

impl Firing {
    /// Whether it makes up for others.
    pub fn is_makeup(&self) -> bool {
        self.late.as_ref().is_some_and(|late| matches!(late.wanted, Wanted::For(_)))
    }

    /// Whether it is about an instance that its rule selects: one that makes up for others is
    /// about those alone.
    pub(super) fn is_about(&self, instance: &Instance) -> bool {
        self.late.as_ref().is_none_or(|late| late.wanted.of(&instance.no).is_some())
    }

    /// What the rule, `[protect]` and `[holds]` ask about tags.
    pub(super) fn questions(&self) -> TagQuestions {
        self.questions_of([])
    }

    /// The same, with what the rules ask that it heeds.
    pub(super) fn all_questions(&self) -> TagQuestions {
        self.questions_of(self.late.iter().flat_map(|late| late.opposed_by.rules()))
    }

    pub(super) fn questions_of<'r>(
        &'r self,
        others: impl IntoIterator<Item = &'r Rule>,
    ) -> TagQuestions {
        let rules = [&*self.rule].into_iter().chain(others);
        let asked = rules.map(|rule| (rule.action, &rule.select, &rule.except));
        TagQuestions::of(asked, &self.protect, self.holds.tag.clone())
    }

    /// An instance in this firing, as holds are about it.
    pub(super) fn whom<'a>(&'a self, instance: &'a Instance) -> Whom<'a> {
        let Rule { name: rule, account, .. } = &*self.rule;
        Whom { rule, account, no: &instance.no, name: &instance.name }
    }
}
