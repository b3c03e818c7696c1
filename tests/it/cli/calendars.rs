//! Calendars, from the file to `check`, `next`, `test`, `diff` and `add`.

use std::fs;
use std::path::Path;

use chrono::TimeDelta;
use lightsout::clock::{Clock, SystemClock};

use super::shell::{Done, bare, finish};

/// Stops every evening, but not on holidays; starts on the mornings of workdays.
const RULES: &str = r#"timezone = "Asia/Seoul"
[accounts.main]
platform = "vpc"
[calendars.kr]
ics = "holidays.ics"
dates = ["2026-09-28"]
workdays = ["2026-10-03"]
[[rules]]
name = "night"
action = "stop"
cron = "0 20 * * *"
skip_on = ["kr"]
select = { tags = { env = "dev" } }
[[rules]]
name = "morning"
action = "start"
cron = "30 8 * * *"
on = "workdays"
select = { tags = { env = "dev" } }
"#;

/// Chuseok 2026, and a day that comes every year.
const HOLIDAYS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n\
    DTSTART;VALUE=DATE:20260924\r\nDTEND;VALUE=DATE:20260927\r\nSUMMARY:Chuseok\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20201009\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:Hangeul Day\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";

struct World(tempfile::TempDir);

impl World {
    fn new(rules: &str, holidays: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("schedules.toml"), rules).unwrap();
        fs::write(folder.path().join("holidays.ics"), holidays).unwrap();
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    async fn run(&self, arguments: &str) -> Done {
        finish(bare(self.path(), arguments)).await
    }
}

#[tokio::test]
async fn a_week_of_holidays_is_shown_with_what_is_skipped_and_why() {
    let world = World::new(RULES, HOLIDAYS);
    let done = world.run("next --from 2026-09-23T10:00:00+09:00 --until 2026-09-29").await;
    let expected = "\
AT                         RULE     ACTION  CRON        ZONE        NOTE
2026-09-23T20:00:00+09:00  night    stop    0 20 * * *  Asia/Seoul
2026-09-24T08:30:00+09:00  morning  start   30 8 * * *  Asia/Seoul  skipped: kr: Chuseok
2026-09-24T20:00:00+09:00  night    stop    0 20 * * *  Asia/Seoul  skipped: kr: Chuseok
2026-09-25T08:30:00+09:00  morning  start   30 8 * * *  Asia/Seoul  skipped: kr: Chuseok
2026-09-25T20:00:00+09:00  night    stop    0 20 * * *  Asia/Seoul  skipped: kr: Chuseok
2026-09-26T20:00:00+09:00  night    stop    0 20 * * *  Asia/Seoul  skipped: kr: Chuseok
2026-09-27T20:00:00+09:00  night    stop    0 20 * * *  Asia/Seoul
2026-09-28T08:30:00+09:00  morning  start   30 8 * * *  Asia/Seoul  skipped: a day of kr
2026-09-28T20:00:00+09:00  night    stop    0 20 * * *  Asia/Seoul  skipped: a day of kr
";
    let trimmed: Vec<&str> = done.stdout.lines().map(str::trim_end).collect();
    assert_eq!((done.code, trimmed), (Some(0), expected.lines().collect()));
}

#[tokio::test]
async fn what_is_skipped_does_not_count_and_a_make_up_day_is_worked() {
    let world = World::new(RULES, HOLIDAYS);
    let done = world.run("next night --from 2026-09-24 --count 2 --format json").await;
    let told: Vec<_> = done
        .lines()
        .iter()
        .map(|line| (line["at"].as_str().unwrap()[5..10].to_owned(), line["skipped"] == true))
        .collect();
    let told: Vec<_> = told.iter().map(|(day, skipped)| (day.as_str(), *skipped)).collect();
    let skipped = ["09-24", "09-25", "09-26"].map(|day| (day, true));
    assert_eq!(told[..3], skipped);
    assert_eq!(told[3..], [("09-27", false), ("09-28", true), ("09-29", false)]);
    let done = world.run("next morning --from 2026-10-02T12:00:00Z --count 1 --format json").await;
    assert_eq!(done.lines()[0]["at"], "2026-10-03T08:30:00+09:00");
}

