//! The orders for a stopper: the rule, the instances, the deadline, and the rest of a dead process.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::late::{Late, Wanted};
use crate::audit::OpenTarget;
use crate::clock::Moment;
use crate::model::ids::FiringId;
use crate::model::instance::{Instance, InstanceNo};
use crate::model::outcome_sum::OutcomeSum;
use crate::model::reason::Reason;
use crate::model::settlement::Settlement;
use crate::schedule::selector::Selector;
use crate::schedule::tag_questions::TagQuestions;
use crate::schedule::{HoldTerms, Rule};
use crate::select::unmatched::Telling;
use crate::stop_limit::Allowance;

/// A claimed firing with its rule.
#[derive(Clone, Debug)]
pub struct Firing {
    pub id: FiringId,
    /// The rule at the time of the claim.
    pub rule: Arc<Rule>,
    /// `[protect]` at that time.
    pub protect: Arc<Selector>,
    /// `[holds]` at that time.
    pub holds: Arc<HoldTerms>,
    /// The stop budget to keep to; `None` when there is none.
    pub allowance: Option<Arc<Allowance>>,
    pub dry_run: bool,
    /// The due time; `None` when a person fires the rule.
    pub due_at: Option<DateTime<Utc>>,
    /// The longest time, counted from the beginning of its work.
    pub patience: Duration,
    /// The end of patience, once the work has begun.
    pub deadline: Moment,
    /// The end of the firing, even for instances that wait for their turn. The other half of its
    /// window falls due then, and the two must never turn one instance in opposite directions.
    pub ends: Option<Moment>,
    /// Present when the firing runs late: the later wishes that it must respect.
    pub late: Option<Late>,
    /// The way to report unmatched selector entries; `None` for no report.
    pub telling: Option<Telling>,
    pub turn: Turn,
    /// The variables that no program of the file may see.
    pub secrets: Arc<[String]>,
}

/// Whether a firing may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    Now,
    /// It waits for its delay, or for the servers of the rule that comes first.
    ToCome,
    /// It waited in vain: no server gets a request.
    Missed(Reason),
}

#[derive(Clone, Debug, Default)]
pub struct Report {
    /// All settlements that were recorded.
    pub settlements: Vec<Settlement>,
    /// The number of instances and unread regions that are still open because the process must end.
    /// 1 when the account was not read at all.
    pub open: usize,
    /// The unmatched entries of the selectors and of `[protect]` to report.
    pub unmatched: Vec<String>,
}

impl Report {
    /// The sum of what this process settled.
    pub fn sum(&self) -> OutcomeSum {
        let mut sum = OutcomeSum::default();
        for it in &self.settlements {
            sum.add(it.instance.is_some(), Some(it.outcome), 1);
        }
        sum
    }
}

/// The rest of a firing that another process left open.
#[derive(Clone, Copy, Debug)]
pub struct Resumable<'a> {
    /// The instances without a settlement.
    pub targets: &'a [OpenTarget],
    /// The instances with a settlement.
    pub settled: &'a [InstanceNo],
    /// Why instances without a request get none; `None` when they do.
    pub over: Option<Over>,
}

/// The reasons why an open firing is only brought to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The rule is gone: nothing is sent at all.
    Unwanted,
    /// The patience is over: only requests without effect are repeated.
    Late,
}

impl Over {
    /// The reason not to repeat a request that had no effect.
    pub fn why(self) -> Reason {
        match self {
            Self::Unwanted => Reason::RuleGone,
            Self::Late => Reason::Other("its patience is over".to_owned()),
        }
    }

    /// The reason to leave an instance that had no request.
    pub fn reason(self) -> Reason {
        Reason::NotAsked { rule_is_gone: self == Self::Unwanted }
    }
}

impl Firing {
    /// Whether it catches up on deferred actions.
    pub fn is_makeup(&self) -> bool {
        self.late.as_ref().is_some_and(|late| matches!(late.wanted, Wanted::For(_)))
    }

    /// Whether the firing includes an instance that its rule selects. A firing that catches up
    /// includes only the deferred ones.
    pub(super) fn is_about(&self, instance: &Instance) -> bool {
        self.late.as_ref().is_none_or(|late| late.wanted.of(&instance.no).is_some())
    }

    /// The questions of the rule, `[protect]` and `[holds]` about tags.
    pub(super) fn questions(&self) -> TagQuestions {
        self.questions_of([])
    }

    /// The same questions, with those of the rules against the firing.
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
}
