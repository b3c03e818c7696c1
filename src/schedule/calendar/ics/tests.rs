//! Tests of whole files and their days.

mod bounds;
mod exports;
mod left_out;

use proptest::prelude::*;
use proptest::sample::select;

use super::marks::{FIRST, LAST};
use super::*;

/// A file of one event, which begins on line 2.
fn event(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Rest\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n")
}

/// A file of several events, or of other things.
fn file(events: &[&str]) -> String {
    let event = |lines: &&str| match lines.strip_prefix('!') {
        Some(other) => format!("{other}\n"),
        None => format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n"),
    };
    let events: String = events.iter().map(event).collect();
    format!("BEGIN:VCALENDAR\n{events}END:VCALENDAR\n")
}

fn read_in(text: &str, zone: &str) -> Result<Holidays, IcsError> {
    File::new(text.as_bytes().to_vec()).holidays(zone.parse().unwrap(), &LeftOut::default())
}

fn read(text: &str) -> Result<Holidays, IcsError> {
    read_in(text, "Asia/Seoul")
}

fn shown(holidays: &Holidays) -> Vec<String> {
    holidays.days.keys().map(ToString::to_string).take(5).collect()
}

/// The first days in Seoul.
fn days_of(text: &str) -> Vec<String> {
    shown(&read(text).unwrap())
}

#[test]
fn an_event_is_the_days_it_touches_and_its_end_is_none_of_them() {
    for (lines, expected) in [
        ("DTSTART;VALUE=DATE:20260924", &["2026-09-24"][..]),
        ("DTSTART;VALUE=DATE:20260924\nDTEND;VALUE=DATE:20260925", &["2026-09-24"]),
        ("DTSTART;VALUE=DATE:20260924\nDTEND;VALUE=DATE:20260924", &["2026-09-24"]),
        (
            "DTSTART;VALUE=DATE:20260924\nDTEND;VALUE=DATE:20260927",
            &["2026-09-24", "2026-09-25", "2026-09-26"],
        ),
        ("DTSTART;VALUE=DATE:20260924\nDURATION:P2D", &["2026-09-24", "2026-09-25"]),
        ("DTSTART:20260924T130000\nDTEND:20260925T000000", &["2026-09-24"]),
        ("DTSTART:20260924T130000\nDTEND:20260925T000001", &["2026-09-24", "2026-09-25"]),
        ("DTSTART:20260924T130000", &["2026-09-24"]),
        ("DTSTART:20260924\nSTATUS:CANCELLED", &[]),
    ] {
        assert_eq!(days_of(&event(lines)), expected, "{lines}");
    }
}

#[test]
fn what_recurs_is_written_out_less_what_is_taken_out() {
    for (lines, expected) in [
        ("DTSTART:20261225\nRRULE:FREQ=YEARLY;COUNT=2", &["2026-12-25", "2027-12-25"][..]),
        (
            "DTSTART:20261225\nRRULE:FREQ=YEARLY;COUNT=3\nEXDATE;VALUE=DATE:20271225",
            &["2026-12-25", "2028-12-25"],
        ),
        (
            "DTSTART:20261225\nRDATE:20270101,20270301\nEXDATE:20261225",
            &["2027-01-01", "2027-03-01"],
        ),
        (
            "DTSTART:20261225T090000\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20261225T090000",
            &["2026-12-26"],
        ),
        ("DTSTART:20261225T090000\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20261225", &["2026-12-26"]),
    ] {
        assert_eq!(days_of(&event(lines)), expected, "{lines}");
    }
}

#[test]
fn an_occurrence_that_was_altered_is_told_once() {
    let series = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20261225\nRRULE:FREQ=YEARLY;COUNT=3\n\
                  END:VEVENT\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20271225\nDTSTART:20271227\n\
                  END:VEVENT\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20281225\nDTSTART:20281225\n\
                  STATUS:CANCELLED\nEND:VEVENT\nEND:VCALENDAR\n";
    assert_eq!(days_of(series), ["2026-12-25", "2027-12-27"]);
}

