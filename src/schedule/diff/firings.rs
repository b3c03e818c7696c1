//! Finds the firings of a rule that are added, moved or removed.

use std::cmp::Ordering;
use std::iter::Peekable;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::instance::Action;
use crate::schedule::rule::{Rule, RuleEntry};

/// The largest move: a removed and a new firing this close together are one moved firing.
const FURTHEST_MOVE: TimeDelta = TimeDelta::hours(12);

/// The most firings of a rule to compare: one a minute for a week.
const MOST: usize = 10_080;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FiringChange {
    Added(DateTime<Utc>),
    /// The same firing at another time.
    Moved {
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    },
    Removed(DateTime<Utc>),
}

impl FiringChange {
    /// The first instant with a difference.
    pub fn begins_at(self) -> DateTime<Utc> {
        match self {
            Self::Added(at) | Self::Removed(at) => at,
            Self::Moved { from, to } => from.min(to),
        }
    }
}

/// Compares the firings after `from` up to and including `until`: stops with stops, and starts with
/// starts. Also returns the instant at which the comparison ended early, if it did.
pub(super) fn compare(
    old: Option<&RuleEntry>,
    new: Option<&RuleEntry>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> (Vec<(Action, FiringChange)>, Option<DateTime<Utc>>) {
    let mut all = Vec::new();
    let mut early = None;
    for action in [Action::Stop, Action::Start] {
        let (changes, end) =
            compare_rules(that_does(action, old), that_does(action, new), from, until);
        all.extend(changes.into_iter().map(|change| (action, change)));
        early = [early, end].into_iter().flatten().min();
    }
    all.retain(|(_, change)| early.is_none_or(|end| change.begins_at() <= end));
    all.sort_by_key(|(_, change)| change.begins_at());
    (all, early)
}

fn that_does(action: Action, entry: Option<&RuleEntry>) -> Option<&Rule> {
    entry?.iter().map(AsRef::as_ref).find(|rule| rule.action == action)
}

/// Compares the firings of rules with the same action.
fn compare_rules(
    old: Option<&Rule>,
    new: Option<&Rule>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> (Vec<FiringChange>, Option<DateTime<Utc>>) {
    if old.zip(new).is_some_and(|(old, new)| fire_alike(old, new)) {
        return (Vec::new(), None);
    }
    // A firing that moved beyond the end is not removed.
    let beyond = until.checked_add_signed(FURTHEST_MOVE).unwrap_or(until);
    let (before, ends_before) = times(old, from, beyond);
    let (after, ends_after) = times(new, from, beyond);
    let early = [ends_before, ends_after].into_iter().flatten().min().filter(|end| *end < until);
    let end = early.unwrap_or(until);
    let (gone, come) = apart(&before, &after);
    let mut changes = pair(&gone, &come);
    changes.retain(|change| change.begins_at() <= end);
    (changes, early)
}

/// Whether two rules fire at the same times, whatever their names.
fn fire_alike(old: &Rule, new: &Rule) -> bool {
    let what = |rule: &Rule| (rule.timezone, rule.enabled);
    what(old) == what(new) && old.times == new.times
}

/// The firings of a rule, and the end of the list if there are too many.
fn times(
    rule: Option<&Rule>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> (Vec<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let Some(rule) = rule.filter(|rule| rule.enabled) else { return (Vec::new(), None) };
    let occurrences = rule.occurrences(from).map(|occurrence| occurrence.at);
    let times: Vec<_> = occurrences.take_while(|at| *at <= until).take(MOST).collect();
    let end = times.last().copied().filter(|_| times.len() == MOST);
    (times, end)
}

/// The times that only the first has, and those that only the second has. Both are in order.
fn apart(
    before: &[DateTime<Utc>],
    after: &[DateTime<Utc>],
) -> (Vec<DateTime<Utc>>, Vec<DateTime<Utc>>) {
    let lacks = |list: &[DateTime<Utc>], at: &DateTime<Utc>| list.binary_search(at).is_err();
    let gone = before.iter().filter(|at| lacks(after, at)).copied().collect();
    let come = after.iter().filter(|at| lacks(before, at)).copied().collect();
    (gone, come)
}

/// Pairs moved firings: each with the nearest one, in order.
fn pair(gone: &[DateTime<Utc>], come: &[DateTime<Utc>]) -> Vec<FiringChange> {
    let (mut gone, mut come) = (gone.iter().copied().peekable(), come.iter().copied().peekable());
    let mut changes = Vec::new();
    loop {
        let (from, to) = match (gone.peek(), come.peek()) {
            (None, None) => return changes,
            (Some(_), None) => {
                changes.extend(gone.by_ref().map(FiringChange::Removed));
                continue;
            }
            (None, Some(_)) => {
                changes.extend(come.by_ref().map(FiringChange::Added));
                continue;
            }
            (Some(from), Some(to)) => (*from, *to),
        };
        let is_one = match from.cmp(&to) {
            Ordering::Less => is_nearest(&mut gone, to),
            _ => is_nearest(&mut come, from),
        };
        if is_one {
            gone.next();
            come.next();
            changes.push(FiringChange::Moved { from, to });
        } else if from < to {
            gone.next();
            changes.push(FiringChange::Removed(from));
        } else {
            come.next();
            changes.push(FiringChange::Added(to));
        }
    }
}

/// Whether the head of `times` lies shortly before `other`, and no nearer time follows.
fn is_nearest(
    times: &mut Peekable<impl Iterator<Item = DateTime<Utc>> + Clone>,
    other: DateTime<Utc>,
) -> bool {
    let mut ahead = times.clone();
    let Some(head) = ahead.next() else { return false };
    let distance = (other - head).abs();
    let is_nearer = |next: DateTime<Utc>| (other - next).abs() < distance;
    distance <= FURTHEST_MOVE && !ahead.next().is_some_and(is_nearer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn times() -> impl Strategy<Value = Vec<DateTime<Utc>>> {
        prop::collection::btree_set(0_i64..200, 0..20)
            .prop_map(|hours| hours.into_iter().map(at).collect())
    }

    #[test]
    fn a_firing_was_moved_where_the_nearest_is_half_a_day_away_at_most() {
        use FiringChange::{Added, Moved, Removed};
        let moved = |from, to| Moved { from: at(from), to: at(to) };
        for (before, after, expected) in [
            (&[20, 44][..], &[21, 45][..], vec![moved(20, 21), moved(44, 45)]),
            (&[20], &[8], vec![moved(20, 8)]),
            (&[20], &[7], vec![Added(at(7)), Removed(at(20))]),
            (&[20], &[10, 21], vec![Added(at(10)), moved(20, 21)]),
            (&[20, 21], &[22], vec![Removed(at(20)), moved(21, 22)]),
            (&[8, 20], &[9, 20], vec![moved(8, 9)]),
        ] {
            let [before, after] = [before, after].map(|hours| hours.iter().copied().map(at));
            let (gone, come) = apart(&before.collect::<Vec<_>>(), &after.collect::<Vec<_>>());
            assert_eq!(pair(&gone, &come), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_gone_and_what_is_new_is_told_once(before in times(), after in times()) {
            let (gone, come) = apart(&before, &after);
            let changes = pair(&gone, &come);
            let told_gone = changes.iter().filter_map(|change| match change {
                FiringChange::Removed(at) | FiringChange::Moved { from: at, .. } => Some(*at),
                FiringChange::Added(_) => None,
            });
            let told_come = changes.iter().filter_map(|change| match change {
                FiringChange::Added(at) | FiringChange::Moved { to: at, .. } => Some(*at),
                FiringChange::Removed(_) => None,
            });
            prop_assert_eq!(told_gone.collect::<Vec<_>>(), gone);
            prop_assert_eq!(told_come.collect::<Vec<_>>(), come);
        }
    }
}
