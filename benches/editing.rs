//! What it takes to check, look ahead of and compare schedules.toml of 10,000 rules, on two
//! accounts in two regions: the real binary, as an editor's user waits for it.
#![expect(clippy::print_stdout, reason = "a bench prints what it found")]

use std::fmt::Write;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use lightsout::clock::{Clock, SystemClock};

const RULES: usize = 10_000;
/// How often each command is run; the middle one counts.
const RUNS: usize = 9;

/// What rules a file has.
#[derive(Clone, Copy)]
enum Kind {
    /// Stops and starts of teams that agree on a handful of times.
    Alike,
    /// No two rules at the same time, each a stop and a start of the same servers.
    Unlike,
    /// Windows, with weekends and public holidays.
    Windows,
}

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    println!("{RULES} rules, the middle of {RUNS} runs (the slowest; processor time of each):");
    for (kind, name) in [
        (Kind::Alike, "times that many share"),
        (Kind::Unlike, "no two at one time"),
        (Kind::Windows, "windows and holidays"),
    ] {
        let (old, new) = (folder.path().join("old.toml"), folder.path().join("new.toml"));
        fs::write(&old, file(kind, "20")?)?;
        fs::write(&new, file(kind, "21")?)?;
        let (old, new) = (old.as_path(), new.as_path());
        println!("{name}, {} kB", fs::metadata(old)?.len() / 1_000);
        time("check", &["check"], &[old])?;
        time("next", &["next", "--config"], &[old])?;
        time("diff, a tenth of them moved by an hour", &["diff"], &[old, new])?;
    }
    Ok(())
}

fn time(what: &str, command: &[&str], files: &[&Path]) -> anyhow::Result<()> {
    let clock = SystemClock::new();
    let mut took = Vec::with_capacity(RUNS);
    let used = childrens_time()?;
    for _ in 0..RUNS {
        let mut lightsout = Command::new(env!("CARGO_BIN_EXE_lightsout"));
        lightsout.args(command).args(files).env_clear();
        let began = clock.moment();
        let status = lightsout.stdout(File::create("/dev/null")?).stderr(Stdio::null()).status()?;
        took.push(clock.moment().since(began));
        ensure!(status.success(), "{what} ended with {status}");
    }
    took.sort_unstable();
    let show = |took: Duration| format!("{:.0} ms", took.as_secs_f64() * 1e3);
    let used = (childrens_time()? - used) / u32::try_from(RUNS)?;
    println!("  {what}: {} ({}; {})", show(took[RUNS / 2]), show(took[RUNS - 1]), show(used));
    Ok(())
}

/// The processor time of all processes that this one has waited for, in hundredths of a second
/// as Linux counts it.
fn childrens_time() -> anyhow::Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("no name of a program")?;
    let ticks = |place| fields.split_whitespace().nth(place).context("too few fields");
    let ticks = ticks(13)?.parse::<u64>()? + ticks(14)?.parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// A file whose tenth rules act in the hour `tenth`.
fn file(kind: Kind, tenth: &str) -> anyhow::Result<String> {
    let mut text = String::from("timezone = \"Asia/Seoul\"\n");
    for account in ["main", "second"] {
        write!(
            text,
            "[accounts.{account}]\nplatform = \"vpc\"\nregions = [\"KR\", \"SGN\"]\n\
             credentials = \"env:{account}\"\n"
        )?;
    }
    for number in 0..RULES {
        let (team, account) = (number / 2, ["main", "second"][number / 2 % 2]);
        let is_stop = number % 2 == 0;
        let hour = if team % 10 == 0 { tenth } else { "20" };
        let when = match (kind, is_stop) {
            (Kind::Alike, true) => format!("action = \"stop\"\ncron = \"0 {hour} * * MON-FRI\""),
            (Kind::Alike, false) => "action = \"start\"\ncron = \"30 8 * * MON-FRI\"".to_owned(),
            (Kind::Unlike, true) => {
                let (second, minute) = (team % 60, team / 60 % 60);
                format!("action = \"stop\"\ncron = \"{second} {minute} {hour},22 * * *\"")
            }
            (Kind::Unlike, false) => {
                let (second, minute) = (team % 60, team / 60 % 60);
                format!("action = \"start\"\ncron = \"{second} {minute} 7 * * MON-FRI\"")
            }
            (Kind::Windows, _) => {
                let minute = number % 60;
                format!(
                    "off = \"{hour}:{minute:02}-08:00\"\noff_days = [\"weekends\", \"builtin:kr\"]"
                )
            }
        };
        write!(
            text,
            "[[rules]]\nname = \"rule-{number}\"\naccount = \"{account}\"\n{when}\n\
             select = {{ tags = {{ team = \"{team}\" }} }}\nexcept = {{ names = [\"*-db-*\"] }}\n"
        )?;
    }
    Ok(text)
}
