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

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let plan = Plan {
        begin: "2026-08-24T03:04:56Z".parse()?,
        days: setting("SOAK_DAYS", 91)?,
        servers: setting("SOAK_SERVERS", 1_000)?,
        seed: setting("SOAK_SEED", 1)?,
    };
    println!("{} days from {}, seed {}", plan.days, plan.begin, plan.seed);
    let tell = |week, used: Option<_>| match used {
        Some(used) => println!("{week}: {used}"),
        None => println!("{week}"),
    };
    let found = quarter::run(plan, tell).await?;
    println!("{found}");
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
