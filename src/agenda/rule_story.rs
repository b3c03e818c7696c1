//! The facts of the log about one rule: whom it had last, its last results, and its holds.

use chrono::{DateTime, Utc};

use crate::audit::{AuditError, AuditReader, FiringSummary, HistoryFilter};
use crate::hold::{HoldEntry, RuleInstance};
use crate::model::ids::FiringId;
use crate::model::instance::{AccountName, Action, InstanceNo, RuleName};
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::model::subject::Subject;

/// The number of results that are shown.
const RESULTS: u32 = 14;

#[derive(Clone, Debug, Default)]
pub struct RuleStory {
    /// The servers of its last firing that found any.
    pub last: Option<LastServers>,
    /// The newest first.
    pub results: Vec<FiringSummary>,
    /// The holds in force on the rule, or on a server of the last firing.
    pub holds: Vec<HoldEntry>,
}

#[derive(Clone, Debug)]
pub struct LastServers {
    pub firing: FiringId,
    pub at: DateTime<Utc>,
    /// In the order of their names.
    pub servers: Vec<Server>,
}

/// A server as a firing found it.
#[derive(Clone, Debug)]
pub struct Server {
    pub account: AccountName,
    pub no: InstanceNo,
    /// The number where it had no name.
    pub name: String,
    /// `None`: still open, or the firing was held back as a whole.
    pub outcome: Option<Outcome>,
    pub reason: Option<Reason>,
}

impl RuleStory {
    /// The story of the rule of this name with this action, as of now.
    pub async fn read(
        log: &AuditReader,
        (name, action): (&RuleName, Action),
        now: DateTime<Utc>,
    ) -> Result<Self, AuditError> {
        let last = LastServers::read(log, name, action).await?;
        let results = last_results(log, name.as_str(), RESULTS).await?;
        let mut holds = log.holds(Some(now)).await?;
        let servers = last.iter().flat_map(|last| &last.servers).collect::<Vec<_>>();
        holds.retain(|entry| {
            matches!(&entry.hold.subject, Subject::Rule(rule) if rule == name.as_str())
                || servers.iter().any(|it| {
                    let (account, no, name_of) = (&it.account, &it.no, it.name.as_str());
                    entry.hold.is_about(RuleInstance { rule: name, account, no, name: name_of })
                })
        });
        Ok(Self { last, results, holds })
    }
}

/// The newest firings of a rule.
pub async fn last_results(
    log: &AuditReader,
    rule: &str,
    most: u32,
) -> Result<Vec<FiringSummary>, AuditError> {
    let rule = Some(rule.to_owned());
    log.firings(&HistoryFilter { rule, limit: most, ..HistoryFilter::default() }).await
}

impl LastServers {
    async fn read(
        log: &AuditReader,
        name: &RuleName,
        action: Action,
    ) -> Result<Option<Self>, AuditError> {
        let Some(fired) = log.last_firings(&[name.as_str()], action).await?.pop() else {
            return Ok(None);
        };
        let Some(firing) = fired.firing else { return Ok(None) };
        let groups = fired.ended.iter();
        let mut servers: Vec<Server> = groups
            .flat_map(|group| {
                group.instances.iter().map(|no| Server {
                    account: fired.account.clone(),
                    no: no.clone(),
                    name: no.to_string(),
                    outcome: group.outcome,
                    reason: group.reason.clone(),
                })
            })
            .collect();
        let asked: Vec<_> = servers.iter().map(|it| (firing, &it.no)).collect();
        let names = log.names_in_firings(&asked).await?;
        for (server, found) in servers.iter_mut().zip(names) {
            if let Some(found) = found.filter(|found| !found.instance_name.is_empty()) {
                server.name = found.instance_name;
            }
        }
        servers.sort_by(|one, other| (&one.name, &one.no).cmp(&(&other.name, &other.no)));
        Ok(Some(Self { firing, at: fired.due_at, servers }))
    }
}
