//! Tests of files from Outlook, Google, Apple, Exchange and Nextcloud, and of the traces that
//! people leave in them when they move, change and cancel events.

use super::*;

const SEOUL: &str = "!BEGIN:VTIMEZONE\nTZID:Korea Standard Time\nBEGIN:STANDARD\n\
    DTSTART:16010101T000000\nTZOFFSETFROM:+0900\nTZOFFSETTO:+0900\nEND:STANDARD\nEND:VTIMEZONE";

const BERLIN: &str = "!X-WR-TIMEZONE:Europe/Berlin";

#[test]
fn an_instant_in_an_all_day_series_is_the_local_day_that_begins_then_or_the_date_as_written() {
    // Five Fridays, some of which are removed.
    let fridays = |with: &str| format!("DTSTART;VALUE=DATE:20261204\nRRULE:FREQ=WEEKLY;{with}");
    let until = |at: &str| fridays(&format!("UNTIL={at}"));
    let without = |exdate: &str| fridays(&format!("COUNT=2\nEXDATE{exdate}"));
    let with = |rdate: &str| format!("DTSTART;VALUE=DATE:20261204\nRDATE{rdate}");
    let second = ["2026-12-04", "2026-12-11"];
    let tenth = ["2026-12-04", "2026-12-10"];
    let first = ["2026-12-04"];
    for (head, zone, lines, expected) in [
        // Midnight in Seoul: the zone of the reader, or of the calendar.
        ("!X:1", "Asia/Seoul", until("20261210T150000Z"), &second[..]),
        (SEOUL, "Europe/Berlin", until("20261210T150000Z"), &second),
        ("!X-WR-TIMEZONE:Asia/Seoul", "UTC", until("20261210T150000Z"), &second),
        // Midnight in no known zone.
        ("!X:1", "UTC", until("20261210T150000Z"), &first),
        (BERLIN, "Asia/Seoul", until("20261210T150000Z"), &first),
        (BERLIN, "Asia/Seoul", until("20261210T230000Z"), &second),
        ("!X:1", "Asia/Seoul", until("20261211T000000Z"), &second),
        ("!X:1", "Asia/Seoul", until("20261210T145959Z"), &first),
        ("!X:1", "Asia/Seoul", until("20261211"), &second),
        ("!X:1", "Asia/Seoul", until("20261211T000000"), &second),
        ("!X-WR-TIMEZONE:Nowhere", "Asia/Seoul", until("20261210T150000Z"), &second),
        ("!X:1", "Asia/Seoul", without(":20261210T150000Z"), &first),
        ("!X:1", "Asia/Seoul", without(";VALUE=DATE-TIME:20261210T150000Z"), &first),
        ("!X:1", "Asia/Seoul", without(";TZID=Asia/Seoul:20261211T000000"), &first),
        ("!X:1", "Asia/Seoul", without(";TZID=Korea Standard Time:20261211T000000"), &first),
        ("!X:1", "Asia/Seoul", without(";TZID=Customized Time Zone:20261211T000000"), &first),
        ("!X:1", "Asia/Seoul", without(";TZID=America/New_York:20261210T100000"), &first),
        ("!X:1", "Asia/Seoul", without(":20261211T000000Z"), &first),
        ("!X:1", "Asia/Seoul", without(":20261210T160000Z"), &second),
        ("!X:1", "Asia/Seoul", without(";VALUE=DATE:20261211T090000"), &first),
        ("!X:1", "Asia/Seoul", without(":"), &second),
        ("!X:1", "Asia/Seoul", with(":20261209T150000Z"), &tenth),
        ("!X:1", "Asia/Seoul", with(";TZID=Asia/Seoul:20261210T000000"), &tenth),
        ("!X:1", "Asia/Seoul", with(";VALUE=PERIOD:20261209T150000Z/P1D"), &tenth),
        ("!X:1", "Asia/Seoul", with(":20261210T090000Z"), &tenth),
    ] {
        let holidays = read_in(&file(&[head, &lines]), zone).unwrap();
        assert_eq!(shown(&holidays), expected, "{head} {zone} {lines}");
    }
}

