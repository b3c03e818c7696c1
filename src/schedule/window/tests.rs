//! Tests of windows, and of their beginnings and ends.

mod any_window;
mod overridden;
mod overridden_days;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::model::instance::Action;
use crate::schedule::cron::Occurrence;
use crate::time::zone::Zone;

fn window(off: &[&str], days: &[&str]) -> Window {
    let hours: Hours = off.iter().map(|span| span.parse::<OffHours>().unwrap()).collect();
    let of_week = days.iter().flat_map(|day| weekdays(day).unwrap().iter(chrono::Weekday::Mon));
    Window::new(hours, OffDays { weekdays: of_week.collect(), calendars: Vec::new() }).unwrap()
}

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

/// The firings from the beginning of a local day on, for `days` days.
fn week(window: &Window, zone: Zone, from: &str, days: u64) -> Vec<String> {
    let first: NaiveDate = from.parse().unwrap();
    let midnight = |day: NaiveDate| {
        let at = Occurrence::once(zone, day.into());
        at.at - TimeDelta::seconds(1)
    };
    let until = midnight(first + Days::new(days));
    let of = |action: Action| {
        let next =
            move |after: DateTime<Utc>| window.next_after(&Overrides::NONE, (action, zone), after);
        let all = std::iter::successors(next(midnight(first)), move |it| next(it.at));
        all.take_while(|it| it.at <= until)
            .map(move |it| {
                let note = it.note.map(|note| format!(" ({note})")).unwrap_or_default();
                (it.at, format!("{action} {}{note}", zone.show(it.at).format("%a %d %H:%M%:z")))
            })
            .collect::<Vec<_>>()
    };
    let mut firings = [of(Action::Stop), of(Action::Start)].concat();
    firings.sort();
    firings.into_iter().map(|(_, firing)| firing).collect()
}

#[test]
fn a_span_has_two_times_of_day_that_differ() {
    for text in ["20:00-08:00", "8:00-9:00", "00:00-24:00", "12:30 - 13:00", "23:59-00:00"] {
        assert!(text.parse::<OffHours>().is_ok(), "{text}");
    }
    for (text, problem) in [
        ("20:00", "does not say from when until when"),
        ("20-08", "does not say from when until when"),
        ("20:00-8", "does not say from when until when"),
        ("20:00:00-08:00", "does not say from when until when"),
        ("20:00-08:00-09:00", "does not say from when until when"),
        ("+2:00-08:00", "does not say from when until when"),
        ("", "does not say from when until when"),
        ("24:00-08:00", "begins at the end of a day"),
        ("20:00-20:00", "ends when it begins"),
    ] {
        let error = text.parse::<OffHours>().unwrap_err();
        assert_eq!(error.to_string(), format!("`{text}` {problem}"));
    }
    for (text, time) in
        [("20:00-25:00", "25:00"), ("20:60-08:00", "20:60"), ("20:00-24:01", "24:01")]
    {
        let error = text.parse::<OffHours>().unwrap_err();
        assert_eq!(error.to_string(), format!("`{time}` is no time of day"));
    }
}

#[test]
fn days_of_the_week_are_names_or_ranges_that_do_not_wrap() {
    use chrono::Weekday::{Fri, Mon, Sat, Sun, Tue};
    for (text, days) in [
        ("weekends", Some(&[Sat, Sun][..])),
        ("Weekends", Some(&[Sat, Sun])),
        ("sat", Some(&[Sat])),
        ("FRI-SUN", Some(&[Fri, Sat, Sun])),
        ("SUN-TUE", Some(&[Mon, Tue, Sun])),
        ("FRI-MON", None),
        ("SAT-SAT", Some(&[Sat])),
        ("SAT,SUN", None),
        ("SATURDAY", None),
        ("6", None),
        ("", None),
    ] {
        let days = days.map(|days| days.iter().copied().collect());
        assert_eq!(weekdays(text), days, "{text}");
    }
}

