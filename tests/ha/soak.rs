//! Minutes of deaths, freezes, cuts and lost copies, at random, while a rule falls due every second.
//! At the end nothing is doubled, nothing is lost, and all copies are equal.
//!
//! Shared by a short test and by `cargo bench --bench soak -- --nodes 3`.

use std::fmt::{self, Write as _};
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rustix::process::Signal;
use tokio::sync::{Semaphore, watch};

use crate::dice::Dice;
use crate::node::Node;
use crate::proxy::{Act, Proxy};
use crate::wait;
use crate::world::{World, rule};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
/// Each rule is the only one for its server; every fifth starts it.
const STARTS: usize = 5;
/// The first rule falls due so long after the nodes have read the file, and the last so long before
/// the end.
const AROUND: TimeDelta = TimeDelta::seconds(10);
/// One freeze is so long, or two thirds of it all where that is shorter. It begins when the first
/// rules are due.
const LONG_FREEZE: Duration = Duration::from_secs(600);
const BEFORE_LONG_FREEZE: Duration = Duration::from_secs(20);
/// A node is left alone for up to so many seconds between two troubles.
const REST: usize = 10;
/// A writing is cut at one of these.
const KINDS: [&str; 7] = ["firing", "target", "request", "answer", "seen", "outcome", "firing_end"];
const CUTS: [Act; 4] = [Act::CutBefore, Act::CutWithin, Act::CutAfter, Act::CutTheAnswer];

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) nodes: usize,
    pub(crate) length: Duration,
    pub(crate) seed: u64,
}

impl Plan {
    fn long_freeze(self) -> Duration {
        LONG_FREEZE.min(self.length * 2 / 3)
    }
}

/// How often something was done to the machines.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    kills: usize,
    freezes: usize,
    longest_freeze: Duration,
    thawed_by_others: usize,
    cuts: usize,
    lost_copies: usize,
    crashes: usize,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Findings {
    firings: usize,
    missed: usize,
    takeovers: usize,
    /// The longest time from an instant to its claim, in milliseconds.
    latest: i64,
    done: Done,
    pub(crate) problems: Vec<String>,
}

/// A machine, and its way to PostgreSQL.
struct Machine {
    node: Node,
    proxy: Proxy,
    dice: Dice,
}

/// Runs it; `None` where PostgreSQL is not installed.
pub(crate) async fn run(plan: Plan) -> Option<Findings> {
    let rules = usize::try_from(plan.length.as_secs()).unwrap();
    let mut fleet = String::new();
    for no in 1..=rules {
        let state = if is_start(no) { "status = \"NSTOP\"\n" } else { "" };
        writeln!(fleet, "[[servers]]\nname = \"dev-{no}\"\nno = \"{no}\"\n{state}").unwrap();
        fleet.push_str("stop_takes = \"2s\"\nstart_takes = \"2s\"\n");
    }
    let world = World::of(&fleet).await?;
    let mut machines = Vec::new();
    for name in &NAMES[..plan.nodes] {
        let proxy = Proxy::to(world.postgres.port).await;
        let node = world.node_at(name, proxy.port);
        let seed = plan.seed.wrapping_mul(31).wrapping_add(machines.len() as u64);
        machines.push(Machine { node, proxy, dice: Dice::seeded(seed) });
    }
    let shared = machines[0].node.run("audit share").await;
    assert_eq!(shared.code, Some(0), "{shared:?}");
    for machine in &mut machines {
        machine.node.start();
        machine.node.says("daemon started").await;
    }
    let nodes: Vec<&Node> = machines.iter().map(|it| &it.node).collect();
    let at = world.plan(&nodes, |at| all_rules(rules, at + AROUND)).await + AROUND;
    let done = trouble(&world, &mut machines, plan).await;
    let nodes: Vec<&Node> = machines.iter().map(|it| &it.node).collect();
    Some(find(&world, &nodes, (rules, at), (done, plan.long_freeze())).await)
}

fn is_start(no: usize) -> bool {
    no.is_multiple_of(STARTS)
}

