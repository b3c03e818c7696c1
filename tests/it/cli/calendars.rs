//! Calendars, from the file to `check`, `next`, `test`, `diff` and `add`.

mod files;

use std::fs;
use std::path::Path;

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
