//! Decides when deferred actions fall due: those of a hold at its end, those after a start by
//! somebody when the time is up.
//!
//! Pure. The log has the deferred actions. The scheduler hands them out like other firings, but
//! limited to their instances.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::audit::Deferred;
use crate::model::ids::DeferredId;
use crate::model::instance::InstanceNo;
use crate::schedule::Rule;

/// The deferred actions that a firing catches up on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatchUp {
    /// The entries of the log that deferred them.
    pub owed: Vec<DeferredId>,
    /// The instances, each with the last instant at which the rule wanted it.
    pub wanted: BTreeMap<InstanceNo, DateTime<Utc>>,
}

/// All open deferred actions.
#[derive(Debug, Default)]
pub struct AllDeferred(Vec<Deferred>);

impl AllDeferred {
    pub fn new(owed: Vec<Deferred>) -> Self {
        Self(owed)
    }

    /// The first due time after `after`.
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.iter().map(|owed| owed.due_at).filter(|due_at| *due_at > after).min()
    }

    /// A rule's actions that are due by `now`: one firing per instant. An instance that somebody
    /// started stays on when the rule no longer stops such instances.
    pub fn due(&self, rule: &Rule, now: DateTime<Utc>) -> BTreeMap<DateTime<Utc>, CatchUp> {
        let mut due: BTreeMap<_, CatchUp> = BTreeMap::new();
        let of_rule = |owed: &&Deferred| {
            (&owed.rule, owed.action, &owed.account) == (&rule.name, rule.action, &rule.account)
        };
        let is_due = |owed: &&Deferred| owed.due_at <= now && rule.does_deferred(owed.was_held);
        for owed in self.0.iter().filter(of_rule).filter(is_due) {
            let catch_up = due.entry(owed.due_at).or_default();
            catch_up.owed.push(owed.id);
            let wanted = catch_up.wanted.entry(owed.instance.clone()).or_insert(owed.wanted_at);
            *wanted = owed.wanted_at.max(*wanted);
        }
        due
    }

    /// Whether anything is due by `now`.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.0.iter().any(|owed| owed.due_at <= now)
    }

    /// Forgets the actions that were due by `now`.
    pub fn dealt_with(&mut self, now: DateTime<Utc>) {
        self.0.retain(|owed| owed.due_at > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::instance::{AccountName, Action, RuleName};
    use crate::schedule::Schedules;
    use std::path::Path;

    fn at(hour: u32) -> DateTime<Utc> {
        format!("2026-11-23T{hour:02}:00:00Z").parse().unwrap()
    }

    fn owed(id: i64, rule: &str, instance: &str, (wanted, due): (u32, u32)) -> Deferred {
        Deferred {
            id: id.into(),
            rule: RuleName::new(rule).unwrap(),
            action: Action::Stop,
            account: AccountName::new("main").unwrap(),
            instance: InstanceNo::new(instance).unwrap(),
            wanted_at: at(wanted),
            due_at: at(due),
            was_held: true,
        }
    }

    /// A file whose only rule says this of what somebody starts.
    fn file(on_manual_start: &str) -> Schedules {
        let text = format!(
            "timezone = 'UTC'\naccounts.main.platform = 'vpc'\n[[rules]]\nname = 'night'\n\
             action = 'stop'\ncron = '0 20 * * *'\nselect.names = ['*']\n\
             on_manual_start = '{on_manual_start}'"
        );
        Schedules::parse(Path::new("s.toml"), &text).unwrap().0
    }

    #[test]
    fn what_somebody_started_is_left_where_the_rule_says_so_by_then() {
        let started = Deferred { was_held: false, ..owed(1, "night", "7", (1, 9)) };
        let all = AllDeferred::new(vec![started, owed(2, "night", "8", (2, 9))]);
        for (on_manual_start, expected) in
            [("stop_after 2h", &[1, 2][..]), ("leave", &[2]), ("notify", &[2])]
        {
            let due = all.due(&file(on_manual_start).rules[0], at(10));
            let ids: Vec<DeferredId> =
                due.into_values().flat_map(|catch_up| catch_up.owed).collect();
            let expected: Vec<DeferredId> = expected.iter().map(|id| (*id).into()).collect();
            assert_eq!(ids, expected, "{on_manual_start}");
        }
    }

    #[test]
    fn what_falls_due_of_a_rule_at_one_instant_is_one_firing() {
        let file = file("leave");
        let mut all = AllDeferred::new(vec![
            owed(1, "night", "7", (1, 9)),
            owed(2, "night", "7", (3, 9)),
            owed(3, "night", "8", (2, 9)),
            owed(4, "night", "9", (2, 10)),
            owed(5, "night", "9", (2, 12)),
            owed(6, "other", "7", (2, 9)),
        ]);
        let no = |no: &str| InstanceNo::new(no).unwrap();
        let catch_up = |ids: &[i64], wanted: &[(&str, u32)]| CatchUp {
            owed: ids.iter().map(|id| (*id).into()).collect(),
            wanted: wanted.iter().map(|(instance, hour)| (no(instance), at(*hour))).collect(),
        };
        let due = all.due(&file.rules[0], at(10));
        let expected = [
            (at(9), catch_up(&[1, 2, 3], &[("7", 3), ("8", 2)])),
            (at(10), catch_up(&[4], &[("9", 2)])),
        ];
        assert_eq!(due, BTreeMap::from(expected));
        assert_eq!(all.next_after(at(10)), Some(at(12)));
        all.dealt_with(at(10));
        assert!(!all.is_due(at(11)) && all.is_due(at(12)));
    }
}
