//! Finds the rules that want the opposite of a firing that begins late. Firings with the same
//! question share one answer.
//!
//! [`crate::engine::stopper`] decides for each instance.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::engine::stopper::{FallenDue, Firing, Late, Opposed, Rivals, Wanted};
use crate::model::instance::{AccountName, Action};
use crate::schedule::{Rule, Schedules};

/// The opposite rules that have fallen due. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Opposition {
    schedules: Arc<Schedules>,
    known: Arc<Mutex<HashMap<(Action, AccountName), Known>>>,
}

/// The fallen due rules of one action on one account.
#[derive(Debug)]
struct Known {
    /// The period that they cover.
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    /// The next due time of any of them.
    next: Option<DateTime<Utc>>,
    fallen_due: Arc<FallenDue>,
}

impl Opposition {
    pub(super) fn among(schedules: &Arc<Schedules>) -> Self {
        Self { schedules: Arc::clone(schedules), known: Arc::default() }
    }

    /// The rules of the opposite action on the same account that have fallen due between the
    /// firing's wanted time and `now`.
    pub(super) fn to(&self, rule: &Rule, wanted: &Wanted, now: DateTime<Utc>) -> Opposed {
        let Some(since) = wanted.first() else { return Opposed::default() };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (rule.action.opposite(), rule.account.clone());
        let valid = known.get(&key).filter(|known| known.holds(since, now));
        if let Some(known) = valid {
            return Opposed::since(&known.fallen_due, since);
        }
        let since_first = known.get(&key).map_or(since, |known| known.since.min(since));
        let fresh = Known::of(&self.schedules, &key, since_first, now);
        let opposed = Opposed::since(&fresh.fallen_due, since);
        known.insert(key, fresh);
        opposed
    }

    /// Shows a firing that begins now the rules that have fallen due since its time.
    pub(super) fn heed(&self, firing: &mut Firing, now: DateTime<Utc>) {
        if let Some(late) = &mut firing.late {
            late.opposed_by = self.to(&firing.rule, &late.wanted, now);
        } else if let Some(at) = firing.due_at {
            let wanted = Wanted::At(at);
            let opposed_by = self.to(&firing.rule, &wanted, now);
            // The firing by itself is on time.
            let is_late = !opposed_by.is_empty();
            firing.late = is_late.then(|| Late { wanted, rivals: Rivals::default(), opposed_by });
        }
    }
}

impl Known {
    fn of(
        schedules: &Schedules,
        (action, account): &(Action, AccountName),
        since: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Self {
        let (mut fallen_due, mut next) = (Vec::new(), None);
        for rule in &schedules.rules {
            if (rule.action, &rule.account) != (*action, account) || !rule.enabled || rule.dry_run {
                continue;
            }
            if let Some(last) = rule.times.last_up_to(rule.timezone, since, until) {
                fallen_due.push((last.at, Arc::clone(rule)));
            }
            let following = rule.next_after(until).map(|following| following.at);
            next = next.into_iter().chain(following).min();
        }
        Self { since, until, next, fallen_due: Arc::new(FallenDue::of(fallen_due)) }
    }

    fn holds(&self, since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.since <= since && self.until <= now && self.next.is_none_or(|next| now < next)
    }
}
