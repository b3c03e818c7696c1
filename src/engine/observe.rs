//! Finds starts and stops by others between firings. Observes each account when the daemon starts,
//! and then at intervals. Records changes in the log, and lets each rule follow its
//! `on_manual_start`.
//!
//! 1. An observation only lists. That is one call a region on VPC, one a zone on Classic, and more
//!    when a list has pages. Regions and zones are asked for once.
//! 2. When anything asks about tags, one call shows whether they can be read. Only rules that do
//!    not `leave` a start ask about tags.
//! 3. While any process has a firing of the account under way, an observation reports whether the
//!    account can be read, and then waits. Its data is dropped, because the firing reads anew.
//! 4. An account that cannot be read is observed again soon; [`crate::engine::account_health`]
//!    reports it. With `every = "off"` only this and the first observation take place, and change
//!    nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};
use tracing::{info, warn};

use crate::audit::AuditError;
use crate::clock::Moment;
use crate::engine::account_health::TagsShown;
use crate::engine::dispatch::{ActiveConfig, Dispatch};
use crate::inventory::Reading;
use crate::model::instance::{AccountName, Action, Instance, InstanceNo, PowerState};
use crate::notice::{NoticeSender, Notices};
use crate::schedule::Rule;
use crate::schedule::observe::OnManualStart;
use crate::schedule::selector::TagQuestion;
use crate::schedule::tag_questions::TagQuestions;
use crate::select::eligibility::Selection;
use crate::select::unmatched::{self, Telling};
use crate::text::error_chain::chain;

/// The real time for which one observation repeats its calls.
const PATIENCE: Duration = Duration::from_secs(30);
/// The pause after a firing before its account is observed.
const PAUSE: Duration = Duration::from_secs(30);

/// The pause before an unreadable account is observed again.
const AGAIN: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub struct Observer {
    /// The beginning of the last observation of each account.
    begun: BTreeMap<AccountName, Moment>,
    under_way: BTreeMap<AccountName, AbortHandle>,
    troubles: Troubles,
}

/// The trouble of each account's last observation, if any.
#[derive(Clone, Debug, Default)]
struct Troubles(Arc<Mutex<BTreeMap<AccountName, String>>>);

struct ObservationTask {
    dispatch: Dispatch,
    in_use: ActiveConfig,
    account: AccountName,
    notice_sender: NoticeSender,
}

impl Observer {
    /// Starts the observations that are due, beside everything else. The first are due at once.
    pub fn poll(
        &mut self,
        dispatch: &Dispatch,
        in_use: &ActiveConfig,
        notices: &Notices,
        running: &mut JoinSet<()>,
    ) {
        let now = dispatch.clock.moment();
        self.under_way.retain(|_, look| !look.is_finished());
        for account in in_use.schedules.accounts.keys() {
            let is_lost = dispatch.health.as_ref().is_some_and(|it| it.is_lost(account));
            let pause = match in_use.schedules.observe {
                Some(every) if is_lost => Some(every.min(AGAIN)),
                None if is_lost => Some(AGAIN),
                every => every,
            };
            let is_due = self
                .begun
                .get(account)
                .is_none_or(|begun| pause.is_some_and(|pause| now.since(*begun) >= pause));
            if !is_due || self.under_way.contains_key(account) {
                continue;
            }
            self.begun.insert(account.clone(), now);
            let look = ObservationTask {
                dispatch: dispatch.clone(),
                in_use: in_use.clone(),
                account: account.clone(),
                notice_sender: notices.notice_sender(),
            };
            let (troubles, mut shutdown) = (self.troubles.clone(), dispatch.shutdown.clone());
            let task = running.spawn(async move {
                tokio::select! {
                    trouble = look.run() => troubles.note(&look.account, trouble),
                    () = shutdown.due() => {}
                }
            });
            self.under_way.insert(account.clone(), task);
        }
    }

    /// Makes all accounts due: the file or the keys may have changed.
    pub fn begin_anew(&mut self) {
        for look in std::mem::take(&mut self.under_way).into_values() {
            look.abort();
        }
        self.begun.clear();
    }
}

impl Troubles {
    /// Logs the trouble of an observation when it differs from the last.
    fn note(&self, account: &AccountName, trouble: Option<String>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match trouble {
            Some(trouble) if known.get(account) == Some(&trouble) => {}
            Some(trouble) => {
                warn!(%account, trouble, "account could not be looked at in full; changes may be missed");
                known.insert(account.clone(), trouble);
            }
            None => {
                if known.remove(account).is_some() {
                    info!(%account, "account can be looked at in full again");
                }
            }
        }
    }
}

impl ObservationTask {
    /// Observes as soon as no firing is under way. Returns trouble other than an unreadable
    /// account.
    async fn run(&self) -> Option<String> {
        match self.look().await {
            Ok(trouble) => trouble,
            Err(error) => Some(chain(&error)),
        }
    }

