//! Takes firings from due to done: claims them, shares one inventory per account and instant, and
//! hands each to the stopper.
//!
//! - `claim` turns due firings into firings of this process. `resume` takes up open ones, under the
//!   rules of the file that they began under (`recalled`).
//! - `in_flight` knows the firings under way. `lists` holds their inventories.
//! - `turn` has firings wait that do not begin at once.
//! - `opposition` finds the rules that stand against a firing by now.
//! - `shared` holds the common parts, and the file in use.

mod claim;
mod in_flight;
mod lists;
mod opposition;
mod recalled;
mod resume;
mod shared;
mod turn;

use std::pin::pin;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tracing::{error, info, warn};

use self::in_flight::{Followed, InFlight};
use self::lists::Lists;
use self::opposition::Opposition;
use crate::audit::{AuditError, AuditLog};
use crate::clock::{Clock, Moment};
use crate::cloud::Cloud;
use crate::engine::account_health::{AccountHealth, TagsShown};
use crate::engine::stopper::{Firing, Report, Stopper, Turn};
use crate::inventory::Inventory;
use crate::lifecycle::{Shutdown, ShutdownSwitch};
use crate::model::ids::FiringId;
use crate::model::instance::AccountName;
use crate::schedule::selector::Selector;
use crate::schedule::stop_budget::STOP_BUDGET;
use crate::schedule::{HoldTerms, Rule};
use crate::select::unmatched::{Telling, Told};
use crate::stop_limit::Allowance;
use crate::text::error_chain::chain;

pub use shared::{ActiveConfig, Clouds, Dispatch};

/// The most firings at work at once.
const MOST_AT_ONCE: usize = 256;

/// The common parts of all firings of a file.
struct Terms {
    protect: Arc<Selector>,
    holds: Arc<HoldTerms>,
    telling: Telling,
    secrets: Arc<[String]>,
}

impl Terms {
    fn of(in_use: &ActiveConfig, told: &Told) -> Self {
        let protect = Arc::new(in_use.schedules.protect.clone());
        let accounts = in_use.schedules.accounts.len();
        let telling = Telling { told: told.clone(), file: in_use.file, accounts };
        let secrets = in_use.schedules.secret_variables().into();
        Self { protect, holds: Arc::new(in_use.schedules.holds.clone()), telling, secrets }
    }
}

impl Dispatch {
    pub fn new(audit: Arc<AuditLog>, clock: Arc<dyn Clock>, shutdown: Shutdown) -> Self {
        let (places, turn) = (Arc::new(Semaphore::new(MOST_AT_ONCE)), Arc::default());
        Self {
            audit,
            clock,
            shutdown,
            health: None,
            in_flight: InFlight::default(),
            places,
            turn,
            told: Told::default(),
        }
    }

    /// A dispatch that also reports whether accounts can be read.
    #[must_use]
    pub fn with_sights(self) -> Self {
        Self { health: Some(AccountHealth::new(Arc::clone(&self.audit))), ..self }
    }

    /// The unmatched selector entries that this process has reported.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// Carries out the firings of one instant: one inventory per account, and as many firings at
    /// once as there are places. Returns the reports in the given order; `Err` when the log failed.
    pub async fn carry_out(
        &self,
        firings: Vec<Firing>,
        in_use: &ActiveConfig,
    ) -> Vec<Result<Report, AuditError>> {
        let mut reports = Vec::new();
        self.work_off(firings, in_use, |place, report| reports.push((place, report))).await;
        reports.sort_by_key(|(place, _)| *place);
        reports.into_iter().map(|(_, report)| report).collect()
    }

