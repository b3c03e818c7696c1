//! Judges whether each account can be read, from its last inventory. Logs at once when it cannot be
//! read, and keeps the state in the log for others to show.
//!
//! An account cannot be read when (1) no region of it could be listed, or (2) a region in which a
//! server was ever seen could not be listed. A failing region without servers is logged once.
//! [`super::observe`] and [`super::dispatch`] take the inventories.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::{error, info, warn};

use crate::audit::{AuditError, AuditLog, Loss, means};
use crate::cloud::{CloudError, Denial};
use crate::inventory::Shown;
use crate::model::instance::{AccountName, RegionCode};
use crate::model::language::Language;
use crate::model::repair::Repair;
use crate::schedule::Schedules;
use crate::schedule::calendar::Calendar;
use crate::text::error_chain::chain;

/// The result of an inventory for tags.
#[derive(Clone, Debug)]
pub enum TagsShown {
    Unasked,
    /// The tags can be read, or nothing asks about them.
    Read,
    Unread {
        error: CloudError,
        /// Some rules ask about no tags, and can still fire.
        spares_rules: bool,
    },
}

/// The last state of each account and calendar.
#[derive(Clone, Debug)]
pub struct AccountHealth {
    audit: Arc<AuditLog>,
    said: Arc<Mutex<BTreeMap<AccountName, AccountState>>>,
    /// The calendars that cannot be read, with the reasons.
    lost: Arc<Mutex<BTreeMap<String, String>>>,
}

#[derive(Debug, Default)]
struct AccountState {
    loss: Option<Loss>,
    /// The reason why its tags cannot be read, from the last inventory that asked.
    tags: Option<Loss>,
    without_servers: BTreeSet<RegionCode>,
}

impl AccountHealth {
    pub fn new(audit: Arc<AuditLog>) -> Self {
        Self { audit, said: Arc::default(), lost: Arc::default() }
    }

    /// Registers the accounts and calendars of a file, and logs the unreadable calendars of enabled
    /// rules.
    pub async fn take(&self, schedules: &Schedules) -> Result<(), AuditError> {
        let named = schedules.calendars.from_files();
        let needed: Vec<_> =
            named.filter(|it| !schedules.looking_at(&it.name).is_empty()).collect();
        for calendar in &needed {
            self.say_calendar(calendar, schedules);
        }
        let needed: Vec<_> = needed
            .iter()
            .map(|it| (it.name.as_str(), it.unreadable.as_deref().map(unread)))
            .collect();
        let accounts: Vec<_> = schedules.accounts.keys().collect();
        self.audit.sources_are(&accounts, &needed).await
    }

    fn say_calendar(&self, calendar: &Calendar, schedules: &Schedules) {
        let (name, why) = (&calendar.name, calendar.unreadable.as_deref());
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match why {
            Some(why) => lost.insert(name.clone(), why.to_owned()),
            None => lost.remove(name),
        };
        match (before, why) {
            (before, Some(reason)) if before.as_deref() != Some(reason) => {
                let rules = schedules.looking_at(name).join(", ");
                error!(
                    calendar = name,
                    reason,
                    "calendar cannot be read: these rules do not fire until it can be: {rules}"
                );
            }
            (Some(_), None) => info!(calendar = name, "calendar can be read again"),
            _ => {}
        }
    }

    /// Whether the last inventory of an account failed.
    pub fn is_lost(&self, account: &AccountName) -> bool {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.get(account).is_some_and(|said| said.loss.is_some())
    }