    async fn look(&self) -> Result<Option<String>, AuditError> {
        let Dispatch { audit, clock, .. } = &self.dispatch;
        let observes = self.in_use.schedules.observe.is_some();
        let rules = if observes { self.watching() } else { Vec::new() };
        let questions = match rules.as_slice() {
            [] => TagQuestions::default(),
            rules => self.in_use.schedules.tag_questions(rules.iter().copied()),
        };
        // This part does not wait for firings to end.
        let mut is_first = true;
        let reading = loop {
            let is_firing = audit.is_firing(&self.account).await?;
            if !is_firing || std::mem::take(&mut is_first) {
                let until = clock.moment() + clock.pace(PATIENCE);
                let cloud = &self.in_use.clouds[&self.account];
                let reading = Reading::glance(cloud, clock, &questions, until).await;
                if let Some(health) = &self.dispatch.health {
                    let shown = reading.as_ref().map(|reading| reading.unlisted.clone());
                    let shown = shown.map_err(Clone::clone);
                    let tags = match &reading {
                        Ok(reading) => self.tags(reading, until).await,
                        Err(_) => TagsShown::Unasked,
                    };
                    health.note(&self.account, &shown, tags).await;
                }
                if let Ok(reading) = &reading {
                    self.say_what_matches_nothing(reading);
                }
                let (true, Ok(reading)) = (observes, reading) else { return Ok(None) };
                if !is_firing && !audit.is_firing(&self.account).await? {
                    break reading;
                }
            }
            clock.sleep(PAUSE).await;
        };
        for region in &reading.regions {
            let instances: Vec<&Instance> = region.instances.iter().collect();
            audit.seen(&self.account, &instances, region.read_at).await?;
        }
        for rule in rules {
            self.heed(rule, &reading).await?;
        }
        Ok(trouble(&reading))
    }

    /// Whether tags can be read, when anything at work asks about them.
    async fn tags(&self, reading: &Reading, until: Moment) -> TagsShown {
        let schedules = &self.in_use.schedules;
        let is_at_work = |rule: &&Rule| rule.enabled && rule.account == self.account;
        let rules = || schedules.rules.iter().map(AsRef::as_ref).filter(is_at_work);
        let of_all = schedules.protect.questions().map(|tag| &tag.key);
        let of_all = of_all.chain(&schedules.holds.tag).next();
        let key = of_all.or(rules().flat_map(asked).map(|tag| &tag.key).next());
        let mut regions = reading.regions.iter();
        let region = regions.find(|region| !region.instances.is_empty());
        let (Some(_), Some(key), Some(region)) = (rules().next(), key, region) else {
            return TagsShown::Read;
        };
        let spares_rules = of_all.is_none() && rules().any(|rule| asked(rule).next().is_none());
        let cloud = &self.in_use.clouds[&self.account];
        match cloud.probe_tags(&region.region, key, until).await {
            Ok(()) => TagsShown::Read,
            Err(error) => TagsShown::Unread { error, spares_rules },
        }
    }

    /// Reports unmatched selector entries before a firing depends on them. Needs a whole account.
    fn say_what_matches_nothing(&self, reading: &Reading) {
        let ActiveConfig { schedules, file, .. } = &self.in_use;
        if !reading.unlisted.is_empty() {
            return;
        }
        let is_at_work = |rule: &&Rule| rule.enabled && rule.account == self.account;
        let rules: Vec<&Rule> =
            schedules.rules.iter().map(AsRef::as_ref).filter(is_at_work).collect();
        let (told, accounts) = (self.dispatch.told().clone(), schedules.accounts.len());
        let telling = Telling { told, file: *file, accounts };
        let look = unmatched::Look { reading, protect: &schedules.protect };
        for entry in telling.seen(&self.account, &rules, &look) {
            warn!(account = %self.account, entry, "matches nothing");
        }
    }

    /// The rules that act on a start by somebody else.
    fn watching(&self) -> Vec<&Rule> {
        let rules = self.in_use.schedules.rules.iter().map(AsRef::as_ref);
        let is_watching = |rule: &&Rule| {
            rule.enabled
                && !rule.dry_run
                && rule.action == Action::Stop
                && rule.account == self.account
                && rule.on_manual_start != OnManualStart::Leave
        };
        rules.filter(is_watching).collect()
    }

    /// Lets a rule act on starts by others.
    async fn heed(&self, rule: &Rule, reading: &Reading) -> Result<(), AuditError> {
        let selection = Selection::of(rule, &self.in_use.schedules.protect, reading);
        let running =
            selection.chosen().filter(|instance| instance.status.power() == PowerState::Running);
        let running: Vec<InstanceNo> = running.map(|instance| instance.no.clone()).collect();
        let audit = &self.dispatch.audit;
        let restarts = audit.restarts(rule, &running).await?;
        match rule.on_manual_start {
            OnManualStart::Leave => {}
            OnManualStart::Notify => self.notice_sender.restarted(rule, restarts),
            OnManualStart::StopAfter(after) => {
                for restart in audit.owe_stops(rule, &restarts, after).await? {
                    let due_at = rule.timezone.show(restart.seen_at + after).to_rfc3339();
                    info!(rule = %rule.name, instance = restart.instance_no, due_at, "stop owed");
                }
            }
        }
        Ok(())
    }
}

/// The questions of a rule about tags.
fn asked(rule: &Rule) -> impl Iterator<Item = &TagQuestion> {
    rule.select.questions().chain(rule.except.questions())
}

/// The trouble with tags.
fn trouble(reading: &Reading) -> Option<String> {
    let untagged = reading.untagged.iter();
    let words: Vec<String> = untagged
        .map(|(region, error)| format!("region {region}: its tags could not be read: {error}"))
        .collect();
    (!words.is_empty()).then(|| words.join("; "))
}