#[test]
fn what_recurs_for_ever_is_written_out_to_the_horizon_and_is_no_list() {
    let series = "UID:1\nDTSTART:20261225\nRRULE:FREQ=YEARLY";
    let altered = format!(
        "{series}\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20271225\nDTSTART:20271227"
    );
    for (lines, last, listed) in [
        (series, "2099-12-25", &[][..]),
        (&altered, "2099-12-25", &[]),
        (
            "DTSTART:20261225\nrrule:freq=yearly;count=2",
            "2027-12-25",
            &["2026-12-25", "2027-12-25"],
        ),
        ("DTSTART:20261225\nRRULE:FREQ=YEARLY;UNTIL=20261231", "2026-12-25", &["2026-12-25"]),
        ("DTSTART:20261225\nRRULE:FREQ=YEARLY;UNTIL=99991231T235959Z", "2099-12-25", &[]),
    ] {
        let holidays = read(&event(lines)).unwrap();
        assert_eq!(holidays.days.last_key_value().unwrap().0.to_string(), last, "{lines}");
        let told: Vec<String> = holidays.listed.iter().map(ToString::to_string).collect();
        assert_eq!(told, listed, "{lines}");
    }
    let timed = read(&event("DTSTART:20261225T110000Z\nDURATION:PT8H")).unwrap();
    let days = ["2026-12-25", "2026-12-26"].map(|day| day.parse().unwrap());
    assert_eq!(timed.listed, days.into());
    let none = "BEGIN:VCALENDAR\nEND:VCALENDAR";
    assert_eq!(read(none).unwrap(), Holidays::default());
}

#[test]
fn an_event_with_a_zone_begins_and_ends_at_instants_whatever_its_clocks_do() {
    let lines = "DTSTART;TZID=Europe/Berlin:20260327T230000\nDTEND;TZID=Europe/Berlin:20260328T010000\n\
                 RRULE:FREQ=DAILY;UNTIL=20260329T210000Z\nEXDATE:20260328T220000Z";
    for (zone, expected) in [
        ("Europe/Berlin", &["2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30"][..]),
        ("UTC", &["2026-03-27", "2026-03-29"]),
        ("Asia/Seoul", &["2026-03-28", "2026-03-30"]),
    ] {
        let holidays = read_in(&event(lines), zone).unwrap();
        assert_eq!(shown(&holidays), expected, "{zone}");
        assert!(holidays.depends_on_zone);
    }
}

#[test]
fn a_mark_a_folded_line_and_an_escaped_comma_are_read_as_they_are_meant() {
    let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\n\
                DTSTART:19700101T000000\r\nRRULE:FREQ=NONSENSE\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
                BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260\r\n 924\r\nSUMMARY:추석\\, 첫\r\n  날\r\n\
                BEGIN:VALARM\r\nDURATION:NONSENSE\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let day = NaiveDate::from_ymd_opt(2026, 9, 24).unwrap();
    assert_eq!(read(text).unwrap().days, [(day, Some("추석, 첫 날".into()))].into());
}