#[test]
fn a_window_is_shown_as_what_it_means() {
    for (off, days, shown) in [
        (&["20:00-08:00"][..], &["weekends"][..], "off 20:00-08:00 and on weekends"),
        (&["20:00-08:00"], &[], "off 20:00-08:00"),
        (&[], &["sun", "SAT"], "off on weekends"),
        (&["20:00-24:00", "0:00-8:00"], &["SUN", "FRI"], "off 20:00-08:00 and on FRI, SUN"),
        (
            &["20:00-08:00", "12:00-13:00"],
            &["FRI-SUN"],
            "off 12:00-13:00, 20:00-08:00 and on FRI, weekends",
        ),
        (&["12:00-13:00", "12:30-14:00"], &[], "off 12:00-14:00"),
        (&["18:00-00:00"], &[], "off 18:00-24:00"),
        (&["00:00-08:00"], &[], "off 00:00-08:00"),
        (&["20:00-02:00", "01:00-08:00", "07:00-08:30"], &[], "off 20:00-08:30"),
    ] {
        assert_eq!(window(off, days).to_string(), shown);
    }
}

#[test]
fn a_window_that_leaves_nothing_of_the_week_is_none() {
    let all = ["20:00-08:00", "08:00-20:00"].map(|span| span.parse::<OffHours>().unwrap());
    assert_eq!(Window::new(all.into_iter().collect(), OffDays::default()), Err(Endless));
    let every_day = OffDays { weekdays: chrono::WeekdaySet::ALL, calendars: Vec::new() };
    assert_eq!(Window::new(Hours::from_iter([]), every_day), Err(Endless));
}

#[test]
fn nights_and_weekends_are_one_off_time_without_a_seam() {
    let seoul = zone("Asia/Seoul");
    let nights = window(&["20:00-08:00"], &["weekends"]);
    assert_eq!(
        week(&nights, seoul, "2026-11-26", 7),
        [
            "start Thu 26 08:00+09:00",
            "stop Thu 26 20:00+09:00",
            "start Fri 27 08:00+09:00",
            "stop Fri 27 20:00+09:00",
            "start Mon 30 08:00+09:00",
            "stop Mon 30 20:00+09:00",
            "start Tue 01 08:00+09:00",
            "stop Tue 01 20:00+09:00",
            "start Wed 02 08:00+09:00",
            "stop Wed 02 20:00+09:00",
        ]
    );
    assert_eq!(
        week(&window(&[], &["weekends"]), seoul, "2026-11-26", 7),
        ["stop Sat 28 00:00+09:00", "start Mon 30 00:00+09:00"]
    );
    assert_eq!(
        week(&window(&["12:00-13:00", "18:00-24:00"], &["SAT"]), seoul, "2026-11-27", 3),
        [
            "start Fri 27 00:00+09:00",
            "stop Fri 27 12:00+09:00",
            "start Fri 27 13:00+09:00",
            "stop Fri 27 18:00+09:00",
            "start Sun 29 00:00+09:00",
            "stop Sun 29 12:00+09:00",
            "start Sun 29 13:00+09:00",
            "stop Sun 29 18:00+09:00",
        ]
    );
}

#[test]
fn a_window_of_holidays_alone_looks_at_the_days_around_them_and_at_no_others() {
    let day = |day: &str| day.parse::<NaiveDate>().unwrap();
    let calendar = |days: &[&str]| {
        let holidays = days.iter().map(|it| (day(it), None)).collect();
        std::sync::Arc::new(crate::schedule::calendar::Calendar { holidays, ..Default::default() })
    };
    let calendars =
        vec![calendar(&["2026-12-25", "2026-12-26"]), calendar(&["2026-12-26", "2030-01-01"])];
    let of = |weekdays| {
        Window::new([].into_iter().collect(), OffDays { weekdays, calendars: calendars.clone() })
            .unwrap()
    };
    let seen = |window: &Window, from: &str| -> Vec<String> {
        window.days_from(&Overrides::NONE, day(from)).take(6).map(|day| day.to_string()).collect()
    };
    let window = of(chrono::WeekdaySet::EMPTY);
    assert_eq!(
        seen(&window, "1970-01-01"),
        ["1970-01-01", "2026-12-25", "2026-12-26", "2026-12-27", "2030-01-01", "2030-01-02"]
    );
    assert_eq!(seen(&window, "2030-01-02"), ["2030-01-02"]);
    let with_mondays = of(weekdays("MON").unwrap());
    assert_eq!(seen(&with_mondays, "2030-01-02").len(), 6);
    let seoul = zone("Asia/Seoul");
    assert_eq!(
        [week(&window, seoul, "2026-12-24", 5), week(&window, seoul, "2029-12-31", 5)].concat(),
        [
            "stop Fri 25 00:00+09:00",
            "start Sun 27 00:00+09:00",
            "stop Tue 01 00:00+09:00",
            "start Wed 02 00:00+09:00",
        ]
    );
}

