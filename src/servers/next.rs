//! Finds the next firing that no hold keeps from a server.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::instance::Action;
use crate::schedule::{Rule, Start};
use crate::state_history::State;
use crate::stop_limit::{Acting, PastYear};

/// A firing to come that means a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextFiring {
    pub at: DateTime<Utc>,
    pub action: Action,
    pub rule: String,
}

/// A rule, its action, and the time after which its next firing is asked for.
type Asked<'f> = (&'f str, Action, DateTime<Utc>);

/// The next times of rules. Many servers share a rule, so each time is computed once.
#[derive(Debug)]
pub(super) struct Ahead<'f> {
    now: DateTime<Utc>,
    known: HashMap<Asked<'f>, Option<DateTime<Utc>>>,
}

impl<'f> Ahead<'f> {
    pub(super) fn of(now: DateTime<Utc>) -> Self {
        Self { now, known: HashMap::new() }
    }

    /// The first stop among the rules that act on a server.
    pub(super) fn stop(&mut self, acting: &[Acting<'f>]) -> Option<NextFiring> {
        self.first(acting.iter().filter(|it| it.rule.action == Action::Stop))
    }

    /// The first start. A server that somebody else stopped is left to rules that start whatever
    /// they select.
    pub(super) fn start(&mut self, acting: &[Acting<'f>], past: &PastYear) -> Option<NextFiring> {
        let only_all = past.state() == State::Off && !past.was_stopped_by_us();
        let starts = acting.iter().filter(|it| it.rule.action == Action::Start);
        self.first(starts.filter(|it| !only_all || it.rule.start == Start::All))
    }

    fn first<'a>(&mut self, acting: impl Iterator<Item = &'a Acting<'f>>) -> Option<NextFiring>
    where
        'f: 'a,
    {
        let firings = acting.filter_map(|it| {
            let (at, action) = (self.next(it)?, it.rule.action);
            Some(NextFiring { at, action, rule: it.rule.name.to_string() })
        });
        firings.min_by_key(|it| it.at)
    }

    fn next(&mut self, acting: &Acting<'f>) -> Option<DateTime<Utc>> {
        let next = self.after(acting.rule, self.now)?;
        match acting.held {
            // A firing that is due at the end of a hold is no longer held.
            Some(held) if next < held.until => {
                self.after(acting.rule, held.until - TimeDelta::milliseconds(1))
            }
            _ => Some(next),
        }
    }

    fn after(&mut self, rule: &'f Rule, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let key = (rule.name.as_str(), rule.action, after);
        *self.known.entry(key).or_insert_with(|| rule.next_after(after).map(|next| next.at))
    }
}
