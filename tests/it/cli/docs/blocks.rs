//! Every block of every page is run, or says that it is not.
//!
//! A block `sh` is run as it is and must exit with 0. In a block `console` each `$ …` is run, and
//! the lines below are what it prints; `…` stands for anything. `toml` is a part of schedules.toml
//! that `check` must take, `toml NAME` a file that later blocks of the page find. `norun` after
//! any of these says that nothing is run. The folder holds the example at the top of the
//! repository, and a log in which `dev-nightly` was fired once.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use lightsout::cloud::rehearsal::Fleet;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::task::{JoinSet, spawn_blocking};

use super::super::shell::Shell;
use super::page::{Block, Page};

const EXAMPLE: &str = include_str!("../../../../schedules.toml");

/// What the pages' examples name.
const FLEET: &str = r#"
regions = ["KR"]
[[servers]]
name = "dev-api"
count = 2
stop_takes = "200ms"
start_takes = "200ms"
tags = { env = "dev" }
[[servers]]
name = "dev-db-1"
tags = { env = "dev" }
[[servers]]
name = "qa-1"
[[servers]]
name = "prod-web"
tags = { env = "prod" }
"#;

/// What a part of a file stands in, where it does not say so itself.
const ZONE: &str = "timezone = \"Asia/Seoul\"\n";
const ACCOUNT: &str = "[accounts.main]\nplatform = \"vpc\"\n";
const RULE: &str = "[[rules]]\nname = \"dev-nightly\"\naction = \"stop\"\n\
    cron = \"0 20 * * MON-FRI\"\nselect = { names = [\"dev-*\"] }\n";

/// Fires once by hand, and lets a daemon take the file into use.
const PAST: &str = "lightsout fire dev-nightly --yes\nlightsout run &\n\
    until lightsout status --alive; do sleep 0.1; done\nkill $!\nwait $!\n\
    lightsout audit backup copy.db\n";

const HOLIDAYS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\n\
    UID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20270101\r\nRRULE:FREQ=YEARLY\r\n\
    SUMMARY:New Year\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// Runs a script as a person would paste it: what it printed, and whether it went well.
fn run(mut command: Command, folder: &Path) -> (String, bool) {
    let path = folder.join(".printed");
    let printed = File::create(&path).unwrap();
    command.stdout(printed.try_clone().unwrap()).stderr(printed).stdin(Stdio::null());
    let mut child = command.process_group(0).spawn().unwrap();
    let group = Pid::from_child(&child);
    let went_well = child.wait().unwrap().success();
    // What it left in the background; mostly nothing.
    let _ = kill_process_group(group, Signal::KILL);
    (fs::read_to_string(path).unwrap(), went_well)
}

/// Whether a text is as a pattern says, in which `…` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('…');
    let first = parts.next().expect("a split has a part");
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// The lines of a text, with one blank where there are several: columns may be wider elsewhere.
fn squeezed(text: &str) -> String {
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_end().lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A folder for the commands of one page.
struct Folder {
    shell: Shell,
    page: String,
}

impl Folder {
    async fn of(page: &str) -> Self {
        let shell = Shell::of(FLEET, EXAMPLE).await;
        for calendar in ["holidays.ics", "korean-holidays.ics"] {
            fs::write(shell.path().join(calendar), HOLIDAYS).unwrap();
        }
        Self { shell, page: page.to_owned() }
    }

    async fn script(&self, script: &str) -> (String, bool) {
        let binary = Path::new(env!("CARGO_BIN_EXE_lightsout")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("sh");
        let like = self.shell.command("");
        command.args(["-ec", script]).current_dir(self.shell.path()).env_clear();
        command.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("PATH", format!("{}:{path}", binary.display())).env_remove("TZDIR");
        let folder = self.shell.path().to_owned();
        let done = spawn_blocking(move || run(command, &folder));
        tokio::time::timeout(Duration::from_secs(120), done)
            .await
            .unwrap_or_else(|_| panic!("{}: waits for ever: {script}", self.page))
            .unwrap()
    }

    async fn block(&self, block: &Block) {
        let at = format!("{}:{}", self.page, block.line);
        let words: Vec<&str> = block.info.split_whitespace().collect();
        match words[..] {
            ["text" | "json" | "yaml" | "sql" | "python" | "rust"] | [_, "norun"] => {}
            ["sh"] => {
                let (printed, went_well) = self.script(&block.text).await;
                assert!(went_well, "{at}: {}\n{printed}", block.text);
            }
            ["console"] => self.console(&at, &block.text).await,
            ["toml"] => self.part(&at, &block.text).await,
            ["toml", "fleet.toml"] => {
                Fleet::parse(&block.text).unwrap_or_else(|error| panic!("{at}: {error}"));
            }
            ["toml", name] => fs::write(self.shell.path().join(name), &block.text).unwrap(),
            _ => panic!("{at}: say in what language `{}` is", block.info),
        }
    }

    async fn console(&self, at: &str, text: &str) {
        let commands = format!("\n{text}");
        for command in commands.split("\n$ ").skip(1) {
            let (command, expected) = command.split_once('\n').unwrap_or((command, ""));
            let (printed, went_well) = self.script(command).await;
            assert!(went_well, "{at}: {command}\n{printed}");
            let fit = fits(&squeezed(expected), &squeezed(&printed));
            assert!(fit, "{at}: {command}\nprints\n{printed}\nand not\n{expected}");
        }
    }

    /// A part of schedules.toml: with a base and a rule around it, `check` must take it.
    async fn part(&self, at: &str, text: &str) {
        let unless = |key: &str, part: &'static str| {
            if text.lines().any(|line| line.starts_with(key)) { "" } else { part }
        };
        // Keys of the top stand first.
        let tables = if text.starts_with('[') { Some(0) } else { text.find("\n[") };
        let (keys, tables) = text.split_at(tables.unwrap_or(text.len()));
        let file = [
            unless("timezone", ZONE),
            keys,
            "\n",
            unless("[accounts.", ACCOUNT),
            unless("[[rules]]", RULE),
            tables,
        ]
        .concat();
        fs::write(self.shell.path().join("part.toml"), &file).unwrap();
        let done = self.shell.run("check part.toml").await;
        assert!(matches!(done.code, Some(0 | 1)), "{at}:\n{file}\n{}", done.stderr);
    }
}

#[tokio::test]
async fn every_command_of_every_page_can_be_typed_as_it_stands() {
    let past = Folder::of("the past of all pages").await;
    let (printed, went_well) = past.script(PAST).await;
    assert!(went_well, "{printed}");
    let log = past.shell.path().join("copy.db");

    let mut pages = JoinSet::new();
    for page in Page::all() {
        let log = log.clone();
        pages.spawn(async move {
            let folder = Folder::of(&page.name).await;
            fs::copy(log, folder.shell.path().join("lightsout.db")).unwrap();
            for block in page.blocks() {
                folder.block(&block).await;
            }
        });
    }
    pages.join_all().await;
}
