//! `lightsout why` after a night: asked as a user asks it, of the log that the night left.

use std::fs;
use std::process::Command;

use lightsout::cloud::codes;
use lightsout::hold::Hold;
use lightsout::model::instance::{InstanceNo, Status};
use lightsout::model::subject::Subject;
use serde_json::Value;

use super::world::{World, seoul};
use super::{FLEET, NIGHT};
use crate::json;

/// Looks every minute.
const OBSERVE: &str = "[observe]\nevery = \"1m\"\n";

impl World {
    /// What the program prints, from a folder where schedules.toml has an error in it.
    fn why(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "timezone = \"Asia/Seoul\"\naudit.path = \"{}\"\n[[rules]]\nnmae = 1\n",
            self.log().display()
        );
        fs::write(folder.path().join("schedules.toml"), text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_lightsout"));
        command.arg("why").args(arguments).current_dir(folder.path()).env_clear();
        let done = command.output().unwrap();
        let [stdout, stderr] =
            [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        json::hold(&command, (&stdout, &stderr));
        (done.status.code(), stdout, stderr)
    }

    /// The answer as an object.
    fn answer(&self, instance: &str, at: &str) -> Value {
        let at = format!("2024-11-{at}");
        let (code, stdout, stderr) = self.why(&[instance, "--at", &at, "--format", "json"]);
        assert_eq!(code, Some(0), "{stderr}");
        serde_json::from_str(&stdout).unwrap()
    }

    /// The cause and the sentence, the times in it to the minute and without their offset, the
    /// firings without their numbers.
    fn because(&self, instance: &str, at: &str) -> (String, String) {
        let answer = self.answer(instance, at);
        let word = |key: &str| answer[key].as_str().unwrap().to_owned();
        (word("cause"), plain(&word("sentence")))
    }
}

fn plain(sentence: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in sentence.split(' ') {
        let is_number = words.last().is_some_and(|word| word == "(firing");
        words.push(match word.split_once("+09:00") {
            Some((time, rest)) if time.len() > 5 => format!("{}{rest}", &time[..5]),
            Some((time, rest)) => format!("{time}{rest}"),
            None if is_number => word.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned(),
            None => word.to_owned(),
        });
    }
    words.join(" ").replace("2024-11-", "").replace("(firing )", "(firing)")
}

fn somebody_turns(world: &World, status: Status) {
    world.cloud.set_status(&InstanceNo::new("1").unwrap(), status, codes::operation("NULL"));
}

/// Asks for the cause and the sentence.
fn assert_because(world: &World, (instance, at): (&str, &str), (cause, sentence): (&str, &str)) {
    let answer = world.because(instance, at);
    assert_eq!((answer.0.as_str(), answer.1.as_str()), (cause, sentence), "{instance} at {at}");
}

#[tokio::test]
async fn a_server_that_was_stopped_as_planned_was_running_before_and_off_after() {
    let world = World::at("2024-11-25T19:50:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    world.pass_to("2024-11-25T20:00:01");
    world.settled(1).await;
    world.a_minute().await;
    daemon.end().await;
    let stopped = "`night`, due at 25 20:00, stopped it by 25 20:00 (firing).";
    assert_because(
        &world,
        ("dev-a", "25 20:30"),
        ("turned", &format!("It was off because {stopped}")),
    );
    assert_because(
        &world,
        ("1", "26 09:00"),
        ("turned", &format!("It was off when it was last seen, at 25 20:00, because {stopped}")),
    );
    let nobody = "Nobody knows: the log saw it first at 25 20:00, in RUN.";
    assert_because(&world, ("1", "25 19:00"), ("unknown", nobody));
}

#[tokio::test]
async fn a_server_that_was_held_ran_until_the_stop_was_made_up() {
    let world = World::at("2024-11-25T19:50:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    let hold = Hold {
        subject: Subject::Instance("dev-a".to_owned()),
        until: seoul("2024-11-26T02:00:00"),
        skip: false,
        why: Some("release".to_owned()),
        who: "kim@desk".to_owned(),
    };
    world.hand(NIGHT).await.dispatch.audit.hold(&hold).await.unwrap();
    world.pass_to("2024-11-25T19:59:50");
    world.settled(1).await;
    world.a_minute().await;
    world.pass_to("2024-11-26T01:59:50");
    world.settled(2).await;
    world.a_minute().await;
    daemon.end().await;
    let made_up = "the deferred stop was caught up on: `night` stopped it by 26 02:00 (firing).";
    let sentence = format!(
        "It ran because it was held until 26 02:00 by kim@desk (release) when `night` fired at \
         25 20:00 (firing); then {made_up}"
    );
    assert_because(&world, ("dev-a", "26 01:00"), ("held", &sentence));
    let off = format!("It was off because {made_up}");
    assert_because(&world, ("dev-a", "26 02:30"), ("turned", &off));
}

#[tokio::test]
async fn a_server_that_somebody_started_at_night_ran_for_that() {
    let world = World::at("2024-11-25T19:59:30", FLEET).await;
    let rules = format!("{OBSERVE}{NIGHT}on_manual_start = \"stop_after 2h\"\n");
    let daemon = world.start(&rules).await;
    world.settled(1).await;
    somebody_turns(&world, codes::status("RUN"));
    world.a_minute().await;
    world.a_minute().await;
    daemon.end().await;
    let answer = world.because("dev-a", "25 20:10");
    assert_eq!(answer.0, "turned_by_others");
    let said = [
        "It ran because somebody else started it between 25 20:0",
        "; before that, `night`, \
        due at 25 20:00, stopped it by 25 20:00 (firing); the deferred stop of `night` falls due at \
        25 22:0",
    ];
    assert!(said.iter().all(|part| answer.1.contains(part)), "{answer:?}");
}

#[tokio::test]
async fn a_server_that_a_rule_was_kept_from_stopping_ran_for_that() {
    let refusing =
        FLEET.replace("no = \"1\"", "no = \"1\"\nrefuse = { code = \"77777\", message = \"no.\" }");
    let protect = "[protect]\nnames = [\"dev-a\"]\n";
    let except = "except = { names = [\"dev-a\"] }\n";
    for (fleet, rules, cause, words) in [
        (
            FLEET,
            format!("{protect}{NIGHT}"),
            "protected",
            "it was protected when `night` fired at 25 20:00 (firing)",
        ),
        (
            FLEET,
            format!("{NIGHT}{except}"),
            "excepted",
            "it was excepted when `night` fired at 25 20:00 (firing)",
        ),
        (
            FLEET,
            format!("{NIGHT}dry_run = true\n"),
            "dry_run",
            "`night` sent nothing at 25 20:00: a dry run (firing)",
        ),
        (
            &refusing,
            NIGHT.to_owned(),
            "refused",
            "the cloud refused the stop of `night` at 25 20:00: asked 4 times; HTTP 400, return code \
             77777 (no.) (firing)",
        ),
    ] {
        let world = World::at("2024-11-25T19:59:30", fleet).await;
        let daemon = world.start(&rules).await;
        world.settled(1).await;
        daemon.end().await;
        let sentence = format!("It ran because {words}.");
        assert_because(&world, ("dev-a", "25 20:30"), (cause, &sentence));
    }
}

#[tokio::test]
async fn a_server_whose_stop_was_missed_ran_for_that_before_and_after_it_was_noted() {
    let world = World::at("2024-11-25T19:40:00", FLEET).await;
    let rules = format!("{OBSERVE}{NIGHT}");
    let daemon = world.start(&rules).await;
    world.is_seen("2").await;
    daemon.end().await;
    let nobody = world.because("dev-a", "25 20:05");
    assert_eq!(nobody.0, "missed");
    assert!(
        nobody.1.ends_with("`night` was due at 25 20:00 and no daemon was there."),
        "{nobody:?}"
    );
    world.pass_to("2024-11-25T21:10:00");
    let daemon = world.start(&rules).await;
    world.settled(1).await;
    world.is_seen("2").await;
    daemon.end().await;
    let missed = world.because("dev-a", "25 20:30");
    assert_eq!(missed.0, "missed");
    let said = "It ran because `night` missed its firing at 25 20:00: daemon away 25 19:4";
    assert!(missed.1.starts_with(said), "{missed:?}");
}

#[tokio::test]
async fn a_server_whose_rule_drifted_ran_since_somebody_started_it() {
    let fleet = "[[servers]]\nname = \"dev\"\nno = \"1\"\ncount = 3\nstop_takes = \"5s\"\n\
        [[servers]]\nname = \"qa\"\nno = \"11\"\ncount = 6\n";
    let world = World::at("2024-11-25T19:59:30", fleet).await;
    let daemon = world.start(&format!("{OBSERVE}{NIGHT}")).await;
    world.settled(3).await;
    somebody_turns(&world, codes::status("RUN"));
    for no in 11..17 {
        let no = InstanceNo::new(no.to_string()).unwrap();
        world.cloud.rename(&no, &format!("dev-{no}"));
    }
    world.is_seen("1").await;
    world.is_seen("1").await;
    world.pass_to("2024-11-26T19:59:50");
    world.settled(4).await;
    daemon.end().await;
    let answer = world.because("1", "26 20:10");
    assert_eq!(answer.0, "guarded");
    let said =
        ["because `night` sent nothing at 26 20:00: drifted, 9 instances, 3 at most in its last \
         firings (firing); before that, somebody else started it between 25 20:0"];
    assert!(said.iter().all(|part| answer.1.contains(part)), "{answer:?}");
}

#[tokio::test]
async fn a_server_that_no_rule_means_runs_for_that_and_one_that_nobody_saw_is_not_known() {
    let world = World::at("2024-11-25T19:40:00", FLEET).await;
    let tagged = NIGHT
        .replace("\"night\"", "\"tagged\"")
        .replace("names = [\"dev-*\"]", "tags = { env = \"dev\" }");
    let daemon = world.start(&format!("{OBSERVE}{NIGHT}{tagged}")).await;
    world.is_seen("2").await;
    daemon.end().await;
    let answer = world.answer("prod", "25 19:45");
    assert_eq!(answer["cause"], "no_rule");
    assert_eq!(
        plain(answer["sentence"].as_str().unwrap()),
        "It ran because no firing that stops has matched it so far; whether `tagged` means it \
         is not known yet: its tags are read when a rule fires."
    );
    assert_eq!(answer["rules"].as_array().unwrap().len(), 1, "{answer}");
    assert_eq!(
        answer["unknown"][0],
        "its tags: the log does not keep them, only which servers a firing matched"
    );
    let (code, stdout, stderr) = world.why(&["dev-aa"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    assert!(stderr.contains("never seen a server `dev-aa`"), "{stderr}");
    assert!(stderr.contains("did you mean `dev-a`?"), "{stderr}");
}

#[tokio::test]
async fn a_server_whose_rule_kept_a_holiday_or_was_disabled_ran_for_that() {
    let holiday = "[calendars.office]\ndates = [\"2024-11-25\"]\n";
    // Only where a rule is enabled the daemon looks.
    let other = NIGHT.replace("\"night\"", "\"other\"").replace("dev-*", "qa-*");
    let disabled = format!("enabled = false\ndisabled_because = \"release week\"\n{other}");
    for (rules, cause, words) in [
        (
            format!("{holiday}{OBSERVE}{NIGHT}skip_on = [\"office\"]\n"),
            "calendar",
            "`night` did not fire at 25 20:00: ",
        ),
        (format!("{OBSERVE}{NIGHT}{disabled}"), "disabled", "`night` did not fire at 25 20:00: "),
    ] {
        let world = World::at("2024-11-25T19:50:00", FLEET).await;
        let daemon = world.start(&rules).await;
        world.is_seen("2").await;
        world.pass_to("2024-11-25T20:30:00");
        world.a_minute().await;
        daemon.end().await;
        let answer = world.because("dev-a", "25 20:20");
        assert_eq!(answer.0, cause, "{answer:?}");
        assert!(answer.1.starts_with(&format!("It ran because {words}")), "{answer:?}");
    }
}

#[tokio::test]
async fn a_rule_that_was_added_or_removed_today_says_so() {
    let other = NIGHT.replace("\"night\"", "\"late\"").replace("0 20", "0 23");
    let (none, late) = (NIGHT.replace("dev-*", "qa-*"), format!("{OBSERVE}{other}"));
    for (before, after, words) in [
        (format!("{OBSERVE}{none}"), &late, "; `late` means it only since 25 2"),
        (late.clone(), &format!("{OBSERVE}{none}"), "; `late` meant it until 25 2"),
    ] {
        let world = World::at("2024-11-25T19:50:00", FLEET).await;
        let daemon = world.start(&before).await;
        world.is_seen("2").await;
        daemon.end().await;
        world.pass_to("2024-11-25T20:30:00");
        let daemon = world.start(after).await;
        world.is_seen("2").await;
        world.pass_to("2024-11-25T20:50:00");
        world.a_minute().await;
        daemon.end().await;
        let answer = world.because("dev-a", "25 20:45");
        assert!(answer.1.contains(words), "{answer:?}");
        assert!(answer.1.contains("when schedules.toml was edited"), "{answer:?}");
    }
}
