//! Picks servers by what they do now, or by what needs somebody.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::now::{ServerNow, described};
use crate::audit::{AuditError, AuditReader, BudgetFacts};
use crate::hold::HoldEntry;
use crate::model::instance::{AccountName, InstanceNo};
use crate::model::known_instance::KnownInstance;
use crate::model::subject::Subject;
use crate::schedule::Schedules;
use crate::state_history::State;

/// The observations before this tell no other state.
const STATE_NEEDS: TimeDelta = TimeDelta::hours(1);

/// A question for servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    Running,
    Off,
    Unknown,
    /// Whatever did not stop last night or tonight.
    Trouble,
    Held,
}

/// Servers by account and number.
pub type Identities = HashSet<(AccountName, InstanceNo)>;

impl Only {
    pub const ALL: [Self; 5] = [Self::Running, Self::Off, Self::Unknown, Self::Trouble, Self::Held];

    /// The word in the address of a page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Off => "off",
            Self::Unknown => "unknown",
            Self::Trouble => "trouble",
            Self::Held => "held",
        }
    }

    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// Whether a server is meant. `troubled` are those in trouble.
    pub fn is(self, server: &ServerNow, troubled: &Identities) -> bool {
        match self {
            Self::Running => server.state == State::Running,
            Self::Off => server.state == State::Off,
            Self::Unknown => server.state == State::Unknown,
            Self::Trouble => troubled.contains(&(server.account.clone(), server.no.clone())),
            Self::Held => server.held.is_some(),
        }
    }

    /// Those of these servers that are meant, in their order.
    pub async fn among(
        self,
        log: &AuditReader,
        mut these: Vec<KnownInstance>,
        (schedules, troubled): (Option<&Schedules>, &Identities),
        now: DateTime<Utc>,
    ) -> Result<Vec<KnownInstance>, AuditError> {
        let identity = |it: &KnownInstance| (it.account.clone(), it.no.clone());
        let (facts, schedules) = match self {
            Self::Trouble => {
                these.retain(|it| troubled.contains(&identity(it)));
                return Ok(these);
            }
            Self::Held => {
                let holds = log.holds(Some(now)).await?;
                these.retain(|it| holds.iter().any(|entry| may_hold(entry, it)));
                let all: Vec<_> = these.iter().map(identity).collect();
                (log.facts_since(&all, (now - STATE_NEEDS, now)).await?, schedules)
            }
            Self::Running | Self::Off | Self::Unknown => {
                let all: Vec<_> = these.iter().map(identity).collect();
                let seen = log.seen_of(&all, now - STATE_NEEDS).await?;
                let watch = log.watch(now).await?;
                (BudgetFacts { seen, watch, ..BudgetFacts::default() }, None)
            }
        };
        let servers = described(&facts, schedules, now);
        let meant = servers.into_iter().filter(|server| self.is(server, troubled));
        let meant: Identities = meant.map(|server| (server.account, server.no)).collect();
        Ok(these.into_iter().filter(|it| meant.contains(&identity(it))).collect())
    }
}

/// Whether a hold is on a server, or on a rule, which may be one of the server's.
fn may_hold(entry: &HoldEntry, server: &KnownInstance) -> bool {
    let hold = &entry.hold;
    matches!(hold.subject, Subject::Rule(_))
        || hold.is_on(&server.account, &server.no, &server.name)
}
