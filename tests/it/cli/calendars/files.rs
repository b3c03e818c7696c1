//! iCalendar files as other programs write them, and files that are none.

use chrono::TimeDelta;
use lightsout::clock::{Clock, SystemClock};

use super::World;

/// The days on which a rule of these calendars fires, up to the end of 2026.
async fn days(rules: &str, holidays: &str, rule: &str) -> Vec<String> {
    let world = World::new(rules, holidays);
    let next =
        format!("next {rule} --from 2026-01-01 --until 2026-12-31T23:59:59+09:00 --count 400");
    let done = world.run(&format!("{next} --format json")).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let fires = done.lines().into_iter().filter(|line| line["skipped"] != true);
    fires.map(|line| line["at"].as_str().unwrap()[5..10].to_owned()).collect()
}

const ONLY: &str = r#"timezone = "Asia/Seoul"
[accounts.main]
platform = "vpc"
[calendars.office]
ics = "holidays.ics"
[[rules]]
name = "seoul"
action = "start"
cron = "0 9 * * *"
only_on = ["office"]
select = { names = ["dev-*"] }
[[rules]]
name = "berlin"
timezone = "Europe/Berlin"
action = "start"
cron = "0 9 * * *"
only_on = ["office"]
select = { names = ["dev-*"] }
"#;

fn calendar(lines: &[&str]) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}\r\nEND:VCALENDAR\r\n", lines.join("\r\n"))
}

#[tokio::test]
async fn the_last_day_of_a_series_of_outlook_is_a_day_of_the_rule_whose_zone_it_was_written_in() {
    let holidays = calendar(&[
        "BEGIN:VEVENT",
        "UID:1",
        "DTSTART;VALUE=DATE:20261228",
        "RRULE:FREQ=DAILY;UNTIL=20261229T150000Z;INTERVAL=1",
        "END:VEVENT",
    ]);
    assert_eq!(days(ONLY, &holidays, "seoul").await, ["12-28", "12-29", "12-30"]);
    assert_eq!(days(ONLY, &holidays, "berlin").await, ["12-28", "12-29"]);
    let zone = "BEGIN:VTIMEZONE\r\nTZID:Korea Standard Time\r\nBEGIN:STANDARD\r\n\
                DTSTART:16010101T000000\r\nTZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\n\
                END:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT";
    let holidays = holidays.replacen("BEGIN:VEVENT", zone, 1);
    assert_eq!(days(ONLY, &holidays, "berlin").await, ["12-28", "12-29", "12-30"]);
}

