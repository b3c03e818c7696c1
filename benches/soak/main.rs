//! A simulated quarter with 1,000 servers and 100 rules, faults at 5 % of requests and a
//! `kill -9` every week. Ends with 1 where anything was doubled, lost, contradicted or grown.
//!
//! `SOAK_DAYS`, `SOAK_SERVERS` and `SOAK_SEED` make it shorter, smaller or another one.
#![expect(clippy::print_stdout, reason = "a bench prints what it found")]

mod quarter;

use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context;

use self::quarter::Plan;

/// How many problems are printed.
const MOST_SHOWN: usize = 50;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let plan = Plan {
        begin: "2026-08-24T03:04:56Z".parse()?,
        days: setting("SOAK_DAYS", 91)?,
        servers: setting("SOAK_SERVERS", 1_000)?,
        seed: setting("SOAK_SEED", 1)?,
    };
    println!("{} days from {}, seed {}", plan.days, plan.begin, plan.seed);
    let found = quarter::run(plan).await?;
    println!(
        "{} servers, {} rules, {} firings ({} late), {} kills, in {:.0?}",
        found.servers, found.rules, found.firings, found.late, found.kills, found.took
    );
    println!(
        "{} requests, {} struck by a fault; {} to change something: {:?}",
        found.requests, found.struck, found.changes, found.tally
    );
    println!("outcomes: {:?}", found.words);
    if let Some((first, last)) = found.machine {
        println!("after the first week: {first}\nat the end: {last}");
    }
    for problem in found.problems.iter().take(MOST_SHOWN) {
        println!("PROBLEM {problem}");
    }
    println!("{} problems", found.problems.len());
    Ok(if found.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A setting from the environment.
fn setting<T: FromStr>(name: &str, usual: T) -> anyhow::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    match std::env::var(name) {
        Ok(value) => value.parse().with_context(|| format!("{name}={value}")),
        Err(_) => Ok(usual),
    }
}
