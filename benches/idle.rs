//! What a daemon costs that has 1,000 rules and nothing to do: the real binary, watched through
//! `/proc` for half a minute.
#![expect(clippy::print_stdout, reason = "a bench prints what it found")]

mod daemon;

use std::fmt::Write;
use std::fs;

use anyhow::Context;
use chrono::{DateTime, Datelike, Months, Utc};
use daemon::Daemon;
use lightsout::clock::{Clock, SystemClock};

const RULES: usize = 1_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let clock = SystemClock::new();
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("schedules.toml"), schedules(clock.now())?)?;
    let mut daemon = Daemon::start(folder.path(), environment())?;
    let share = daemon.share_of_a_core().await?;
    let status = fs::read_to_string(daemon.process().join("status"))?;
    println!("an idle daemon with {RULES} rules: {:.3} % of a core", share * 100.0);
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