#[tokio::test]
async fn a_file_that_cannot_be_understood_is_an_error_at_its_key_and_names_the_event() {
    let holidays = HOLIDAYS.replace("FREQ=YEARLY", "FREQ=LUNAR");
    let world = World::new(RULES, &holidays);
    let done = world.run("check --format json").await;
    let line = &done.lines()[0];
    assert_eq!((done.code, &line["line"], &line["column"]), (Some(2), &5.into(), &7.into()));
    assert_eq!(
        line["message"],
        "holidays.ics, line 10, event `Hangeul Day`: `FREQ=LUNAR` cannot be expanded: it is no \
         `RRULE` that is known"
    );
    fs::remove_file(world.path().join("holidays.ics")).unwrap();
    let done = world.run("check --format json").await;
    assert_eq!(done.lines()[0]["message"], "there is no holidays.ics");
    fs::create_dir(world.path().join("holidays.ics")).unwrap();
    let done = world.run("check --format json").await;
    assert_eq!(done.lines()[0]["message"], "could not read holidays.ics: it is no regular file");
}

#[tokio::test]
async fn a_calendar_that_has_ended_is_a_warning_of_check_whatever_recurs_for_ever() {
    let ended = HOLIDAYS.replace("2026", "2020");
    // Nights of twelve hours come to more than the stop budget allows, which is not the matter.
    let allowed = format!("budget.in_12_months = 365\n{RULES}");
    let rules = allowed.replace("2026", "2020");
    let world = World::new(&rules, &ended);
    let done = world.run("check --format json").await;
    let line = &done.lines()[0];
    assert_eq!((done.code, &line["severity"]), (Some(0), &"warning".into()), "{done:?}");
    assert_eq!(line["message"], "calendar `kr` ended on 2020-09-28: it knows no holiday since");
    assert!(done.stderr.contains("2 rules, 1 warning"), "{done:?}");
    let rules = allowed.replace("dates = [\"2026-09-28\"]\n", "");
    let end = "DTEND;VALUE=DATE:20260927\r\n";
    let endless = HOLIDAYS.replace(end, &format!("{end}RRULE:FREQ=YEARLY\r\n"));
    let sound = World::new(&rules, &endless).run("check").await;
    assert!(!sound.stderr.contains("warning"), "{sound:?}");
}

/// Lines are folded by their bytes, and zones are called what Windows calls them.
#[tokio::test]
async fn a_file_as_other_programs_write_it_is_read() {
    let days = "DTSTART;VALUE=DATE:20260924\r\nDTEND;VALUE=DATE:20260927";
    let times = "DTSTART;TZID=\"Korea Standard Time\":20260924T000000\r\n\
                 DTEND;TZID=GMT+0900:20260927T000000";
    let holidays = HOLIDAYS.replace(days, times).replace("Chuseok", "추석");
    assert!(holidays.contains(times));
    let world = World::new(RULES, &holidays);
    let middle = holidays.find("추석").unwrap() + 4;
    let (begin, end) = holidays.as_bytes().split_at(middle);
    fs::write(world.path().join("holidays.ics"), [begin, b"\r\n ", end].concat()).unwrap();
    let done = world.run("next night --from 2026-09-26 --count 1 --format json").await;
    let told: Vec<_> =
        done.lines().iter().map(|line| (line["at"].clone(), line["note"].clone())).collect();
    let skipped = ("2026-09-26T20:00:00+09:00".into(), "skipped: kr: 추석".into());
    assert_eq!(told, [skipped, ("2026-09-27T20:00:00+09:00".into(), serde_json::Value::Null)]);
}