/// The zone, the hours, the day of a jump, and the expected firings.
type Jump<'a> = (&'a str, &'a [&'a str], &'a str, &'a [&'a str]);

#[test]
fn where_clocks_jump_a_window_begins_and_ends_when_they_have_reached_its_times() {
    let gap = "does not exist on 2027-03-14, clocks go from 02:00 to 03:00: fires at 03:00";
    let twice = "comes twice on 2027-11-07: fires the first time only";
    let cases: [Jump<'_>; 13] = [
        ("America/New_York", &["02:15-02:45"], "2027-03-14", &[]),
        (
            "America/New_York",
            &["20:00-02:30"],
            "2027-03-14",
            &[&format!("start Sun 14 03:00-04:00 (02:30 {gap})"), "stop Sun 14 20:00-04:00"],
        ),
        (
            "America/New_York",
            &["02:30-08:00"],
            "2027-03-14",
            &[&format!("stop Sun 14 03:00-04:00 (02:30 {gap})"), "start Sun 14 08:00-04:00"],
        ),
        // No time is left between the two.
        (
            "America/New_York",
            &["00:00-02:15", "02:45-08:00"],
            "2027-03-14",
            &["stop Sun 14 00:00-05:00", "start Sun 14 08:00-04:00"],
        ),
        // The window begins, ends and begins again in the gap.
        (
            "America/New_York",
            &["02:10-02:20", "02:30-08:00"],
            "2027-03-14",
            &[&format!("stop Sun 14 03:00-04:00 (02:10 {gap})"), "start Sun 14 08:00-04:00"],
        ),
        ("America/New_York", &["02:30-03:00"], "2027-03-14", &[]),
        (
            "America/New_York",
            &["01:00-01:30"],
            "2027-11-07",
            &[
                &format!("stop Sun 07 01:00-04:00 (01:00 {twice})"),
                &format!("start Sun 07 01:30-04:00 (01:30 {twice})"),
            ],
        ),
        (
            "America/New_York",
            &["20:00-01:30"],
            "2027-11-07",
            &[&format!("start Sun 07 01:30-04:00 (01:30 {twice})"), "stop Sun 07 20:00-05:00"],
        ),
        ("Europe/London", &["01:00-02:00"], "2027-03-28", &[]),
        (
            "Europe/London",
            &["01:30-02:00"],
            "2027-10-31",
            &[
                "stop Sun 31 01:30+01:00 (01:30 comes twice on 2027-10-31: fires the first time only)",
                "start Sun 31 02:00+00:00",
            ],
        ),
        ("Australia/Lord_Howe", &["02:00-02:30"], "2027-10-03", &[]),
        (
            "Australia/Lord_Howe",
            &["02:15-03:00"],
            "2027-10-03",
            &[
                "stop Sun 03 02:30+11:00 (02:15 does not exist on 2027-10-03, clocks go from 02:00 to 02:30: fires at 02:30)",
                "start Sun 03 03:00+11:00",
            ],
        ),
        (
            "Australia/Lord_Howe",
            &["01:45-02:00"],
            "2027-04-04",
            &[
                "stop Sun 04 01:45+11:00 (01:45 comes twice on 2027-04-04: fires the first time only)",
                "start Sun 04 02:00+10:30",
            ],
        ),
    ];
    for (name, off, day, expected) in cases {
        assert_eq!(week(&window(off, &[]), zone(name), day, 1), expected, "{name} {off:?}");
    }
}

#[test]
fn a_day_off_begins_behind_a_midnight_that_does_not_exist() {
    // Clocks in Cairo go from 00:00 to 01:00 on Friday, 2027-04-30.
    assert_eq!(
        week(&window(&[], &["FRI"]), zone("Africa/Cairo"), "2027-04-29", 3),
        [
            "stop Fri 30 01:00+03:00 (00:00 does not exist on 2027-04-30, clocks go from 00:00 to 01:00: fires at 01:00)",
            "start Sat 01 00:00+03:00",
        ]
    );
    // Samoa had no Friday, 2011-12-30.
    assert_eq!(
        week(&window(&[], &["FRI"]), zone("Pacific/Apia"), "2011-12-28", 5),
        Vec::<String>::new()
    );
}