#[test]
fn the_newest_version_of_an_event_counts_and_one_that_was_called_off_does_not() {
    let day = |day: &str, more: &str| format!("UID:1\nDTSTART;VALUE=DATE:{day}\n{more}");
    let none: [&str; 0] = [];
    for (first, second, expected) in [
        (day("20261224", "SEQUENCE:0"), day("20261231", "SEQUENCE:1"), &["2026-12-31"][..]),
        (day("20261231", "SEQUENCE:10"), day("20261224", "SEQUENCE:9"), &["2026-12-31"]),
        (day("20261224", ""), day("20261231", "SEQUENCE:1"), &["2026-12-31"]),
        (
            day("20261231", "SEQUENCE:1\nDTSTAMP:20261102T000000Z"),
            day("20261224", "SEQUENCE:1\nDTSTAMP:20261101T000000Z"),
            &["2026-12-31"],
        ),
        (
            day("20261224", "LAST-MODIFIED:20261101T000000Z"),
            day("20261231", "LAST-MODIFIED:20261102T000000Z"),
            &["2026-12-31"],
        ),
        (day("20261224", ""), day("20261224", "SEQUENCE:1\nSTATUS:CANCELLED"), &none),
        (day("20261224", ""), day("20261224", "STATUS:Cancelled"), &none),
        (
            day("20261224", "SEQUENCE:2"),
            day("20261224", "SEQUENCE:1\nSTATUS:CANCELLED"),
            &["2026-12-24"],
        ),
        (
            day("20261224", ""),
            day("20261224", "DTEND;TZID=Nowhere:20261225T000000"),
            &["2026-12-24"],
        ),
        // Nothing shows which of the two is older, so neither may be lost.
        (day("20261224", ""), day("20261231", ""), &["2026-12-24", "2026-12-31"]),
        (day("20261224", ""), day("20261231", "STATUS:CANCELLED"), &["2026-12-24"]),
        // Mistakes in an old version do not matter.
        (
            "UID:1\nDTSTART;TZID=Nowhere:20261224T090000".to_owned(),
            day("20261231", "SEQUENCE:1"),
            &["2026-12-31"],
        ),
    ] {
        assert_eq!(days_of(&file(&[&first, &second])), expected, "{first} {second}");
    }
    let events = ["!METHOD:CANCEL", &day("20261224", "")];
    assert_eq!(days_of(&file(&events)), none);
}

#[test]
fn occurrences_are_moved_called_off_and_moved_again() {
    let series = "UID:1\nDTSTART;VALUE=DATE:20261204\nRRULE:FREQ=WEEKLY;COUNT=4\nSUMMARY:Friday";
    let of = |at: &str, to: &str, more: &str| {
        format!("UID:1\nRECURRENCE-ID{at}\nDTSTART;VALUE=DATE:{to}\n{more}")
    };
    let second = ":20261210T150000Z";
    let day = ";VALUE=DATE:20261211";
    let later = ";VALUE=DATE;RANGE=THISANDFUTURE:20261211";
    let moved = ["2026-12-04", "2026-12-09", "2026-12-18", "2026-12-25"];
    for (changes, expected) in [
        (vec![of(day, "20261209", "")], &moved[..]),
        (vec![of(second, "20261209", "")], &moved),
        (vec![of(";TZID=Asia/Seoul:20261211T000000", "20261209", "")], &moved),
        (vec![of(day, "20261210", "SEQUENCE:1"), of(day, "20261209", "SEQUENCE:2")], &moved),
        (vec![of(second, "20261209", "SEQUENCE:2"), of(day, "20261210", "SEQUENCE:1")], &moved),
        (
            vec![of(day, "20261211", "SEQUENCE:1\nSTATUS:CANCELLED")],
            &["2026-12-04", "2026-12-18", "2026-12-25"],
        ),
        (
            vec!["UID:1\nRECURRENCE-ID:20261211\nSTATUS:CANCELLED".to_owned()],
            &["2026-12-04", "2026-12-18", "2026-12-25"],
        ),
        (
            vec![of(later, "20261210", "")],
            &["2026-12-04", "2026-12-10", "2026-12-17", "2026-12-24"],
        ),
        (
            vec![of(later, "20261210", ""), of(";VALUE=DATE:20261218", "20261216", "")],
            &["2026-12-04", "2026-12-10", "2026-12-16", "2026-12-24"],
        ),
        (
            vec![
                of(later, "20261210", ""),
                of(";VALUE=DATE;RANGE=THISANDFUTURE:20261225", "20261226", ""),
            ],
            &["2026-12-04", "2026-12-10", "2026-12-17", "2026-12-26"],
        ),
        (vec![of(later, "20261211", "STATUS:CANCELLED")], &["2026-12-04"]),
        (
            vec![of(later, "20261212", "DTEND;VALUE=DATE:20261214")],
            &["2026-12-04", "2026-12-12", "2026-12-13", "2026-12-19", "2026-12-20"],
        ),
        // The whole series was cancelled since, with all moved occurrences.
        (
            vec![
                of(day, "20261209", "SEQUENCE:1"),
                format!("{series}\nSEQUENCE:2\nSTATUS:CANCELLED"),
            ],
            &[],
        ),
        // The series was moved since, and the earlier moves are gone.
        (
            vec![
                of(day, "20261209", "SEQUENCE:1"),
                "UID:1\nSEQUENCE:2\nDTSTART;VALUE=DATE:20261203\nRRULE:FREQ=WEEKLY;COUNT=2"
                    .to_owned(),
            ],
            &["2026-12-03", "2026-12-10"],
        ),
    ] {
        let events: Vec<&str> =
            std::iter::once(series).chain(changes.iter().map(String::as_str)).collect();
        assert_eq!(days_of(&file(&events)), expected, "{changes:?}");
        let mut turned = events.clone();
        turned.reverse();
        assert_eq!(days_of(&file(&turned)), expected, "{changes:?}, turned round");
    }
}

