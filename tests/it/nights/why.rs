//! `lightsout why` after a night: asked as a user asks it, of the log that the night left.

use std::fs;
use std::process::Command;
use std::time::Duration;

use lightsout::clock::Clock;
use lightsout::hold::{Hold, Subject};
use lightsout::instance::{InstanceNo, Operation, Status};
use serde_json::Value;

use super::world::{World, seoul};
use super::{FLEET, NIGHT};

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
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code(), text(done.stdout), text(done.stderr))
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
        println!("{}", self.why(&[instance, "--at", &format!("2024-11-{at}")]).1);
        let word = |key: &str| answer[key].as_str().unwrap().to_owned();
        (word("cause"), plain(&word("sentence")))
    }
}

fn plain(sentence: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in sentence.split(' ') {
        let is_number = words.last() == Some(&"(firing") && word.contains(')');
        words.push(match word.split_once("+09:00") {
            Some((time, _)) if time.len() > 5 => &time[..5],
            Some((time, _)) => time,
            None if is_number => &word[word.find(')').unwrap()..],
            None => word,
        });
    }
    words.join(" ").replace("2024-11-", "").replace("(firing )", "(firing)")
}

fn somebody_turns(world: &World, status: Status) {
    world.cloud.set_status(&InstanceNo::new("1").unwrap(), status, Operation::null());
}

#[tokio::test]
async fn a_server_that_was_stopped_as_planned() {
    let world = World::at("2024-11-25T19:50:00", FLEET).await;
    let daemon = world.start(NIGHT).await;
    world.pass_to("2024-11-25T20:00:01");
    world.settled(1).await;
    world.a_minute().await;
    daemon.end().await;
    println!("{:?}", world.because("dev-a", "25 20:02"));
    println!("{:?}", world.because("1", "25 19:00"));
    println!("{:?}", world.because("1", "26 09:00"));
}

#[tokio::test]
async fn a_server_that_was_held() {
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
    println!("{:?}", world.because("dev-a", "26 01:00"));
    println!("{:?}", world.because("dev-a", "26 02:01"));
}

#[tokio::test]
async fn a_server_that_somebody_started_at_night() {
    let world = World::at("2024-11-25T19:59:30", FLEET).await;
    let rules = format!("{OBSERVE}{NIGHT}on_manual_start = \"stop_after 2h\"\n");
    let daemon = world.start(&rules).await;
    world.settled(1).await;
    world.pass_to("2024-11-25T23:00:00");
    world.a_minute().await;
    somebody_turns(&world, Status::Run);
    world.a_minute().await;
    world.a_minute().await;
    daemon.end().await;
    let at = world.clock.now() + Duration::from_secs(9 * 3600);
    println!("{:?}", world.because("dev-a", &at.format("%d %H:%M").to_string()));
}
