//! A folder with a schedules.toml, a rehearsal cloud and the program between them.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use chrono::Timelike;
use lightsout::clock::{Clock, SystemClock};
use lightsout::cloud::rehearsal::{Fleet, RehearsalCloud};
use serde_json::Value;

use crate::json;

/// One server that stops within a second.
pub(super) const ONE: &str =
    "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"500ms\"\ntags = { env = \"dev\" }\n";

/// A schedules.toml whose only rule stops everything.
pub(super) const ALL: &str = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n\
    [[rules]]\nname = \"night\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
    select = { names = [\"*\"] }\npatience = \"30s\"\n";

/// A zone in which it is now this hour.
pub(super) fn where_it_is(hour: u32) -> String {
    let now = SystemClock::new().now().hour();
    // From -12 to 11. The signs of these zones are those of POSIX.
    let east = (i64::from(hour) - i64::from(now) + 36) % 24 - 12;
    format!("Etc/GMT{:+}", -east)
}

pub(super) struct Shell {
    pub(super) cloud: RehearsalCloud,
    folder: tempfile::TempDir,
}

/// What a command left behind.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Shell {
    pub(super) async fn of(fleet: &str, schedules: &str) -> Self {
        Self::on(SystemClock::new(), fleet, schedules).await
    }

    /// The same, whose cloud has a clock of its own.
    pub(super) async fn on(clock: Arc<dyn Clock>, fleet: &str, schedules: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("schedules.toml"), schedules).unwrap();
        let fleet = Fleet::parse(fleet).unwrap();
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let cloud = RehearsalCloud::serve(fleet, clock, listen).await.unwrap();
        Self { cloud, folder }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The program in this folder, with nothing in its environment but the cloud's keys.
    pub(super) fn command(&self, arguments: &str) -> Command {
        let mut command = bare(self.path(), arguments);
        command
            .env("NCLOUD_API_GW", self.cloud.base_url())
            .env("NCLOUD_ACCESS_KEY", self.cloud.access_key())
            .env("NCLOUD_SECRET_KEY", self.cloud.secret_key());
        command
    }

    pub(super) async fn run(&self, arguments: &str) -> Done {
        finish(self.command(arguments)).await
    }

    /// Runs a command that must go well, and reads its JSON Lines.
    pub(super) async fn json(&self, arguments: &str) -> Vec<Value> {
        let done = self.run(&format!("{arguments} --format json")).await;
        // Its code says how things are.
        let is_status = arguments.starts_with("status") && matches!(done.code, Some(1 | 3));
        assert!(done.code == Some(0) || is_status, "{done:?}");
        done.lines()
    }

    pub(super) fn stop_requests(&self) -> u64 {
        self.cloud.counts().requests_for("stopServerInstances")
    }
}

impl Done {
    /// Stdout as JSON Lines.
    pub(super) fn lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The exit code, and whether stdout stayed empty.
    pub(super) fn silent(&self) -> (Option<i32>, &str) {
        (self.code, &self.stdout)
    }
}

/// The program in a folder, with an empty environment, no zone data but its own, and no file of the
/// system's.
pub(super) fn bare(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightsout"));
    command
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("TZDIR", folder)
        .env("CONFIGURATION_DIRECTORY", folder.join("etc"))
        .stdin(Stdio::null());
    command
}

/// Runs a command without holding up the cloud in this process, and holds its JSON against the
/// schemas.
pub(super) async fn finish(mut command: Command) -> Done {
    let run = tokio::task::spawn_blocking(move || (command.output(), command));
    let (output, command) = run.await.unwrap();
    let Output { status, stdout, stderr } = output.unwrap();
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    json::hold(&command, (&stdout, &stderr));
    Done { code: status.code(), stdout, stderr }
}

/// The keys of a JSON object, in the order of the text.
pub(super) fn keys(line: &str) -> Vec<&str> {
    let keys = line.split(",\"").filter_map(|part| part.split_once("\":"));
    keys.map(|(key, _)| key.trim_start_matches("{\"")).collect()
}

/// The name of whoever runs this test, as the system knows it.
pub(super) fn own_name() -> String {
    let name = Command::new("id").arg("-un").output().unwrap().stdout;
    String::from_utf8(name).unwrap().trim().to_owned()
}