    /// Like [`Self::carry_out`], but passes on each report as it comes, with its index. A firing
    /// that has not begun when the process must end stays open.
    pub async fn work_off(
        &self,
        firings: Vec<Firing>,
        in_use: &ActiveConfig,
        mut ended: impl FnMut(usize, Result<Report, AuditError>),
    ) {
        let opposition = Opposition::among(&in_use.schedules);
        let mut lists = Lists::of(self, &firings, in_use);
        lists.hear_what_was_told(&self.audit).await;
        let (over, is_over) = ShutdownSwitch::new();
        let mut hearing = JoinSet::new();
        let followed = |(place, firing)| {
            let followed = self.in_flight.follow(&firing);
            (place, firing, followed)
        };
        let firings: Vec<(usize, Firing, Followed)> =
            firings.into_iter().enumerate().map(followed).collect();
        let mut running = JoinSet::new();
        let to_come = |(_, firing, _): &(usize, Firing, Followed)| firing.turn == Turn::ToCome;
        let (waiting, firings): (Vec<_>, Vec<_>) = firings.into_iter().partition(to_come);
        for (place, firing, followed) in waiting {
            let in_its_turn = self.clone().in_its_turn(firing, in_use.clone());
            running.spawn(async move {
                let report = in_its_turn.await;
                drop(followed);
                (place, report)
            });
        }
        let turn = self.turn.lock().await;
        for (place, mut firing, followed) in firings {
            let Some(taken) = self.place(&mut running, &mut ended).await else {
                info!(rule = %firing.rule.name, firing = i64::from(firing.id), "firing left open");
                ended(place, Ok(Report { open: 1, ..Report::default() }));
                continue;
            };
            self.begin(&mut firing, in_use, &opposition);
            let inventory = lists.inventory(&firing);
            for (account, inventory) in lists.begun.drain(..) {
                hearing.spawn(self.clone().hear(account, inventory, is_over.clone()));
            }
            let stopper = self.stopper(&in_use.clouds[&firing.rule.account]);
            let audit = Arc::clone(&self.audit);
            running.spawn(async move {
                let report = stopper.run(&firing, inventory).await;
                if let Err(error) = &report {
                    audit.heed(error);
                    leave_open(firing.id, error);
                }
                drop((followed, taken));
                (place, report)
            });
        }
        drop((turn, lists));
        while let Some(joined) = running.join_next().await {
            let (place, report) = joined.unwrap_or_else(rethrow);
            ended(place, report);
        }
        over.throw();
        while hearing.join_next().await.is_some() {}
    }

    /// Reports whether the account can be read, from the firings' own inventory. Says nothing when
    /// all firings end first.
    async fn hear(self, account: AccountName, mut inventory: Inventory, mut is_over: Shutdown) {
        let (Some(health), mut shutdown) = (self.health, self.shutdown) else { return };
        tokio::select! {
            biased;
            shown = inventory.shown() => health.note(&account, &shown, TagsShown::Unasked).await,
            () = shutdown.due() => {}
            () = is_over.due() => {}
        }
    }

    /// Waits for a place, and passes on finished reports meanwhile. `None` when the process must
    /// end.
    async fn place(
        &self,
        running: &mut JoinSet<(usize, Result<Report, AuditError>)>,
        ended: &mut impl FnMut(usize, Result<Report, AuditError>),
    ) -> Option<OwnedSemaphorePermit> {
        let mut shutdown = self.shutdown.clone();
        let places = Arc::clone(&self.places);
        let mut place = pin!(places.acquire_owned());
        loop {
            tokio::select! {
                biased;
                () = shutdown.due() => return None,
                taken = &mut place => return Some(taken.expect("it is never closed")),
                Some(joined) = running.join_next() => {
                    let (place, report) = joined.unwrap_or_else(rethrow);
                    ended(place, report);
                }
            }
        }
    }

    /// Starts a firing's patience, and finds what stands against it by now.
    fn begin(&self, firing: &mut Firing, in_use: &ActiveConfig, opposition: &Opposition) {
        opposition.heed(firing, self.clock.now());
        let deadline = self.clock.moment() + firing.patience;
        firing.deadline = firing.ends.map_or(deadline, |ends| ends.min(deadline));
        firing.allowance = Allowance::of(&in_use.schedules, &firing.rule).map(Arc::new);
    }

    fn firing(&self, id: FiringId, rule: &Arc<Rule>, dry_run: bool, terms: &Terms) -> Firing {
        Firing {
            id,
            rule: Arc::clone(rule),
            protect: Arc::clone(&terms.protect),
            holds: Arc::clone(&terms.holds),
            allowance: None,
            dry_run,
            due_at: None,
            patience: rule.patience,
            deadline: self.clock.moment(),
            ends: rule.undone_after(self.clock.now()).map(|at| self.moment_of(at)),
            late: None,
            telling: (rule.name.as_str() != STOP_BUDGET).then(|| terms.telling.clone()),
            secrets: Arc::clone(&terms.secrets),
            turn: if rule.pace.is_prompt() || dry_run { Turn::Now } else { Turn::ToCome },
        }
    }

    /// A time on the clock that measures patience. A past time becomes now.
    fn moment_of(&self, at: DateTime<Utc>) -> Moment {
        self.clock.moment() + (at - self.clock.now()).to_std().unwrap_or_default()
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

/// Says why a firing goes on elsewhere or later.
fn leave_open(firing: FiringId, error: &AuditError) {
    if matches!(error, AuditError::Superseded { .. }) {
        warn!(%firing, "another node has taken the firing over, and goes on with it");
    } else {
        error!(%firing, error = chain(error), "firing left open");
    }
}

/// Passes on the panic of a firing to its caller.
fn rethrow<T>(error: JoinError) -> T {
    std::panic::resume_unwind(error.into_panic())
}