    /// Logs and records the result of an inventory, if it differs from the last one.
    pub async fn note(&self, account: &AccountName, shown: &Shown, tags: TagsShown) {
        let tags = self.tags(account, tags);
        let known = match shown {
            Ok(unlisted) if !unlisted.is_empty() => {
                // Without the log's answer, each region may have servers.
                self.audit.regions_with_servers(account).await.ok()
            }
            _ => None,
        };
        let has_servers =
            |code: &RegionCode| known.as_ref().is_none_or(|known| known.contains(code.as_str()));
        let (loss, without_servers) = match shown {
            Err(error) => (Some(loss(error, Vec::new(), error.to_string())), Vec::new()),
            Ok(unlisted) => {
                let (lost, without): (Vec<_>, Vec<_>) =
                    unlisted.iter().partition(|(code, _)| has_servers(code));
                let without = without.iter().map(|(code, why)| ((*code).clone(), why.to_string()));
                (loss_of_regions(&lost), without.collect())
            }
        };
        let loss = loss.or(tags);
        self.log_change(account, loss.as_ref(), &without_servers);
        if let Err(error) = self.audit.looked(account, loss.as_ref(), &without_servers).await {
            warn!(%account, error = chain(&error), "what a look showed could not be noted");
        }
    }

    /// The reason why the tags of an account cannot be read, as far as anybody asked.
    fn tags(&self, account: &AccountName, shown: TagsShown) -> Option<Loss> {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = said.entry(account.clone()).or_default();
        match shown {
            TagsShown::Unasked => {}
            TagsShown::Read => said.tags = None,
            TagsShown::Unread { error, spares_rules } => {
                let spared = if spares_rules { " (rules without tags go on)" } else { "" };
                let what = "its tags cannot be read from the Resource Manager";
                let reason = format!("{what}{spared}: {error}");
                let needs = match error {
                    CloudError::Forbidden { .. } => Repair::RightToTags,
                    _ => Repair::TagsAnswer,
                };
                said.tags = Some(Loss { reason, needs, regions: Vec::new() });
            }
        }
        said.tags.clone()
    }

    fn log_change(
        &self,
        account: &AccountName,
        loss: Option<&Loss>,
        without_servers: &[(RegionCode, String)],
    ) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = said.entry(account.clone()).or_default();
        match (&said.loss, loss) {
            (None, Some(loss)) => {
                let (regions, needs) = (loss.regions(), loss.needs.as_str());
                let what = means(account.as_str(), &regions, needs, Language::English);
                error!(%account, reason = loss.reason, "account cannot be read: {what}");
            }
            (Some(before), Some(loss))
                if (before.needs, &before.regions) != (loss.needs, &loss.regions) =>
            {
                let (regions, needs) = (loss.regions(), loss.needs.as_str());
                let what = means(account.as_str(), &regions, needs, Language::English);
                warn!(%account, reason = loss.reason, "account still cannot be read: {what}");
            }
            (Some(_), None) => info!(%account, "account can be read again"),
            _ => {}
        }
        for (region, reason) in without_servers {
            if !said.without_servers.contains(region) {
                warn!(%account, %region, reason, "region cannot be listed; no server was ever in it");
            }
        }
        said.loss = loss.cloned();
        said.without_servers = without_servers.iter().map(|(code, _)| code.clone()).collect();
    }
}

fn loss_of_regions(lost: &[(&RegionCode, &CloudError)]) -> Option<Loss> {
    let (_, first) = lost.first()?;
    let reasons: Vec<String> =
        lost.iter().map(|(code, error)| format!("region {code}: {error}")).collect();
    let regions = lost.iter().map(|(code, _)| (*code).clone()).collect();
    Some(loss(first, regions, reasons.join("; ")))
}

fn unread(why: &str) -> Loss {
    Loss { reason: why.to_owned(), needs: Repair::File, regions: Vec::new() }
}

fn loss(error: &CloudError, regions: Vec<RegionCode>, reason: String) -> Loss {
    Loss { reason, needs: needs(error), regions }
}

/// The repair that must come before the same call can succeed.
fn needs(error: &CloudError) -> Repair {
    match error {
        CloudError::NotSent(_) => Repair::Reached,
        CloudError::Unanswered { .. } | CloudError::Unreadable { .. } => Repair::Answers,
        CloudError::Throttled { .. } => Repair::TakesRequests,
        CloudError::Denied { because: Denial::Keys, .. } => Repair::Keys,
        CloudError::Forbidden { .. } => Repair::Right,
        CloudError::Denied { because: Denial::Clock { .. }, .. } => Repair::Clock,
        CloudError::Refused { .. } => Repair::Listed,
    }
}