#[test]
fn a_moved_occurrence_is_known_by_its_time_in_any_zone() {
    let series =
        "UID:1\nDTSTART;TZID=Asia/Seoul:20261204T090000\nDURATION:PT8H\nRRULE:FREQ=WEEKLY;COUNT=2";
    for at in [":20261211T000000Z", ";TZID=Asia/Seoul:20261211T090000", ";VALUE=DATE:20261211"] {
        let moved = format!("UID:1\nRECURRENCE-ID{at}\nDTSTART:20261210T010000Z\nDURATION:PT1H");
        assert_eq!(days_of(&file(&[series, &moved])), ["2026-12-04", "2026-12-10"], "{at}");
    }
}

#[test]
fn what_decides_on_no_day_refuses_no_file() {
    let one = ["2026-12-24"];
    for (events, expected) in [
        (&["DTSTART;TZID=Nowhere;VALUE=DATE:20261224"][..], &one[..]),
        (&["DTSTART;TZID=Nowhere:20261224\nDTEND;TZID=Nowhere:20261225"], &one),
        (&["DTSTART;TZID=Nowhere:20261223T150000Z\nDURATION:PT1H"], &one),
        (&["DTSTART:20261224\nRRULE:RSCALE=GREGORIAN;FREQ=YEARLY;COUNT=1"], &one),
        (&["DTSTART:20261224\nRRULE:RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD;COUNT=1"], &one),
        (&["DTSTART:20261224\nRRULE:FREQ=YEARLY;COUNT=1;X-NAME=1;"], &one),
        (
            &["DTSTART:20261224\nRRULE:FREQ=DAILY;COUNT=1;BYHOUR=0,1,2;BYMINUTE=0;BYSECOND=0,1"],
            &one,
        ),
        (&["DTSTART;X-VENDOR:20261224\nX_ODD:1\nTRANSP:TRANSPARENT\nCLASS:PRIVATE"], &one),
        (
            &[
                "DTSTART;X-V=\"a:b;c\":20261224\nDESCRIPTION:one\ntwo, unfolded\nATTENDEE;CN=\"Kim:x",
            ],
            &one,
        ),
        (&["DTSTART:20261224\nBEGIN:VALARM\nTRIGGER:-PT15M\nDTSTART:20261231\nEND:VALARM"], &one),
        (&["DTSTART:20261224\nSEQUENCE:many\nDTSTAMP:never\nPRIORITY:"], &one),
        (
            &["!BEGIN:VTODO\nDTSTART:20261231\nRRULE:FREQ=NEVER\nEND:VTODO", "DTSTART:20261224"],
            &one,
        ),
        (&["DTSTART:20261224T230000\nDTEND:20261224T235960"], &one),
        // Dates that Exchange writes as times.
        (
            &["X-MICROSOFT-CDO-ALLDAYEVENT:TRUE\nDTSTART;TZID=Nowhere:20261224T000000\n\
               DTEND;TZID=Nowhere:20261225T000000"],
            &one,
        ),
        (
            &["X-MICROSOFT-CDO-ALLDAYEVENT:TRUE\nDTSTART:20261223T150000Z\nDTEND:20261224T150000Z"],
            &one,
        ),
        (
            &["X-MICROSOFT-CDO-ALLDAYEVENT:TRUE\nDTSTART:20261224T000000Z\nDTEND:20261225T000000Z"],
            &one,
        ),
        (&["DTSTART;VALUE=DATE:20261224\nDTEND:20261224T150000Z"], &one),
        (
            &[
                "!X-WR-TIMEZONE:America/New_York",
                "DTSTART;VALUE=DATE:20261224\nDTEND:20261225T050000Z",
            ],
            &one,
        ),
        // A zone that the file itself describes, with one offset at all times.
        (
            &[
                "!BEGIN:VTIMEZONE\nTZID:Our Office\nBEGIN:STANDARD\nDTSTART:16010101T000000\n\
               TZOFFSETFROM:+0900\nTZOFFSETTO:+0900\nEND:STANDARD\nEND:VTIMEZONE",
                "DTSTART;TZID=Our Office:20261224T000000\nDTEND;TZID=Our Office:20261225T000000",
            ],
            &one,
        ),
        (
            &[
                "!BEGIN:VTIMEZONE\nTZID:X\nX-LIC-LOCATION:Asia/Seoul\nEND:VTIMEZONE",
                "DTSTART;TZID=X:20261224T000000\nDTEND;TZID=X:20261225T000000",
            ],
            &one,
        ),
        (
            &["DTSTART:20261224\nRRULE:FREQ=DAILY;COUNT=3\nEXRULE:FREQ=DAILY;INTERVAL=2;COUNT=2"],
            &["2026-12-25"],
        ),
    ] {
        assert_eq!(days_of(&file(events)), expected, "{events:?}");
    }
    let summer = "!BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nTZOFFSETTO:+0100\nEND:STANDARD\n\
                  BEGIN:DAYLIGHT\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nEND:VTIMEZONE";
    let error = read(&file(&[summer, "DTSTART;TZID=X:20261224T000000"])).unwrap_err();
    assert_eq!(error.message, "`X` is no zone of the IANA database");
}

