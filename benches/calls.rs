//! How many calls a firing makes, by how many servers it stops: one for the regions, one a page
//! of the list (asked for without paging, it is one page), one for every twenty servers to stop,
//! one for every hundred followed at a look.
#![expect(clippy::print_stdout, reason = "a bench prints what it found")]

mod world;

use std::sync::Arc;

use lightsout::clock::{Clock, RehearsalClock};
use lightsout::cloud::rehearsal::Record;
use world::World;

/// Simulated seconds in each real one.
const SPEED: u32 = 20;

const RULE: &str = "[[rules]]\nname = \"night\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
    select = { names = [\"*\"] }\nmax_instances = 1000\n";

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    println!("servers  regions  pages  stops  follow-ups");
    for servers in [1, 20, 21, 100, 1_000] {
        let calls = calls(servers).await?;
        let count = |of: fn(&Record) -> bool| calls.iter().filter(|call| of(call)).count();
        let regions = count(|call| call.action == "getRegionList");
        let pages = count(|call| call.action == LIST && call.instances.is_empty());
        let stops = count(|call| call.action == "stopServerInstances");
        let follow_ups = count(|call| call.action == LIST && !call.instances.is_empty());
        anyhow::ensure!(regions + pages + stops + follow_ups == calls.len(), "other calls");
        println!("{servers:>7}  {regions:>7}  {pages:>5}  {stops:>5}  {follow_ups:>10}");
    }
    Ok(())
}

const LIST: &str = "getServerInstanceList";

/// Every call of one firing that stops this many servers, each of which takes five seconds.
async fn calls(servers: usize) -> anyhow::Result<Vec<Record>> {
    let clock: Arc<dyn Clock> = RehearsalClock::new("2026-11-23T11:00:00Z".parse()?, SPEED);
    let fleet = format!("[[servers]]\nname = \"dev\"\ncount = {servers}\nstop_takes = \"5s\"\n");
    let world = World::of(&fleet, RULE, &clock).await?;
    let rule = Arc::clone(&world.in_use.schedules.rules[0]);
    let firing = world.dispatch.claim_by_hand(&rule, false, &world.in_use).await?;
    for report in world.dispatch.carry_out(vec![firing], &world.in_use).await {
        anyhow::ensure!(report?.settlements.len() == servers, "a server was left out");
    }
    world.switch.throw();
    Ok(world.cloud.requests())
}
