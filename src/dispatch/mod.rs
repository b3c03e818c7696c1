//! From due to done: claims firings, shares one reading of an account among those of one
//! instant, and hands each to the stopper.
//!
//! `claiming` turns what is due into firings of this process, `recovery` takes up what was left
//! open, `in_flight` knows what is being followed.

mod claiming;
mod in_flight;
mod recovery;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tracing::error;

use self::in_flight::{Followed, InFlight};
use crate::audit::{AuditError, AuditLog, FileId, FiringId};
use crate::clock::{Clock, Moment};
use crate::cloud::Cloud;
use crate::instance::AccountName;
use crate::reading::Survey;
use crate::schedule::{Rule, Schedules};
use crate::shutdown::Shutdown;
use crate::spending::Allowance;
use crate::stopper::{Firing, Report, Stopper, Wanted};

/// One account's cloud for each account of the file.
pub type Clouds = BTreeMap<AccountName, Arc<dyn Cloud>>;

/// A schedules.toml in use: its rules, its file text in the log, and its accounts' clouds.
#[derive(Clone, Debug)]
pub struct InUse {
    /// The rules.
    pub schedules: Arc<Schedules>,
    /// Their text in the log.
    pub file: FileId,
    /// Where they act.
    pub clouds: Arc<Clouds>,
}

/// Carries firings out.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Where everything is recorded first.
    pub audit: Arc<AuditLog>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// When to leave what is open to the next start.
    pub shutdown: Shutdown,
    in_flight: InFlight,
}

impl Dispatch {
    /// A dispatch with nothing in flight.
    #[must_use]
    pub fn new(audit: Arc<AuditLog>, clock: Arc<dyn Clock>, shutdown: Shutdown) -> Self {
        Self { audit, clock, shutdown, in_flight: InFlight::default() }
    }

    /// Carries firings of one instant out: one reading an account, then all at the same time.
    /// Returns each firing's report in the order given; `Err` where the log failed it.
    pub async fn carry_out(
        &self,
        firings: Vec<Firing>,
        in_use: &InUse,
    ) -> Vec<Result<Report, AuditError>> {
        let mut accounts: BTreeMap<AccountName, Vec<(usize, Firing)>> = BTreeMap::new();
        for (place, firing) in firings.into_iter().enumerate() {
            accounts.entry(firing.rule.account.clone()).or_default().push((place, firing));
        }
        let mut running = JoinSet::new();
        for (account, firings) in accounts {
            let (dispatch, in_use) = (self.clone(), in_use.clone());
            running.spawn(async move { dispatch.in_account(&account, firings, &in_use).await });
        }
        let mut reports: Vec<_> = running.join_all().await.into_iter().flatten().collect();
        reports.sort_by_key(|(place, _)| *place);
        reports.into_iter().map(|(_, report)| report).collect()
    }

    async fn in_account(
        &self,
        account: &AccountName,
        firings: Vec<(usize, Firing)>,
        in_use: &InUse,
    ) -> Vec<(usize, Result<Report, AuditError>)> {
        let followed = |(place, firing)| {
            let followed = self.in_flight.follow(&firing);
            (place, firing, followed)
        };
        let firings: Vec<(usize, Firing, Followed)> = firings.into_iter().map(followed).collect();
        let cloud = Arc::clone(&in_use.clouds[account]);
        let late = firings.iter().filter_map(|(_, firing, _)| firing.late.as_ref());
        let opposed_by = late.flat_map(|late| &late.opposed_by).map(AsRef::as_ref);
        let rules = firings.iter().map(|(_, firing, _)| &*firing.rule).chain(opposed_by);
        let questions = in_use.schedules.tag_questions(rules);
        let until = firings.iter().map(|(_, firing, _)| firing.deadline).max();
        let until = until.unwrap_or_else(|| self.clock.moment());
        let clock = Arc::clone(&self.clock);
        let survey = Survey::begin(Arc::clone(&cloud), clock, questions, until);
        let stopper = self.stopper(&cloud);
        let mut running = JoinSet::new();
        for (place, firing, followed) in firings {
            let (stopper, survey) = (stopper.clone(), survey.clone());
            let audit = Arc::clone(&self.audit);
            running.spawn(async move {
                let report = stopper.run(&firing, survey).await;
                if let Err(error) = &report {
                    audit.heed(error);
                    error!(firing = i64::from(firing.id), error = chain(error), "firing left open");
                }
                drop(followed);
                (place, report)
            });
        }
        running.join_all().await
    }

    fn firing(&self, id: FiringId, rule: Arc<Rule>, dry_run: bool, in_use: &InUse) -> Firing {
        let deadline = self.deadline(&rule, rule.patience);
        let protect = Arc::new(in_use.schedules.protect.clone());
        let holds = Arc::new(in_use.schedules.holds.clone());
        let allowance = Allowance::of(&in_use.schedules, &rule).map(Arc::new);
        Firing { id, rule, protect, holds, allowance, dry_run, deadline, late: None }
    }

    /// The rules of the opposite action on the same account that have fallen due since a late
    /// firing was wanted.
    fn opposed_by(&self, rule: &Rule, wanted: &Wanted, in_use: &InUse) -> Vec<Arc<Rule>> {
        let (Some(since), now) = (wanted.first(), self.clock.now()) else { return Vec::new() };
        let is_opposed = |other: &&Arc<Rule>| {
            (other.action, &other.account) == (rule.action.opposite(), &rule.account)
                && other.enabled
                && !other.dry_run
                && other.next_after(since).is_some_and(|next| next.at <= now)
        };
        in_use.schedules.rules.iter().filter(is_opposed).cloned().collect()
    }

    /// When patience runs out; for half of a window when the other half falls due, at the latest,
    /// so that the two never ask for one instance at cross-purposes.
    fn deadline(&self, rule: &Rule, patience: Duration) -> Moment {
        let now = self.clock.now();
        let undone_in = rule.undone_after(now).map(|at| (at - now).to_std().unwrap_or_default());
        self.clock.moment() + undone_in.map_or(patience, |left| left.min(patience))
    }

    fn stopper(&self, cloud: &Arc<dyn Cloud>) -> Stopper {
        Stopper {
            cloud: Arc::clone(cloud),
            audit: Arc::clone(&self.audit),
            clock: Arc::clone(&self.clock),
            shutdown: self.shutdown.clone(),
        }
    }
}

/// An error and its causes on one line.
#[must_use]
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