#[test]
fn a_zone_of_the_files_own_is_known_by_how_its_clocks_turn() {
    let described = |name: &str, standard: &str, daylight: &str| {
        format!(
            "!BEGIN:VTIMEZONE\nTZID:{name}\nBEGIN:STANDARD\n{standard}\nEND:STANDARD\n\
             BEGIN:DAYLIGHT\n{daylight}\nEND:DAYLIGHT\nEND:VTIMEZONE"
        )
    };
    // The rules of one place, as Outlook, Exchange and Apple write them.
    let berlin = [
        described(
            "Customized Time Zone",
            "DTSTART:16011028T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\n\
             TZOFFSETFROM:+0200\nTZOFFSETTO:+0100",
            "DTSTART:16010325T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\n\
             TZOFFSETFROM:+0100\nTZOFFSETTO:+0200",
        ),
        described(
            "tzone://Microsoft/Custom",
            "DTSTART:19701025T030000\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\n\
             TZOFFSETFROM:+0200\nTZOFFSETTO:+0100",
            "DTSTART:19700329T020000\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\n\
             TZOFFSETFROM:+0100\nTZOFFSETTO:+0200",
        ),
        described(
            "Our office",
            "DTSTART:19961027T030000\nRRULE:FREQ=YEARLY;BYMONTH=10;\
             BYMONTHDAY=25,26,27,28,29,30,31;BYDAY=SU\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100",
            "DTSTART:19810329T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;\
             BYMONTHDAY=25,26,27,28,29,30,31;BYDAY=SU\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200",
        ),
    ];
    for zone in berlin {
        let name = zone.lines().find_map(|line| line.strip_prefix("TZID:")).unwrap().to_owned();
        // 16:30 is 23:30 in Seoul in summer, and 00:30 of the next day in winter.
        let event = |day: &str| {
            format!("DTSTART;TZID=\"{name}\":{day}T163000\nDTEND;TZID=\"{name}\":{day}T164500")
        };
        let holidays =
            read_in(&file(&[&zone, &event("20260701"), &event("20261201")]), "Asia/Seoul").unwrap();
        assert_eq!(shown(&holidays), ["2026-07-01", "2026-12-02"], "{name}");
    }
    // Half hours, and turns that no place has.
    let half = "!BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:16010101T000000\n\
        TZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nEND:STANDARD\nEND:VTIMEZONE";
    let event = "DTSTART;TZID=Ours:20261201T203000\nDTEND;TZID=Ours:20261201T204500";
    let holidays = read_in(&file(&[half, event]), "Asia/Seoul").unwrap();
    assert_eq!(shown(&holidays), ["2026-12-02"]);
    let nowhere = described(
        "Ours",
        "DTSTART:16010101T000000\nRRULE:FREQ=YEARLY;BYDAY=1MO;BYMONTH=6\n\
         TZOFFSETFROM:+0700\nTZOFFSETTO:+0500",
        "DTSTART:16010101T000000\nRRULE:FREQ=YEARLY;BYDAY=1MO;BYMONTH=5\n\
         TZOFFSETFROM:+0500\nTZOFFSETTO:+0700",
    );
    let day = "DTSTART;VALUE=DATE:20261224";
    assert!(read_in(&file(&[&nowhere, event]), "Asia/Seoul").is_err());
    assert_eq!(shown(&read_in(&file(&[&nowhere, day]), "Asia/Seoul").unwrap()), ["2026-12-24"]);
}
