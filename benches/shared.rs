//! What a log in PostgreSQL costs beside the embedded one on the same disk: one write, a thousand
//! claims, and a daemon with nothing to do.
#![expect(clippy::print_stdout, reason = "a bench prints what it found")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod daemon;
#[expect(dead_code, reason = "the tests of several machines use the rest")]
#[path = "../tests/ha/postgres.rs"]
mod postgres;
mod ratio;
#[expect(dead_code, reason = "the tests of several machines use the rest")]
#[path = "../tests/ha/wait.rs"]
mod wait;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use daemon::Daemon;
use lightsout::audit::{AuditLog, Claim, Trigger, Writer, share};
use lightsout::clock::{RehearsalClock, SystemClock};
use lightsout::schedule::Schedules;
use postgres::Postgres;
use ratio::compare;
use tokio::runtime::Runtime;

const RULES: usize = 1_000;
const WRITES: usize = 100;

fn main() -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let postgres = runtime.block_on(Postgres::start(&[]));
    let postgres = postgres.context("PostgreSQL is not installed")?;
    let url = postgres::url("postgres", postgres.port);
    let (near, far) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let embedded = schedules(near.path(), "")?;
    let shared = schedules(far.path(), &format!("[audit]\nshared = \"{url}\"\n"))?;
    let place = shared.audit.shared.as_ref().context("it is shared")?;
    runtime.block_on(share(&shared.audit, place, SystemClock::new()))?;
    // Before the claims, which nobody will end.
    for (what, folder) in [("shared", far.path()), ("embedded", near.path())] {
        let mut daemon = Daemon::start(folder, std::iter::empty())?;
        let share = runtime.block_on(daemon.share_of_a_core())?;
        println!("an idle daemon with {RULES} rules, {what}: {:.3} % of a core", share * 100.0);
    }
    {
        let open = |schedules: &Schedules| {
            let clock = RehearsalClock::new(DateTime::UNIX_EPOCH, 0);
            runtime.block_on(AuditLog::open(&schedules.audit, Writer::Fire, clock))
        };
        let (near, far) = (open(&embedded)?, open(&shared)?);
        let write = |log: &AuditLog, schedules| {
            for _ in 0..WRITES {
                runtime.block_on(log.load_file(schedules)).expect("a log that can be written");
            }
        };
        let writes = (|| write(&far, &shared), || write(&near, &embedded));
        compare("100 writes, shared and embedded", None, writes.0, writes.1);
        {
            let claims = (claims(&runtime, &far, &shared)?, claims(&runtime, &near, &embedded)?);
            compare("1,000 claims, shared and embedded", None, claims.0, claims.1);
        }
        runtime.block_on(far.end("done"))?;
        runtime.block_on(near.end("done"))?;
    }
    Ok(())
}

/// Claims all rules, of another day each time.
fn claims<'a>(
    runtime: &'a Runtime,
    log: &'a AuditLog,
    schedules: &'a Schedules,
) -> anyhow::Result<impl FnMut() + use<'a>> {
    let file = runtime.block_on(log.load_file(schedules))?;
    let mut at: DateTime<Utc> = DateTime::UNIX_EPOCH;
    Ok(move || {
        at += TimeDelta::days(1);
        let trigger = Trigger::Schedule(at);
        let of = |rule| Claim { rule, trigger, file, dry_run: false, makes_up: &[] };
        let claims: Vec<Claim<'_>> = schedules.rules.iter().map(|rule| of(&**rule)).collect();
        let ids = runtime.block_on(log.claim(&claims)).expect("a log that can be written");
        assert!(ids.iter().all(Option::is_some));
    })
}

/// Rules that are not due, on a gateway where nobody listens.
fn schedules(folder: &Path, audit: &str) -> anyhow::Result<Schedules> {
    let mut text = format!(
        "timezone = \"UTC\"\nobserve.every = \"off\"\n{audit}[accounts.main]\n\
         platform = \"vpc\"\ngateway = \"http://127.0.0.1:9\"\n"
    );
    let hour = (wait::now() + TimeDelta::hours(12)).format("%H");
    for number in 0..RULES {
        write!(
            text,
            "[[rules]]\nname = \"rule-{number}\"\naction = \"stop\"\ncron = \"0 {hour} * * *\"\n\
             select = {{ names = [\"dev*\"] }}\n"
        )?;
    }
    let path = folder.join("schedules.toml");
    fs::write(&path, &text)?;
    let read = Schedules::parse(&path, &text);
    let (schedules, _) = read.map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    Ok(schedules)
}
