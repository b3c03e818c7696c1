//! Describes servers as they are now.

use chrono::{DateTime, TimeDelta, Utc};

use super::next::{Ahead, NextFiring};
use crate::audit::{AuditError, AuditReader, BudgetFacts};
use crate::hold::HoldEntry;
use crate::model::ids::HoldId;
use crate::model::instance::{AccountName, InstanceNo};
use crate::model::known_instance::KnownInstance;
use crate::model::subject::Subject;
use crate::schedule::budget::spent::Spent;
use crate::schedule::budget::{Budget, Counting, Limit};
use crate::schedule::{Rule, Schedules};
use crate::state_history::{Seen, State};
use crate::stop_limit::{Acting, PastYear, acting, perhaps_acting};

/// The share of a limit from which a server is near to it, in per cent.
const NEAR: u32 = 75;

/// A server as far as the log and the rules in use know it.
#[derive(Clone, Debug)]
pub struct ServerNow {
    pub account: AccountName,
    pub region: String,
    pub no: InstanceNo,
    /// The name when last seen.
    pub name: String,
    /// Unknown when nobody has looked for an hour.
    pub state: State,
    /// Since when it is in this state; `None` when the log does not reach back to that.
    pub since: Option<DateTime<Utc>>,
    /// The state when it was last seen, and the time of that.
    pub last_seen: Option<(State, DateTime<Utc>)>,
    /// The rules that act on it. `None`: the rules cannot be read.
    pub rules: Option<Vec<String>>,
    /// The rules that may act on it, by its tags, which no firing has read yet.
    pub perhaps: Vec<String>,
    pub next_stop: Option<NextFiring>,
    pub next_start: Option<NextFiring>,
    pub held: Option<ServerHold>,
    /// The limit of the stop budget that is nearest, if one is near.
    pub near_limit: Option<NearLimit>,
}

/// The hold on a server that ends last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHold {
    pub id: HoldId,
    pub until: DateTime<Utc>,
    pub by: String,
    pub why: Option<String>,
    /// The held rule; `None` when the server itself is held.
    pub with_rule: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NearLimit {
    pub limit: Limit,
    pub spent: Spent,
    /// The allowed days.
    pub allowed: u32,
    /// The time of the reckoning.
    pub at: DateTime<Utc>,
}

impl ServerNow {
    /// The next firing that changes it: the start of a server that is off, the stop of one that
    /// runs. Where no rule does, the other one.
    pub fn next(&self) -> Option<&NextFiring> {
        let (stop, start) = (self.next_stop.as_ref(), self.next_start.as_ref());
        match self.state {
            State::Off => start.or(stop),
            State::Running => stop.or(start),
            State::Unknown => [stop, start].into_iter().flatten().min_by_key(|next| next.at),
        }
    }

    /// Whether rules may mean it, by its tags, and none is known to.
    pub fn is_not_known_yet(&self) -> bool {
        self.next().is_none() && !self.perhaps.is_empty()
    }
}

/// Describes these servers, in their order. `schedules`: the rules in use, if they can be read.
pub async fn read(
    log: &AuditReader,
    these: &[KnownInstance],
    schedules: Option<&Schedules>,
    now: DateTime<Utc>,
) -> Result<Vec<ServerNow>, AuditError> {
    let identities: Vec<_> = these.iter().map(|it| (it.account.clone(), it.no.clone())).collect();
    let facts = log.budget_facts_of(&identities, now).await?;
    Ok(described(&facts, schedules, now))
}

/// Describes the servers of these facts, in their order.
pub fn described(
    facts: &BudgetFacts,
    schedules: Option<&Schedules>,
    now: DateTime<Utc>,
) -> Vec<ServerNow> {
    let (budget, counting) = match schedules {
        Some(file) => (file.budget.clone(), Counting::new(file.budget.count, file.timezone)),
        None => (
            Budget::default(),
            Counting::new(Budget::default().count, crate::time::zone::Zone::UTC),
        ),
    };
    let mut ahead = Ahead::of(now);
    let describe = |seen: &Seen| {
        let known = KnownInstance {
            account: seen.account.clone(),
            no: seen.no.clone(),
            name: seen.name.clone(),
        };
        let acting = schedules.map(|file| acting(file, &known, &facts.had, &facts.holds));
        let seen = &up_to_the_last_look(seen, now);
        let past = PastYear::of(seen, &facts.watch, counting, now);
        let perhaps = schedules.map(|file| perhaps_acting(file, &known, &facts.tried));
        let known_to_act = acting.as_deref().unwrap_or_default();
        let has_limit = schedules.is_some_and(|file| !facts.has_no_limit(file, seen));
        let looks = &seen.sightings;
        ServerNow {
            state: past.state(),
            since: past.since(),
            last_seen: looks
                .looks
                .last()
                .map(|look| (look.state, looks.looked_at.unwrap_or(look.at))),
            next_stop: ahead.stop(known_to_act),
            next_start: ahead.start(known_to_act, &past),
            held: held(&known, known_to_act, facts),
            near_limit: has_limit.then(|| near(&past, &budget)).flatten(),
            rules: acting.as_ref().map(|acting| names(acting.iter().map(|it| it.rule))),
            perhaps: names(perhaps.into_iter().flatten()),
            account: known.account,
            region: seen.region.clone(),
            no: known.no,
            name: known.name,
        }
    };
    facts.seen.iter().map(describe).collect()
}

/// The names of rules; the two rules of a window have one.
fn names<'f>(rules: impl Iterator<Item = &'f Rule>) -> Vec<String> {
    let mut names: Vec<String> = rules.map(|rule| rule.name.to_string()).collect();
    names.dedup();
    names
}

/// The observations with the last change as an observation of its own: a firing that follows a server
/// sees it later than the last list did.
fn up_to_the_last_look(seen: &Seen, now: DateTime<Utc>) -> Seen {
    let mut seen = seen.clone();
    let sightings = &mut seen.sightings;
    if let Some(last) = sightings.looks.last()
        && sightings.looked_at.is_none_or(|at| at <= last.at)
    {
        sightings.looked_at = Some((last.at + TimeDelta::milliseconds(1)).min(now));
    }
    seen
}

fn held(known: &KnownInstance, acting: &[Acting<'_>], facts: &BudgetFacts) -> Option<ServerHold> {
    let is_about = |entry: &&HoldEntry| match &entry.hold.subject {
        Subject::Rule(name) => acting.iter().any(|it| it.rule.name.as_str() == name),
        _ => entry.hold.is_on(&known.account, &known.no, &known.name),
    };
    let last = facts.holds.iter().filter(is_about).max_by_key(|entry| entry.hold.until)?;
    let with_rule = match &last.hold.subject {
        Subject::Rule(name) => Some(name.clone()),
        Subject::Instance(_) | Subject::Tagged { .. } => None,
    };
    let hold = &last.hold;
    let (by, why) = (hold.who.clone(), hold.story());
    Some(ServerHold { id: last.id, until: hold.until, by, why, with_rule })
}

fn near(past: &PastYear, budget: &Budget) -> Option<NearLimit> {
    let standing = past.standing();
    let limits = Limit::ALL.into_iter().map(|limit| (standing.of(limit), limit));
    let shares = limits.map(|(spent, limit)| (spent.percent_of(limit, budget), spent, limit));
    let (percent, spent, limit) = shares.max_by_key(|(percent, ..)| *percent)?;
    (percent >= NEAR).then(|| NearLimit {
        limit,
        spent,
        allowed: budget.days(limit),
        at: standing.at,
    })
}
