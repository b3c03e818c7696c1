//! One firing, from what its rule means to what became of each instance.
//!
//! The action is a parameter: a start is a stop in the mirror. Knows a [`Cloud`], a [`Clock`]
//! and the audit log. Records before it sends, looks before it asks again, and calls what it
//! does not know unknown.
//!
//! `chase` is the loop, `admission` what lets the instances of a region in, `holding` knows which
//! of them are held, `late` says what is wanted later, `left_alone` what is left alone for the sake
//! of what was done before, `ask` and `look` are its two hands, `rights` what it makes of a right
//! that is missing, `pursuit` is what it knows of one instance, and `ending` what became of that.

mod admission;
mod exclusions;
mod execution;
mod holding;
mod late;
mod poll;
mod rights;
mod settle;
mod submit;
mod target;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::{info, warn};

use self::execution::Chase;
pub use self::late::{FallenDue, Late, Opposed, Rival, Rivals, Wanted};
pub use self::settle::times;
use crate::audit::{AuditError, AuditLog, OpenTarget};
use crate::clock::{Clock, Moment};
use crate::cloud::Cloud;
use crate::hold::Whom;
use crate::inventory::Survey;
use crate::lifecycle::Shutdown;
use crate::model::ids::FiringId;
use crate::model::instance::{Instance, InstanceNo};
use crate::model::outcome::Outcome;
use crate::model::settlement::Settlement;
use crate::schedule::selector::{Selector, TagQuestions};
use crate::schedule::{HoldTerms, Rule};
use crate::select::unmatched::Telling;
use crate::stop_limit::Allowance;

/// What firings are carried out with.
#[derive(Clone, Debug)]
pub struct Stopper {
    /// The account's cloud.
    pub cloud: Arc<dyn Cloud>,
    /// Where everything is recorded first.
    pub audit: Arc<AuditLog>,
    /// What patience is measured with.
    pub clock: Arc<dyn Clock>,
    /// When to leave what is open to the next start.
    pub shutdown: Shutdown,
}

/// A claimed firing, and the rule it fires under.
#[derive(Clone, Debug)]
pub struct Firing {
    /// Its number in the log.
    pub id: FiringId,
    /// The rule as it was when it fired.
    pub rule: Arc<Rule>,
    /// `[protect]` as it was then.
    pub protect: Arc<Selector>,
    /// `[holds]` as it was then.
    pub holds: Arc<HoldTerms>,
    /// What it must leave of the stop budget of each instance; `None` where it need not.
    pub allowance: Option<Arc<Allowance>>,
    /// Whether nothing is sent.
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

/// What became of a firing.
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
pub struct LeftOpen<'a> {
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
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Unwanted => "its rule is gone",
            Self::Late => "its patience is over",
        }
    }

    /// Why what was never asked is left alone.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Unwanted => "not asked by the time its process died, and its rule is gone",
            Self::Late => "not asked by the time its process died, and its patience is over",
        }
    }
}

impl Stopper {
    /// Carries a firing out: in the regions that were read by then, and in each of the others
    /// as soon as it can be read.
    ///
    /// # Errors
    /// When the audit log cannot be written. What was asked by then stays open in the log.
    pub async fn run(&self, firing: &Firing, mut survey: Survey) -> Result<Report, AuditError> {
        let began = self.clock.moment();
        let mut shutdown = self.shutdown.clone();
        let first = tokio::select! {
            first = survey.first(firing.deadline) => first,
            () = shutdown.due() => {
                info!(rule = %firing.rule.name, firing = i64::from(firing.id), "firing left open");
                return Ok(Report { open: 1, ..Report::default() });
            }
        };
        let mut chase = Chase::new(self, firing, survey, began);
        match first {
            Ok(reading) => chase.admit(&reading).await?,
            Err(error) => {
                warn!(rule = %firing.rule.name, firing = i64::from(firing.id), %error, "cloud failed");
                let failed = Settlement::of_firing(Outcome::CloudFailed, error.to_string());
                return self.finish(firing, vec![failed]).await;
            }
        }
        self.follow(firing, chase).await
    }

    /// Goes on with a firing that another process began. Every state is read, and judged anew,
    /// before anything is asked; what the other process had not come to is read too.
    ///
    /// # Errors
    /// When the audit log cannot be written.
    pub async fn resume(&self, firing: &Firing, left: LeftOpen<'_>) -> Result<Report, AuditError> {
        let clock = Arc::clone(&self.clock);
        let survey = if firing.deadline > clock.moment() {
            let far = (Arc::clone(&self.cloud), clock);
            Survey::begin(far, firing.all_questions(), firing.deadline, BTreeSet::new())
        } else {
            Survey::of_nothing(clock)
        };
        self.follow(firing, Chase::resumed(self, firing, left, survey)).await
    }

    /// Chases what is open and ends the firing, if nothing is left.
    async fn follow(&self, firing: &Firing, chase: Chase<'_>) -> Result<Report, AuditError> {
        let report = chase.run().await?;
        if report.open == 0 {
            self.audit.end_firing(firing.id).await?;
            info!(rule = %firing.rule.name, firing = i64::from(firing.id), "firing ended");
        } else {
            info!(rule = %firing.rule.name, firing = i64::from(firing.id), "firing left open");
        }
        Ok(report)
    }

    /// Settles a firing in which nothing (more) is sent.
    ///
    /// # Errors
    /// When the audit log cannot be written.
    pub async fn finish(
        &self,
        firing: &Firing,
        settlements: Vec<Settlement>,
    ) -> Result<Report, AuditError> {
        self.audit.settle(firing.id, &settlements).await?;
        self.audit.end_firing(firing.id).await?;
        Ok(Report { settlements, ..Report::default() })
    }
}

impl Firing {
    /// Whether it makes up for others.
    #[must_use]
    pub fn is_makeup(&self) -> bool {
        self.late.as_ref().is_some_and(|late| matches!(late.wanted, Wanted::For(_)))
    }

    /// Whether it is about an instance that its rule selects: one that makes up for others is
    /// about those alone.
    fn is_about(&self, instance: &Instance) -> bool {
        self.late.as_ref().is_none_or(|late| late.wanted.of(&instance.no).is_some())
    }

    /// What the rule, `[protect]` and `[holds]` ask about tags.
    fn questions(&self) -> TagQuestions {
        self.questions_of([])
    }

    /// The same, with what the rules ask that it heeds.
    fn all_questions(&self) -> TagQuestions {
        self.questions_of(self.late.iter().flat_map(|late| late.opposed_by.rules()))
    }

    fn questions_of<'r>(&'r self, others: impl IntoIterator<Item = &'r Rule>) -> TagQuestions {
        let rules = [&*self.rule].into_iter().chain(others);
        let asked = rules.map(|rule| (rule.action, &rule.select, &rule.except));
        TagQuestions::of(asked, &self.protect, self.holds.tag.clone())
    }

    /// An instance in this firing, as holds are about it.
    fn whom<'a>(&'a self, instance: &'a Instance) -> Whom<'a> {
        let Rule { name: rule, account, .. } = &*self.rule;
        Whom { rule, account, no: &instance.no, name: &instance.name }
    }
}