#[tokio::test]
async fn an_expectation_that_a_holiday_breaks_says_which() {
    let expect = "[[expect]]\nat = \"2026-09-24 22:00\"\nstate = \"stopped\"\n\
                  instance = { name = \"dev-a\", tags = { env = \"dev\" } }\n\
                  [[expect]]\nat = \"2026-09-28 22:00\"\nstate = \"running\"\n\
                  instance = { name = \"dev-a\", tags = { env = \"dev\" } }\n";
    let world = World::new(&format!("{RULES}{expect}"), HOLIDAYS);
    let done = world.run("test --format json").await;
    let lines = done.lines();
    assert_eq!(done.code, Some(1), "{done:?}");
    assert_eq!(lines[0]["holds"], true, "it has been off since the day before");
    assert_eq!(
        lines[1]["reason"],
        "`night` stops it at 2026-09-27T20:00:00+09:00; `night` would stop it at \
         2026-09-28T20:00:00+09:00, but that is skipped: a day of kr; `morning` would start it at \
         2026-09-28T08:30:00+09:00, but that is skipped: a day of kr"
    );
}

#[tokio::test]
async fn an_edit_of_days_is_told_in_words_and_firing_by_firing() {
    let world = World::new(RULES, HOLIDAYS);
    let new = RULES
        .replace("skip_on = [\"kr\"]", "skip_on = [\"builtin:kr\"]")
        .replace("[\"2026-09-28\"]", "[\"2026-09-29\"]");
    fs::write(world.path().join("new.toml"), new).unwrap();
    let diff = "diff schedules.toml new.toml --from 2026-09-24 --days 7 --format json";
    let lines = world.run(diff).await.lines();
    let words: Vec<_> =
        lines.iter().filter_map(|line| line["words"].as_str()).map(ToOwned::to_owned).collect();
    assert_eq!(
        words,
        [
            "calendar `kr`: 2026-09-29 is off now; 2026-09-28 is not off any more",
            "calendar `builtin:kr` is new",
            "`skip_on` is `builtin:kr`, was `kr`",
            "its calendar `kr` has other days",
        ]
    );
    let firings: Vec<_> = lines
        .iter()
        .filter(|line| line["what"] == "firing")
        .map(|line| format!("{} {}{}", line["change"], line["before"], line["after"]))
        .map(|line| line.replace(['"', '\\'], ""))
        .collect();
    assert_eq!(
        firings,
        [
            "added null2026-09-28T20:00:00+09:00",
            "added null2026-09-28T08:30:00+09:00",
            "removed 2026-09-29T08:30:00+09:00null",
        ]
    );
}

#[tokio::test]
async fn a_copy_elsewhere_is_compared_with_the_calendars_of_the_file_in_use() {
    let world = World::new(RULES, HOLIDAYS);
    let elsewhere = tempfile::tempdir().unwrap();
    let old = elsewhere.path().join("before.toml");
    fs::write(&old, RULES).unwrap();
    let done = world.run(&format!("diff {}", old.display())).await;
    assert_eq!(done.silent(), (Some(0), ""), "{done:?}");
}

#[tokio::test]
async fn a_rule_is_added_with_its_days() {
    for (flags, written) in [
        ("--skip-on kr --skip-on builtin:kr", "skip_on = [\"kr\", \"builtin:kr\"]\n"),
        ("--only-on kr", "only_on = [\"kr\"]\n"),
        ("--workdays", "on = \"workdays\"\n"),
        ("--workdays=builtin:kr", "on = \"workdays:builtin:kr\"\n"),
    ] {
        let world = World::new(RULES, HOLIDAYS);
        let done = world.run(&format!("add stop qa --at 21:00 {flags} --name qa-*")).await;
        let text = fs::read_to_string(world.path().join("schedules.toml")).unwrap();
        assert_eq!((done.code, text.contains(written)), (Some(0), true), "{done:?}");
    }
    let world = World::new(RULES, HOLIDAYS);
    let refused = world.run("add stop qa --at 21:00 --skip-on jp --name qa-*").await;
    assert_eq!(refused.silent(), (Some(2), ""), "{refused:?}");
    let text = fs::read_to_string(world.path().join("schedules.toml")).unwrap();
    assert_eq!(text, RULES, "nothing is written");
}

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
