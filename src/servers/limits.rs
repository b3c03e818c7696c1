//! Keeps the limits that servers are near to. A year of observations is behind each, so each is
//! reckoned once a day, and once more when schedules.toml is another one.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::now::{NearLimit, ServerNow, described};
use crate::audit::{AuditError, AuditReader};
use crate::model::instance::{AccountName, InstanceNo};
use crate::model::known_instance::KnownInstance;
use crate::schedule::Schedules;

/// Observations since then tell the state of most servers, and since when they are in it.
const RECENT: TimeDelta = TimeDelta::days(14);

type Identity = (AccountName, InstanceNo);

#[derive(Debug, Default)]
pub struct KeptLimits(Mutex<OfDay>);

#[derive(Debug, Default)]
struct OfDay {
    /// The local day, and the text of schedules.toml.
    of: Option<(NaiveDate, String)>,
    known: HashMap<Identity, Option<NearLimit>>,
}

impl KeptLimits {
    /// Describes these servers as [`super::read`] does, but for the limits: those are of some time
    /// of this day.
    pub async fn read(
        &self,
        log: &AuditReader,
        these: &[KnownInstance],
        file: &Schedules,
        now: DateTime<Utc>,
    ) -> Result<Vec<ServerNow>, AuditError> {
        let identities: Vec<Identity> =
            these.iter().map(|it| (it.account.clone(), it.no.clone())).collect();
        let facts = log.facts_since(&identities, (now - RECENT, now)).await?;
        let mut servers = described(&facts, Some(file), now);
        let mut wanted = self.lacking(identities, file, now);
        let long_so = facts.seen.iter().filter(|seen| !seen.sightings.show_a_turn());
        wanted.extend(long_so.map(|seen| (seen.account.clone(), seen.no.clone())));
        if !wanted.is_empty() {
            let wanted: Vec<Identity> = wanted.into_iter().collect();
            let facts = log.budget_facts_of(&wanted, now).await?;
            let whole = described(&facts, Some(file), now);
            let mut whole: HashMap<Identity, ServerNow> =
                whole.into_iter().map(|it| (identity(&it), it)).collect();
            self.keep(&whole);
            for server in &mut servers {
                if let Some(one) = whole.remove(&identity(server)) {
                    *server = one;
                }
            }
        }
        let kept = self.lock();
        for server in &mut servers {
            server.near_limit = kept.known.get(&identity(server)).copied().flatten();
        }
        Ok(servers)
    }

    /// Those whose limit was not reckoned yet this day.
    fn lacking(
        &self,
        these: Vec<Identity>,
        file: &Schedules,
        now: DateTime<Utc>,
    ) -> HashSet<Identity> {
        let mut kept = self.lock();
        let day = file.timezone.local(now).date();
        if kept.of.as_ref().is_none_or(|(of, text)| (*of, text) != (day, &file.text)) {
            *kept = OfDay { of: Some((day, file.text.clone())), known: HashMap::new() };
        }
        these.into_iter().filter(|it| !kept.known.contains_key(it)).collect()
    }

    /// Keeps those that are not kept yet.
    fn keep(&self, servers: &HashMap<Identity, ServerNow>) {
        let mut kept = self.lock();
        for (identity, server) in servers {
            kept.known.entry(identity.clone()).or_insert(server.near_limit);
        }
    }

    fn lock(&self) -> MutexGuard<'_, OfDay> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn identity(server: &ServerNow) -> Identity {
    (server.account.clone(), server.no.clone())
}