#[tokio::test]
async fn observances_are_warned_of_until_they_are_left_out_or_kept() {
    let event = |day: &str, name: &str, description: &str| {
        format!(
            "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:{day}\r\nUID:{day}@google.com\r\nSUMMARY:{name}\r\n\
             DESCRIPTION:{description}\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT"
        )
    };
    let holidays = calendar(&[
        "X-WR-CALNAME:대한민국의 휴일",
        "X-WR-TIMEZONE:Asia/Seoul",
        &event(
            "20260405",
            "식목일",
            "기념일\\n기념일을 숨기려면 Google Calendar 설정으로 이동하세요.",
        ),
        &event(
            "20260508",
            "어버이날",
            "기념일\\n기념일을 숨기려면 Google Calendar 설정으로 이동하세요.",
        ),
        &event("20261009", "한글날", "공휴일"),
        &event("20261225", "크리스마스", "공휴일"),
    ]);
    let allowed = format!("budget.in_12_months = 365\n{ONLY}");
    let world = World::new(&allowed, &holidays);
    let done = world.run("check --format json").await;
    let lines = done.lines();
    let warning = lines.iter().find(|line| line["line"] == 6).unwrap();
    assert_eq!(
        (done.code, &warning["message"], &warning["hint"]),
        (
            Some(0),
            &"2 events of holidays.ics, such as `식목일` on 2026-04-05, are marked as observances, \
              on which people work"
                .into(),
            &"`without = [\"기념일\"]` beside it leaves them out, `without = []` keeps them".into()
        )
    );
    for (key, expected) in [
        ("without = [\"기념일\"]", &["10-09", "12-25"][..]),
        (
            "without = [\"\u{1100}\u{1175}\u{1102}\u{1167}\u{11b7}\u{110b}\u{1175}\u{11af}\"]",
            &["10-09", "12-25"],
        ),
        ("without = []", &["04-05", "05-08", "10-09", "12-25"]),
        ("without = [\"한글\", \"기념일\"]\nall_day_only = true", &["12-25"]),
    ] {
        let rules = allowed.replace("\"holidays.ics\"\n", &format!("\"holidays.ics\"\n{key}\n"));
        assert_eq!(days(&rules, &holidays, "seoul").await, expected, "{key}");
        let done = World::new(&rules, &holidays).run("check").await;
        assert!(!done.stderr.contains("observance"), "{done:?}");
    }
    for (key, message) in [
        ("without = [\" \"]", "every event contains this"),
        (
            "dates = [\"2026-12-24\"]\nwithout = [\"기념일\"]",
            "there is no `ics` whose events could be left out",
        ),
    ] {
        let ics = if key.starts_with("dates") { "" } else { "ics = \"holidays.ics\"\n" };
        let rules = allowed.replace("ics = \"holidays.ics\"\n", &format!("{ics}{key}\n"));
        let done = World::new(&rules, &holidays).run("check --format json").await;
        assert_eq!((done.code, &done.lines()[0]["message"]), (Some(2), &message.into()), "{key}");
    }
    let rules = allowed.replace("\"holidays.ics\"\n", "\"builtin:kr\"\nwithout = [\"labour\"]\n");
    let found = days(&rules, &holidays, "seoul").await;
    assert!(
        found.contains(&"05-05".to_owned()) && !found.contains(&"05-01".to_owned()),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_file_that_is_no_calendar_is_told_what_it_is_and_no_event_is_to_be_taken_out() {
    for (text, message) in [
        ("", "the file is empty"),
        ("\r\n \r\n", "the file is empty"),
        ("<!DOCTYPE html>\n<html>", "this is a web page, and no iCalendar file"),
        ("BEGIN:VCARD\nEND:VCARD", "an iCalendar file begins with `BEGIN:VCALENDAR`"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261", "the file ends here without `END:VEVENT`"),
    ] {
        let done = World::new(ONLY, text).run("check --format json").await;
        let line = &done.lines()[0];
        let said = line["message"].as_str().unwrap();
        assert_eq!((done.code, said.split_once(": ").unwrap().1), (Some(2), message), "{text}");
        let hint = line["hint"].as_str().unwrap();
        assert!(!hint.contains("event") && !hint.contains("dates"), "{text}: {hint}");
    }
}

/// Each is within seconds here, and within one where the program is optimised.
#[tokio::test]
async fn a_file_that_would_never_end_is_read_or_refused_within_seconds() {
    let all = |most: u32| (0..=most).map(|it| it.to_string()).collect::<Vec<_>>().join(",");
    let every = format!("BYHOUR={};BYMINUTE={};BYSECOND={}", all(23), all(59), all(59));
    let event = |lines: &str| format!("BEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\n");
    let too_much = "the file stands for more days and times than are counted";
    for (lines, refused) in [
        (event(&format!("DTSTART;VALUE=DATE:20261225\r\nRRULE:FREQ=YEARLY;{every}")), None),
        (event(&format!("DTSTART:20261225T000000Z\r\nRRULE:FREQ=YEARLY;{every}")), None),
        (event("DTSTART:20261225T000000Z\r\nRRULE:FREQ=SECONDLY"), Some(too_much)),
        (event("DTSTART:20261225\r\nRRULE:FREQ=DAILY").repeat(2000), Some(too_much)),
        (event("DTSTART:20261225").repeat(20_000), None),
        (event(&format!("DTSTART:20261225\r\nSUMMARY:a{}", "\r\n b".repeat(100_000))), None),
        (event(&format!("DTSTART:20261225\r\nRDATE:{}20261225", "20261225,".repeat(50_000))), None),
        (
            event(&format!("DTSTART:20261225\r\nEXDATE:{}20261226", "20261226,".repeat(50_000))),
            None,
        ),
        ("BEGIN:X-A\r\n".repeat(50_000), Some("things are within things more than 32 deep")),
    ] {
        let world = World::new(ONLY, &calendar(&[lines.trim_end()]));
        let began = SystemClock::new().now();
        let next = "next seoul --from 2026-12-25 --count 1 --format json";
        // Whoever only asks is told of a calendar that cannot be read; `check` refuses it.
        let done = world.run(if refused.is_some() { "check" } else { next }).await;
        let took = SystemClock::new().now() - began;
        assert!(took < TimeDelta::seconds(30), "{took}");
        match refused {
            None => assert_eq!(done.lines()[0]["at"], "2026-12-25T09:00:00+09:00", "{done:?}"),
            Some(message) => {
                assert_eq!(done.code, Some(2));
                assert!(done.stderr.contains(message), "{}", done.stderr);
            }
        }
    }
}
