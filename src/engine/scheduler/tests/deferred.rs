//! Deferred actions fall due like firings of their rule.

use super::*;

/// An action that the night before deferred.
fn owed(due_at: &str) -> AllDeferred {
    AllDeferred::new(vec![Deferred {
        id: 1.into(),
        rule: RuleName::new("night").unwrap(),
        action: Action::Stop,
        account: AccountName::new("main").unwrap(),
        instance: InstanceNo::new("7").unwrap(),
        wanted_at: at("2026-11-22T11:00:00Z"),
        due_at: at(due_at),
        was_held: true,
    }])
}

#[test]
fn what_is_owed_falls_due_once_at_its_instant() {
    let mut scheduler = scheduler("2026-11-23T01:59:50Z");
    take(&mut scheduler, "2026-11-23T01:59:58Z");
    scheduler.set_deferred(owed("2026-11-23T02:00:00Z"));
    assert_eq!(scheduler.next_at(), Some(at("2026-11-23T02:00:00Z")));
    let due = scheduler.due(at("2026-11-23T02:00:00Z"));
    let made_up: Vec<_> = due.iter().map(|due| due.makes_up.is_some()).collect();
    let late = ("night".to_owned(), "2026-11-23T02:00:00+00:00".to_owned(), Fate::Late);
    assert_eq!((told(&due), made_up), (vec![late], vec![true]));
    scheduler.dealt_with(at("2026-11-23T02:00:00Z"));
    assert_eq!(take(&mut scheduler, "2026-11-23T02:00:01Z"), []);
}

#[test]
fn what_is_owed_at_the_instant_of_the_rules_own_firing_is_made_up_beside_it() {
    let mut scheduler = scheduler("2026-11-23T10:59:50Z");
    scheduler.set_deferred(owed("2026-11-23T11:00:00Z"));
    let due = take(&mut scheduler, "2026-11-23T11:00:00Z");
    assert_eq!(due, [night("23", Fate::OnTime), night("23", Fate::Late)]);
}

#[test]
fn what_is_owed_is_as_late_as_its_rule_may_be() {
    for (back_at, fate) in
        [("2026-11-23T02:59:00Z", Fate::Late), ("2026-11-23T03:01:00Z", Fate::Missed)]
    {
        let mut scheduler = scheduler("2026-11-23T01:00:00Z");
        scheduler.load(&file(FILE), at(back_at));
        scheduler.set_deferred(owed("2026-11-23T02:00:00Z"));
        let fates: Vec<_> = scheduler.due(at(back_at)).iter().map(|due| due.fate).collect();
        assert_eq!(fates, [fate], "{back_at}");
    }
}

#[test]
fn what_a_release_makes_due_just_before_the_file_is_edited_is_made_up() {
    let moved = file(&FILE.replace("0 20 * * *", "15 20 * * *"));
    for (learnt_at, fate) in [
        ("2026-11-23T02:00:03Z", Fate::Late),
        ("2026-11-23T02:04:59Z", Fate::Late),
        ("2026-11-23T02:05:02Z", Fate::Missed),
    ] {
        let mut scheduler = scheduler("2026-11-23T01:00:00Z");
        take(&mut scheduler, "2026-11-23T02:00:02Z");
        scheduler.load(&moved, at(learnt_at));
        scheduler.set_deferred(owed("2026-11-23T02:00:01Z"));
        let fates: Vec<_> = scheduler.due(at(learnt_at)).iter().map(|due| due.fate).collect();
        assert_eq!(fates, [fate], "{learnt_at}");
    }
}
