//! A log of ten million rows, as years of nights leave it, and how long every question to it
//! takes. Ends with 1 where an aim is missed.
//!
//! `LIGHTSOUT_BENCH_ROWS` makes it smaller. `LIGHTSOUT_BENCH_LOG` names a file to use instead of
//! a temporary one: it is made where there is none, and it stays.
#![expect(clippy::print_stdout, reason = "a bench prints what it found")]

mod company;
#[path = "../soak/quarter/dice.rs"]
mod dice;
mod filters;
mod later;
mod night;
mod questions;
mod reports;
mod space;
mod stopwatch;
mod upkeep;
mod whys;
mod writing;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use lightsout::schedule::AuditFile;

use self::stopwatch::Stopwatch;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let rows = match std::env::var("LIGHTSOUT_BENCH_ROWS") {
        Ok(rows) => rows.parse().with_context(|| format!("LIGHTSOUT_BENCH_ROWS={rows}"))?,
        Err(_) => 10_000_000,
    };
    let folder = tempfile::tempdir()?;
    let path = std::env::var_os("LIGHTSOUT_BENCH_LOG").map(PathBuf::from);
    let path = path.unwrap_or_else(|| folder.path().join("lightsout.db"));
    let file = AuditFile { path, mode: 0o600, keep: None, shared: None };
    let mut watch = Stopwatch::new();
    let log = if file.path.exists() {
        writing::read(&file).await?
    } else {
        let needed = space::needed(rows, file.path.parent().context("a file in a folder")?)?;
        println!("{rows} rows in {}: up to {} MB", file.path.display(), needed / 1_000_000);
        let tell = |log: writing::Written| println!("{} days, {} rows", log.days, log.rows);
        let write = async || writing::write(&file, i64::try_from(rows)?, tell).await;
        let (took, log) = watch.once(write).await?;
        println!("{} rows written in {:.0} s", log.rows, took.as_secs_f64());
        log
    };
    let bytes = std::fs::metadata(&file.path)?.len();
    let a_row = bytes.checked_div(log.rows.unsigned_abs()).unwrap_or(0);
    println!("{} MB, {a_row} bytes a row", bytes / 1_000_000);
    questions::of_people(&mut watch, &file.path, log).await?;
    whys::of_people(&mut watch, &file.path, log).await?;
    reports::of_people(&mut watch, &file.path, log).await?;
    questions::of_the_daemon(&mut watch, &file, log).await?;
    let verified = upkeep::verify(&watch, &file.path).await?;
    upkeep::prune(&watch, &file, log).await?;
    println!("{:<54} {:>7} {:>10} {:>10}", "", "found", "median ms", "worst ms");
    watch.took.iter().for_each(|took| println!("{took}"));
    let is_met = verified && watch.took.iter().all(stopwatch::Took::is_met);
    Ok(if is_met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
