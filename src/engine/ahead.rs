//! Foretells stops: finds whom they mean, some time before they are due, for the targets of
//! `[[notify]]` that asked for `ahead`.
//!
//! Reads the account and the log as `plan` does, and sends no request that changes anything. The
//! stops of one instant in one account are told together, and each target is told of each once,
//! which `notice` sees to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use tracing::warn;

use crate::audit::{AuditError, AuditReader};
use crate::engine::dispatch::{ActiveConfig, Dispatch};
use crate::engine::facts::foreseen;
use crate::inventory::{Reading, TagReads};
use crate::model::instance::{AccountName, Action};
use crate::notice::{Foretold, ForetoldServer, NoticeSender, Notices};
use crate::schedule::{Rule, Schedules};
use crate::select::decide::{Against, decide};
use crate::select::eligibility::{Selection, can_drift, guard};
use crate::text::error_chain::chain;

/// The real time for which one look repeats its calls.
const PATIENCE: Duration = Duration::from_secs(30);
/// The pause before an account that could not be read is read again.
const AGAIN: Duration = Duration::from_secs(60);

/// The most stops of a rule that are foretold at once: one that stops every second tells of its
/// next ones.
const MOST_AT_ONCE: usize = 10;

/// What was foretold, and when the next stop is to be.
#[derive(Debug, Default)]
pub struct Foretelling {
    /// Stops up to here have been foretold, for each time ahead.
    told: BTreeMap<Duration, DateTime<Utc>>,
    /// Nothing is due before.
    next: Option<DateTime<Utc>>,
}

/// The stops of one instant in one account.
struct Coming {
    dispatch: Dispatch,
    in_use: ActiveConfig,
    account: AccountName,
    at: DateTime<Utc>,
    rules: Vec<Arc<Rule>>,
    notice_sender: NoticeSender,
}

impl Foretelling {
    /// Starts what is due, beside everything else. What was foretold before this process began is
    /// found again, and told nobody twice.
    pub fn poll(
        &mut self,
        dispatch: &Dispatch,
        in_use: &ActiveConfig,
        notices: &Notices,
        running: &mut JoinSet<()>,
    ) {
        let now = dispatch.clock.now();
        let times: BTreeSet<Duration> =
            in_use.schedules.notify.iter().filter_map(|notify| notify.ahead).collect();
        if times.is_empty() || self.next.is_some_and(|next| now < next) {
            return;
        }
        let mut coming: BTreeMap<(DateTime<Utc>, AccountName), Vec<Arc<Rule>>> = BTreeMap::new();
        self.next = None;
        for ahead in times {
            let told = self.told.entry(ahead).or_insert(now);
            // A clock that was set back has everything before it once more.
            let (from, until) = ((*told).min(now + ahead).max(now), now + ahead);
            for rule in stops(&in_use.schedules) {
                let stops = rule.occurrences(from).map(|it| it.at);
                for at in stops.take_while(|at| *at <= until).take(MOST_AT_ONCE) {
                    let rules = coming.entry((at, rule.account.clone())).or_default();
                    if !rules.iter().any(|known| Arc::ptr_eq(known, rule)) {
                        rules.push(Arc::clone(rule));
                    }
                }
                let due = rule.next_after(until).map(|it| it.at - ahead);
                self.next = due.into_iter().chain(self.next).min();
            }
            *told = until;
        }
        // Where no rule ever fires again, a day is soon enough to ask anew.
        self.next.get_or_insert(now + Duration::from_secs(86_400));
        for ((at, account), rules) in coming {
            let coming = Coming {
                dispatch: dispatch.clone(),
                in_use: in_use.clone(),
                account,
                at,
                rules,
                notice_sender: notices.notice_sender(),
            };
            let mut shutdown = dispatch.shutdown.clone();
            running.spawn(async move {
                tokio::select! {
                    () = coming.foretell() => {}
                    () = shutdown.due() => {}
                }
            });
        }
    }

    /// Has everything looked for anew: the file has changed.
    pub fn begin_anew(&mut self) {
        *self = Self::default();
    }
}

/// The rules that stop servers.
fn stops(schedules: &Schedules) -> impl Iterator<Item = &Arc<Rule>> {
    let stops = |rule: &&Arc<Rule>| rule.enabled && !rule.dry_run && rule.action == Action::Stop;
    schedules.rules.iter().filter(stops)
}

impl Coming {
    /// Tries until the account and the log can be read, or the stop is due.
    async fn foretell(&self) {
        let Dispatch { clock, .. } = &self.dispatch;
        while clock.now() < self.at {
            match self.look().await {
                Ok(foretold) => {
                    if !foretold.is_empty() {
                        self.notice_sender.foretold(foretold);
                    }
                    return;
                }
                Err(why) => {
                    warn!(account = %self.account, why, "nobody can be told yet whom a stop means");
                    clock.sleep(AGAIN).await;
                }
            }
        }
    }

    /// Whom each rule means; nothing of a rule that means nobody.
    async fn look(&self) -> Result<Vec<Foretold>, String> {
        let Dispatch { audit, clock, .. } = &self.dispatch;
        let ActiveConfig { schedules, clouds, .. } = &self.in_use;
        let questions = schedules.tag_questions(self.rules.iter().map(AsRef::as_ref));
        let until = clock.moment() + clock.pace(PATIENCE);
        let reads = Arc::new(TagReads::default());
        let cloud = &clouds[&self.account];
        let reading = Reading::count(cloud, clock, &questions, (until, &reads)).await;
        let reading = reading.map_err(|error| error.to_string())?;
        let log = AuditReader::open(audit.path()).await.map_err(|error| chain(&error))?;
        let mut foretold = Vec::new();
        for rule in &self.rules {
            let told = self.of_rule(rule, &reading, &log).await.map_err(|error| chain(&error))?;
            foretold.extend(told);
        }
        drop(log.close().await);
        Ok(foretold)
    }

    async fn of_rule(
        &self,
        rule: &Arc<Rule>,
        reading: &Reading,
        log: &AuditReader,
    ) -> Result<Option<Foretold>, AuditError> {
        let schedules = &self.in_use.schedules;
        let selection = Selection::of(rule, &schedules.protect, reading);
        // Holds and grace count as they will stand then.
        let known = (Some(log), self.at);
        let facts = foreseen((schedules, rule), (&selection, reading), known).await?;
        let decisions = decide(rule, &selection.matches, &facts);
        let meant = decisions
            .iter()
            .filter(|decision| matches!(decision.against, None | Some(Against::Obstacle(_))));
        let servers: Vec<ForetoldServer> = meant
            .map(|decision| ForetoldServer {
                region: decision.instance.region.clone(),
                no: decision.instance.no.clone(),
                name: decision.instance.name.clone(),
            })
            .collect();
        if servers.is_empty() {
            return Ok(None);
        }
        let matched = selection.matches.len();
        let most =
            if can_drift(rule, matched) { log.most_matched(&rule.name).await? } else { None };
        let guarded = guard(rule, (selection.chosen().count(), matched), most);
        Ok(Some(Foretold { rule: Arc::clone(rule), at: self.at, servers, guarded }))
    }
}
