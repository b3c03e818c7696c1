//! Long runs that must double, lose and contradict nothing. Ends with 1 where anything was.
//!
//! - A simulated quarter with 1,000 servers and 100 rules, faults at 5 % of requests and a `kill -9`
//!   every week. `SOAK_DAYS`, `SOAK_SERVERS` and `SOAK_SEED` make it shorter, smaller or another
//!   one.
//! - With `--nodes 3` ten minutes of several machines over one log: deaths, freezes, one of them for
//!   ten minutes or two thirds of the time, cut connections, lost copies, crashes of PostgreSQL.
//!   `--minutes` and `--seed` make it longer or another one.
#![expect(clippy::print_stdout, reason = "a bench prints what it found")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

#[expect(dead_code, reason = "the tests of several machines use the rest")]
#[path = "../../tests/ha/cloud.rs"]
mod cloud;
#[expect(dead_code, reason = "the tests of several machines use the rest")]
#[path = "../../tests/ha/entries.rs"]
mod entries;
#[expect(dead_code, reason = "the tests of several machines use the rest")]
#[path = "../../tests/ha/node.rs"]
mod node;
#[path = "../../tests/ha/soak.rs"]
mod nodes;
#[expect(dead_code, reason = "the tests of several machines use the rest")]
#[path = "../../tests/ha/postgres.rs"]
mod postgres;
#[expect(dead_code, reason = "the tests of several machines use the rest")]
#[path = "../../tests/ha/proxy.rs"]
mod proxy;
mod quarter;
#[expect(dead_code, reason = "the tests of several machines use the rest")]
#[path = "../../tests/ha/wait.rs"]
mod wait;
#[expect(dead_code, reason = "the tests of several machines use the rest")]
#[path = "../../tests/ha/world.rs"]
mod world;

use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;

use self::quarter::{Plan, dice};

#[derive(Debug, Parser)]
struct Options {
    /// Machines over one log; without it, the simulated quarter
    #[arg(long, value_parser = clap::value_parser!(u8).range(2..=5))]
    nodes: Option<u8>,
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if let Some(nodes) = options.nodes {
        return of_nodes(nodes.into(), &options).await;
    }
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

async fn of_nodes(nodes: usize, options: &Options) -> anyhow::Result<ExitCode> {
    let Options { minutes, seed, .. } = *options;
    let length = Duration::from_secs(60 * minutes);
    println!("{minutes} min of {nodes} nodes, seed {seed}");
    let found = nodes::run(nodes::Plan { nodes, length, seed }).await;
    let found = found.context("PostgreSQL is not installed")?;
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
