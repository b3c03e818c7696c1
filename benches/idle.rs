//! What a daemon costs that has 1,000 rules and nothing to do: the real binary, watched through
//! `/proc` for half a minute.
#![expect(clippy::print_stdout, reason = "a bench prints what it found")]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use chrono::{DateTime, Datelike, Months, Utc};
use lightsout::clock::{Clock, SystemClock};

const RULES: usize = 1_000;
/// How long the daemon may take to come to rest.
const SETTLING: Duration = Duration::from_secs(10);
const WATCHED: Duration = Duration::from_secs(30);

/// A daemon that does not outlive the bench.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let clock = SystemClock::new();
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("schedules.toml"), schedules(clock.now())?)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightsout"));
    command.arg("run").current_dir(folder.path()).env_clear().envs(environment());
    command.envs([("NCLOUD_ACCESS_KEY", "AKREHEARSAL"), ("NCLOUD_SECRET_KEY", "SKREHEARSAL")]);
    let mut daemon = Daemon(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    clock.sleep(SETTLING).await;
    ensure!(daemon.0.try_wait()?.is_none(), "the daemon ended");
    let process = Path::new("/proc").join(daemon.0.id().to_string());
    let (began, used) = (clock.moment(), processor_time(&process)?);
    clock.sleep(WATCHED).await;
    let used = processor_time(&process)?.saturating_sub(used);
    let share = used.as_secs_f64() / clock.moment().since(began).as_secs_f64();
    let status = fs::read_to_string(process.join("status"))?;
    println!("an idle daemon with {RULES} rules:");
    println!("{:.3} % of a core ({used:.1?} in {WATCHED:?})", share * 100.0);
    for field in ["VmRSS", "RssAnon", "VmHWM", "Threads"] {
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        println!("{field} {}", line.with_context(|| format!("no {field}"))?.trim());
    }
    Ok(())
}

/// What the service unit sets, where it runs for good: how the C library gives memory back.
fn environment() -> impl Iterator<Item = (&'static str, &'static str)> {
    let unit = include_str!("../packaging/lightsout.service");
    let set = unit.lines().filter_map(|line| line.strip_prefix("Environment="));
    set.flat_map(str::split_whitespace).filter_map(|variable| variable.split_once('='))
}

/// Rules on a gateway where nobody listens, all of them half a year away.
fn schedules(now: DateTime<Utc>) -> anyhow::Result<String> {
    let month = (now + Months::new(6)).month();
    let mut text = String::from(
        "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n\
         gateway = \"http://127.0.0.1:9\"\n[protect]\nnames = [\"*prod*\"]\n",
    );
    for number in 0..RULES {
        let zone = ["Asia/Seoul", "Europe/Berlin", "America/New_York"][number % 3];
        write!(
            text,
            "[[rules]]\nname = \"rule-{number}\"\naction = \"stop\"\ntimezone = \"{zone}\"\n\
             cron = \"{} 20 {} {month} *\"\nselect = {{ tags = {{ env = \"dev\" }}, \
             names = [\"team-{number}-*\"] }}\nexcept = {{ names = [\"*-db-*\"] }}\n",
            number % 60,
            number % 28 + 1,
        )?;
    }
    Ok(text)
}

/// What all threads together have run for, to the nanosecond.
fn processor_time(process: &Path) -> anyhow::Result<Duration> {
    let mut sum = Duration::ZERO;
    for thread in fs::read_dir(process.join("task"))? {
        let text = fs::read_to_string(thread?.path().join("schedstat"))?;
        let nanoseconds = text.split(' ').next().context("an empty schedstat")?;
        sum += Duration::from_nanos(nanoseconds.parse()?);
    }
    Ok(sum)
}
