//! Properties of all windows.

use super::*;

pub(super) fn any_hours() -> impl Strategy<Value = Hours> {
    let minute = || 0_u16..1440;
    let span = (minute(), minute()).prop_filter("an empty span", |(from, until)| from != until);
    let text = |(from, until): (u16, u16)| {
        format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60)
    };
    let spans = prop::collection::vec(span.prop_map(text), 0..4);
    spans.prop_map(|off| off.iter().map(|span| span.parse::<OffHours>().unwrap()).collect())
}

pub(super) fn any_window() -> impl Strategy<Value = Window> {
    let day = select(&["weekends", "MON", "SUN", "TUE-THU", "FRI-SUN"][..]);
    let parts = (any_hours(), prop::collection::vec(day, 0..3));
    parts.prop_filter_map("always or never off", |(hours, days)| {
        let sets = days.iter().map(|day| weekdays(day).unwrap());
        let weekdays = sets.fold(chrono::WeekdaySet::EMPTY, chrono::WeekdaySet::union);
        let window = Window::new(hours, OffDays { weekdays, calendars: Vec::new() }).ok()?;
        (!window.hours.are_none() || !window.days.are_none()).then_some(window)
    })
}

/// Some of these zones have jumps of an hour, of half an hour, at midnight, or of a day.
pub(super) const ZONES: [&str; 7] = [
    "Asia/Seoul",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
    "Pacific/Apia",
];

proptest! {
    #[test]
    fn the_last_firing_decides_as_the_clock_on_the_wall_does(
        window in any_window(),
        name in select(&ZONES[..]),
        second in 1_293_840_000_i64..1_893_456_000,
    ) {
        let zone = zone(name);
        let at = DateTime::from_timestamp(second, 0).unwrap();
        let next = |action| window.next_after(&Overrides::NONE, (action, zone), at);
        // The clocks have been further than a second pass shows.
        let reached = zone.second_pass_at(at).map_or(zone.local(at), |fold| {
            fold.to - TimeDelta::nanoseconds(1)
        });
        let (stop, start) = (next(Action::Stop).unwrap().at, next(Action::Start).unwrap().at);
        prop_assert_ne!(stop, start);
        prop_assert_eq!(window.is_off(&Overrides::NONE, reached), start < stop, "{} {}", window, at);
    }

    #[test]
    fn stops_and_starts_alternate(
        window in any_window(),
        name in select(&ZONES[..]),
        second in 1_293_840_000_i64..1_893_456_000,
    ) {
        let zone = zone(name);
        let mut after = DateTime::from_timestamp(second, 0).unwrap();
        let next = |action, after| window.next_after(&Overrides::NONE, (action, zone), after).unwrap().at;
        let mut action = if next(Action::Stop, after) < next(Action::Start, after) {
            Action::Stop
        } else {
            Action::Start
        };
        for _ in 0..20 {
            let at = next(action, after);
            prop_assert!(at > after && at < next(action.opposite(), at), "{window} {at}");
            prop_assert!(next(action.opposite(), at) < next(action, at), "{window} {at}");
            (after, action) = (at, action.opposite());
        }
    }

    #[test]
    fn what_is_shown_of_hours_means_them(window in any_window()) {
        let shown = window.hours.to_string();
        let spans = shown.split(", ").filter(|span| !span.is_empty());
        let again: Hours = spans.map(|span| span.parse::<OffHours>().unwrap()).collect();
        prop_assert_eq!(again, window.hours);
    }
}