fn all_rules(count: usize, from: DateTime<Utc>) -> String {
    let mut all = String::new();
    for no in 1..=count {
        let at = from + TimeDelta::seconds(i64::try_from(no).unwrap());
        let action = if is_start(no) { "start" } else { "stop" };
        all.push_str(&rule(&format!("r{no}"), action, &format!("dev-{no}"), at));
    }
    all
}

/// Does things to the machines until time is up, never to all at once.
async fn trouble(world: &World, machines: &mut [Machine], plan: Plan) -> Done {
    let others = Arc::new(Semaphore::new(machines.len() - 1));
    let (up, is_up) = watch::channel(false);
    let time = async {
        wait::pass(plan.length + AROUND.to_std().unwrap()).await;
        up.send_replace(true);
    };
    let mut long = Some(plan.long_freeze());
    let each = machines.iter_mut().map(|machine| {
        let (others, is_up) = (Arc::clone(&others), is_up.clone());
        machine.suffer(others, is_up, long.take())
    });
    let each = futures_util::future::join_all(each);
    let crashes = crash(world, Dice::seeded(plan.seed), is_up.clone());
    let ((), done, crashes) = tokio::join!(time, each, crashes);
    done.into_iter().fold(Done { crashes, ..Done::default() }, |sum, it| Done {
        kills: sum.kills + it.kills,
        freezes: sum.freezes + it.freezes,
        longest_freeze: sum.longest_freeze.max(it.longest_freeze),
        thawed_by_others: sum.thawed_by_others + it.thawed_by_others,
        cuts: sum.cuts + it.cuts,
        lost_copies: sum.lost_copies + it.lost_copies,
        crashes: sum.crashes,
    })
}

/// Crashes PostgreSQL now and then.
async fn crash(world: &World, mut dice: Dice, mut is_up: watch::Receiver<bool>) -> usize {
    let mut crashes = 0;
    while rests(&mut is_up, Duration::from_secs(30 + dice.below(60) as u64)).await {
        world.postgres.crash();
        crashes += 1;
        wait::pass(Duration::from_secs(dice.below(20) as u64)).await;
        world.postgres.begin().await;
    }
    crashes
}

/// Lets time pass; `false` as soon as time is up.
async fn rests(is_up: &mut watch::Receiver<bool>, time: Duration) -> bool {
    tokio::select! {
        () = wait::pass(time) => {}
        _ = is_up.wait_for(|is_up| *is_up) => {}
    }
    !*is_up.borrow()
}

impl Machine {
    /// Suffers one trouble after the other, and is well at the end. `long`: of its first freeze.
    async fn suffer(
        &mut self,
        others: Arc<Semaphore>,
        mut is_up: watch::Receiver<bool>,
        long: Option<Duration>,
    ) -> Done {
        let mut done = Done::default();
        if let Some(long) = long {
            let _alone = others.acquire().await.unwrap();
            rests(&mut is_up, BEFORE_LONG_FREEZE).await;
            self.freeze(long, &mut is_up, &mut done).await;
        }
        loop {
            let rest = Duration::from_millis(500 * self.dice.below(2 * REST) as u64);
            if !rests(&mut is_up, rest).await {
                return done;
            }
            let _alone = others.acquire().await.unwrap();
            let time = Duration::from_secs(self.dice.below(20) as u64);
            match self.dice.below(10) {
                0..3 => {
                    done.kills += 1;
                    self.node.kill().await;
                    rests(&mut is_up, time).await;
                    self.node.start();
                }
                3..6 => self.freeze(time * 2, &mut is_up, &mut done).await,
                6 => {
                    done.cuts += 1;
                    self.proxy.go_away();
                    rests(&mut is_up, time * 2).await;
                    self.proxy.come_back();
                }
                7..9 => {
                    done.cuts += 1;
                    let (kind, act) = (self.dice.below(KINDS.len()), self.dice.below(CUTS.len()));
                    self.proxy.at(KINDS[kind], CUTS[act]);
                }
                _ => {
                    done.lost_copies += 1;
                    for end in ["", "-wal", "-shm"] {
                        fs::remove_file(self.node.folder.join(format!("lightsout.db{end}"))).ok();
                    }
                }
            }
        }
    }

