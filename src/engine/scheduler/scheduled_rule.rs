//! Finds the due times of one rule, and the fate of each.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::due::{Due, Fate};
use crate::schedule::Rule;
use crate::time::uptime::{LONGEST_ABSENCE, Stretch};

/// A firing within this time is on time: a loaded machine may need it.
pub(super) const GRACE: TimeDelta = TimeDelta::seconds(10);

/// The same bound when the process was there, and only the log could not be written.
pub(super) const LOG_AWAY: TimeDelta = TimeDelta::minutes(5);

/// The facts about the period in which rules fell due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene {
    pub(super) unseen: Stretch,
    pub(super) was_alive: bool,
    pub(super) present: Option<Stretch>,
    /// The most firings of a rule that are handed out.
    pub(super) most: usize,
}

#[derive(Debug)]
pub(super) struct ScheduledRule {
    pub(super) rule: Arc<Rule>,
    /// The rule does not act for the time before this. `None`: since the beginning of the data.
    pub(super) since: Option<DateTime<Utc>>,
}

impl ScheduledRule {
    /// The due firings of this rule from `first` on, and its next due time.
    pub(super) fn due(
        &self,
        first: DateTime<Utc>,
        scene: Scene,
    ) -> (Vec<Due>, Option<DateTime<Utc>>) {
        let (rule, Scene { unseen, was_alive, .. }) = (&self.rule, scene);
        let too_long = unseen.until - unseen.from > LONGEST_ABSENCE;
        let most = if too_long { 1 } else { scene.most };
        let (fell_due, has_more) = newest(rule, first, unseen.until, most);
        let leaves_out =
            has_more || (too_long && self.since.is_none_or(|since| since < unseen.from));
        let newest = fell_due.back().copied();
        let grace = |at: DateTime<Utc>| match scene.present {
            Some(present) if present.from <= at => LOG_AWAY,
            _ if was_alive => GRACE,
            _ => TimeDelta::zero(),
        };
        let late = TimeDelta::from_std(rule.late).unwrap_or(TimeDelta::MAX);
        // Hours off that ended this morning do not stop a server this afternoon.
        let is_undone =
            |at| rule.undone_after(at).is_some_and(|undone_at| undone_at <= unseen.until);
        let due = |scheduled_at| {
            // Of several missed firings only the newest may still run.
            let is_newest = Some(scheduled_at) == newest;
            let lateness = unseen.until - scheduled_at;
            let fate = match lateness {
                _ if !is_newest => Fate::Missed,
                lateness if lateness <= grace(scheduled_at) => Fate::OnTime,
                lateness if lateness <= late && !is_undone(scheduled_at) => Fate::Late,
                _ => Fate::Missed,
            };
            Due {
                rule: Arc::clone(rule),
                scheduled_at,
                fate,
                unseen,
                was_alive,
                leaves_out,
                makes_up: None,
            }
        };
        let following = rule.next_after(unseen.until);
        (fell_due.into_iter().map(due).collect(), following.map(|next| next.at))
    }
}

/// The newest due times of a rule from `first` to `until`, up to a number, and whether there are
/// earlier ones. Searches backwards, so that a rule of every second is not followed through years.
fn newest(
    rule: &Rule,
    first: DateTime<Utc>,
    until: DateTime<Utc>,
    most: usize,
) -> (VecDeque<DateTime<Utc>>, bool) {
    // No rule falls due more often than once a second.
    let mut back = TimeDelta::seconds(i64::try_from(most).unwrap_or(i64::MAX));
    loop {
        let from = until - back;
        let begins = if from <= first { Some(first) } else { next_after(rule, from) };
        let times = std::iter::successors(begins, |at| next_after(rule, *at));
        let mut found = VecDeque::new();
        let mut has_more = from > first;
        for at in times.take_while(|at| *at <= until) {
            found.push_back(at);
            if found.len() > most {
                found.pop_front();
                has_more = true;
            }
        }
        if found.len() == most || from <= first {
            return (found, has_more);
        }
        back = back * 4;
    }
}

fn next_after(rule: &Rule, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    rule.next_after(at).map(|next| next.at)
}
