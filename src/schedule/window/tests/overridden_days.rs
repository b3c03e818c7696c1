//! A property of every override: it changes its own days, and nothing else.

use std::sync::Arc;

use super::any_window::{ZONES, any_hours, any_window};
use super::*;
use crate::schedule::overrides::{Change, Override, Overrides};

/// Hours off that leave some of the day, or none for a skip.
fn any_change() -> impl Strategy<Value = Change> {
    let off = any_hours().prop_filter_map("always off", |hours| {
        let is_some = !hours.are_none() && !hours.are_all();
        is_some.then_some(Change::Off(hours))
    });
    prop_oneof![Just(Change::Skip), off]
}

proptest! {
    /// What begins before an override is as ever. On the day after it, hours that began on its last
    /// day end, and those of the rule that would have begun there do not; from the later end of the
    /// two on, all is as ever.
    #[test]
    fn an_override_changes_its_days_and_the_end_of_its_last_night_alone(
        window in any_window(),
        change in any_change(),
        (from, length) in (0_u64..3000, 0_u64..5),
        name in select(&ZONES[..]),
    ) {
        let zone = zone(name);
        let from = "2019-12-20".parse::<NaiveDate>().unwrap() + Days::new(from);
        let until = from + Days::new(length);
        let ends = |hours: &[Turn]| hours::end_of_tail(hours);
        let new = match &change {
            Change::Off(hours) => ends(hours.turns()),
            _ => 0,
        };
        let settled = Turn { minute: new.max(ends(window.hours.turns())), is_off: false }.time();
        // By instants, since a jump of the clocks may bring several local times together.
        let settled = Occurrence::once(zone, until.succ_opt().unwrap().and_time(settled)).at;
        let begin = Occurrence::once(zone, from.into()).at;
        let mut overrides = Overrides::NONE;
        let one = Override { from, until, change, because: None };
        overrides.add(Arc::new(one)).unwrap();
        let firings = |overrides: &Overrides, action| {
            let mut found = Vec::new();
            let begin = Occurrence::once(zone, (from - Days::new(4)).into()).at;
            let mut after = begin - TimeDelta::milliseconds(1);
            while let Some(next) = window.next_after(overrides, (action, zone), after)
                && next.day(zone) < until + Days::new(5)
            {
                found.push(next);
                after = next.at;
            }
            found
        };
        for action in [Action::Stop, Action::Start] {
            let (usual, now) = (firings(&Overrides::NONE, action), firings(&overrides, action));
            let outside = |all: &[Occurrence]| -> Vec<Occurrence> {
                let is_outside = |it: &&Occurrence| it.at < begin || it.at > settled;
                all.iter().filter(is_outside).copied().collect()
            };
            prop_assert_eq!(outside(&usual), outside(&now), "{} {}", window, overrides.iter().next().unwrap());
            // Every firing that is not a usual one is said to be of the override, and every stop
            // of its days.
            for it in &now {
                let is_said = window.changed_by(&overrides, (action, zone), it).is_some();
                let is_new = !usual.iter().any(|usual| usual.at == it.at);
                let is_stop = action == Action::Stop && (from..=until).contains(&it.day(zone));
                prop_assert_eq!(is_said, is_new || is_stop, "{} {}", window, it.at);
            }
        }
    }
}