    async fn freeze(&self, time: Duration, is_up: &mut watch::Receiver<bool>, done: &mut Done) {
        let began = wait::now();
        self.node.freeze().await;
        rests(is_up, time).await;
        // A shell that ends lets what stands still go on.
        done.thawed_by_others += usize::from(!self.node.is_frozen());
        self.node.signal(Signal::CONT);
        done.freezes += 1;
        let took = (wait::now() - began).to_std().unwrap_or_default();
        done.longest_freeze = took.max(done.longest_freeze);
    }
}

/// Waits until everything has ended, and holds the log against the cloud's own counts.
async fn find(
    world: &World,
    nodes: &[&Node],
    (rules, at): (usize, DateTime<Utc>),
    (done, long_freeze): (Done, Duration),
) -> Findings {
    let has_ended = async || {
        let entries = world.entries().await;
        let are_there = (1..=rules).all(|no| entries.firings(&format!("r{no}")).next().is_some());
        let has_ended = are_there && entries.doubled_or_lost().is_empty();
        if !has_ended {
            wait::pass(Duration::from_secs(1)).await;
        }
        has_ended.then_some(())
    };
    // Whatever is wrong then is found below.
    wait::maybe(has_ended).await;
    let entries = world.entries().await;
    let mut problems = entries.doubled_or_lost();
    let (mut firings, mut missed, mut latest) = (0, 0, 0);
    for no in 1..=rules {
        let name = format!("r{no}");
        let (claims, rows): (Vec<_>, Vec<_>) =
            entries.firings(&name).partition(|it| it.body["take"] != 0);
        let asked = world.cloud.asked(u32::try_from(no).unwrap()).await;
        let count = |key: &str| asked[key].as_u64().unwrap_or_default();
        let effects = if is_start(no) { count("starts") } else { count("stops") };
        let others = if is_start(no) { count("stops") } else { count("starts") };
        let needless = count("needless_stops") + count("needless_starts");
        match claims[..] {
            [claim] => {
                firings += 1;
                let due = at + TimeDelta::seconds(i64::try_from(no).unwrap());
                latest = latest.max(claim.at - due.timestamp_millis());
                if [effects, others, needless] != [1, 0, 0] {
                    problems.push(format!("{name}: asked so: {asked}"));
                }
            }
            [] if rows.len() == 1 && is_start(no) => missed += 1,
            _ => {
                let (claims, rows) = (claims.len(), rows.len());
                problems
                    .push(format!("{name} was claimed {claims} times, and missed {rows} times"));
            }
        }
    }
    if done.longest_freeze < long_freeze || done.thawed_by_others > 0 {
        problems.push(format!("a freeze was cut short: {done:?}"));
    }
    for (word, count) in entries.outcomes() {
        if !["stopped", "started", "missed"].contains(&word.as_str()) {
            problems.push(format!("{count} times {word}"));
        }
    }
    if problems.is_empty() {
        world.is_in(nodes).await;
    } else {
        for node in nodes {
            problems.push(format!("{} says: {}", node.name, node.told()));
        }
    }
    let takeovers = entries.of("takeover").count();
    Findings { firings, missed, takeovers, latest, done, problems }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Done { kills, freezes, longest_freeze, cuts, lost_copies, crashes, .. } = self.done;
        let longest_freeze = longest_freeze.as_secs();
        writeln!(
            f,
            "{kills} kills, {freezes} freezes, the longest of {longest_freeze} s, {cuts} cuts, \
            {lost_copies} lost copies, {crashes} crashes of PostgreSQL"
        )?;
        let Self { firings, missed, takeovers, latest, problems, .. } = self;
        write!(
            f,
            "{firings} firings claimed once, the latest {latest} ms after its instant; {missed} \
            starts missed; {takeovers} takeovers; {} problems",
            problems.len()
        )?;
        problems.iter().try_for_each(|problem| write!(f, "\n{problem}"))
    }
}