#[test]
fn what_cannot_be_understood_is_told_with_its_line_and_event() {
    for (lines, line, message) in [
        ("DTSTART:20260230", 4, "`20260230` is no date or time that can be read in `DTSTART`"),
        (
            "DTSTART;TZID=Customized Time Zone:20260924T000000",
            4,
            "`Customized Time Zone` is no zone of the IANA database",
        ),
        ("DTSTART:20260924\nDTEND:20260923", 2, "it ends before it begins"),
        ("DTSTART:20260924\nDTEND:20280101", 2, "it is longer than a year"),
        ("DTSTART:20260924\nDURATION:-P1D", 5, "`-P1D` is no duration"),
        (
            "DTSTART:20260924\nEXRULE:FREQ=SOMETIMES",
            5,
            "`FREQ=SOMETIMES` cannot be expanded: it is no `RRULE` that is known",
        ),
        (
            "DTSTART:20260924\nUID:1\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:Rest\nUID:1\n\
             RECURRENCE-ID;RANGE=THISANDPRIOR:20260924\nDTSTART:20260925",
            10,
            "a `RECURRENCE-ID` for what was before cannot be expanded",
        ),
        (
            "DTSTART:20260924\nRRULE:FREQ=HOURLY",
            5,
            "`FREQ=HOURLY` cannot be expanded: a whole day comes once a day at most",
        ),
        (
            "DTSTART:20200101\nDURATION:P360D\nRRULE:FREQ=DAILY",
            6,
            "the file stands for more days and times than are counted, from here on",
        ),
        (
            "DTSTART:20200101T000000\nRRULE:FREQ=SECONDLY",
            5,
            "the file stands for more days and times than are counted, from here on",
        ),
        (
            "DTSTART:20260101\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            5,
            "`FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30` cannot be expanded: it comes never",
        ),
        (
            "DTSTART:20260924\nRRULE:RSCALE=CHINESE;FREQ=YEARLY",
            5,
            "`RSCALE=CHINESE;FREQ=YEARLY` cannot be expanded: its days are those of another \
             calendar than ours",
        ),
        ("COMMENT:nothing", 2, "the event has no `DTSTART`"),
    ] {
        let error = read(&event(lines)).unwrap_err();
        let event = error.event.as_deref();
        assert_eq!((error.line, event, &*error.message), (line, Some("Rest"), message));
        // The days in an unknown zone do not matter here.
        let hint = match message {
            message if message.contains("zone") => "`all_day_only = true`",
            message if message.contains("than are counted") => "fewer years",
            message if message.contains("no `DTSTART`") => "DTSTART;VALUE=DATE:",
            _ => "into `dates`",
        };
        assert!(error.hint.contains(hint), "{error:?}");
    }
}

#[test]
fn a_file_that_is_none_or_was_cut_off_is_refused() {
    for (text, line) in [
        ("", 1),
        ("\u{feff}\r\n", 1),
        ("<html>", 1),
        ("BEGIN:VCARD\nEND:VCARD", 1),
        ("BEGIN:VCALENDAR", 1),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260924", 3),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260924\nEND:VCALENDAR", 4),
        ("BEGIN:VCALENDAR\n<html>\nEND:VCALENDAR", 2),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!((error.line, error.event), (line, None), "{text}");
        // No single event could be removed.
        assert!(!error.hint.contains("event"), "{text}");
    }
}

const PARTS: [&str; 24] = [
    "FREQ=YEARLY",
    "FREQ=MONTHLY",
    "FREQ=WEEKLY",
    "FREQ=DAILY",
    "FREQ=HOURLY",
    "INTERVAL=2",
    "INTERVAL=65535",
    "COUNT=3",
    "COUNT=4294967295",
    "UNTIL=20300101",
    "UNTIL=99991231T235959Z",
    "BYDAY=MO,-1SU",
    "BYDAY=53MO",
    "BYDAY=-32768MO",
    "BYMONTH=2",
    "BYMONTHDAY=-31,30",
    "BYYEARDAY=-366,366",
    "BYWEEKNO=53,-53",
    "BYSETPOS=-1,366",
    "BYHOUR=23,0",
    "BYMINUTE=0,59",
    "BYSECOND=60",
    "WKST=SU",
    "BYEASTER=0",
];

const STARTS: [&str; 7] =
    ["00010101", "16000229", "19691231", "20240229", "20261225T235959", "20991231", "99991231"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_rule_is_expanded_or_refused(
        parts in prop::collection::vec(select(&PARTS[..]), 1..6),
        start in select(&STARTS[..]),
    ) {
        let text = event(&format!("DTSTART:{start}\nDURATION:P3D\nRRULE:{}", parts.join(";")));
        if let Ok(holidays) = read(&text) {
            prop_assert!(holidays.days.keys().all(|day| (FIRST..=LAST).contains(day)));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(
        lines in prop::collection::vec("(BEGIN|END|DTSTART|DTEND|RRULE|EXDATE|SUMMARY)[:;=].{0,12}", 0..8),
        cut in 0_usize..200,
    ) {
        let whole = event(&lines.join("\n"));
        let cut = (0..=cut.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at)).unwrap();
        for text in [&whole[..], &whole[..cut]] {
            if let Err(error) = read(text) {
                prop_assert!((1..=text.lines().count().max(1)).contains(&error.line));
            }
        }
    }
}
