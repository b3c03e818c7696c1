//! How late 1,000 rules fire that are due in the same second: from that instant until the daemon
//! knows that the claim is committed, with the real daemon, clock and log on disk.
#![expect(clippy::print_stdout, reason = "a bench prints what it found")]

mod world;

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::clock::{Clock, SystemClock};
use lightsout::engine::daemon;
use lightsout::engine::reload::NeverReload;
use lightsout::engine::scheduler::Scheduler;
use lightsout::time::uptime::Uptime;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use world::World;

const RULES: usize = 1_000;
/// How often all of them fire.
const ROUNDS: usize = 6;
/// How often the daemon's progress is looked at.
const LOOK: std::time::Duration = std::time::Duration::from_millis(500);

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = SystemClock::new();
    let fired: Arc<Mutex<Vec<TimeDelta>>> = Arc::default();
    let watch = Watch { clock: Arc::clone(&clock), fired: Arc::clone(&fired) };
    tracing_subscriber::registry().with(watch).init();
    let world = World::of("[[servers]]\nname = \"dev\"\n", &rules()?, &clock).await?;
    let (dispatch, mut in_use) = (world.dispatch.clone(), world.in_use.clone());
    let mut timetable = Scheduler::after(None, Uptime::default());
    timetable.load(&in_use.schedules, clock.now());
    let daemon = tokio::spawn(async move {
        daemon::run(dispatch, &mut in_use, &mut timetable, &mut NeverReload).await
    });
    while fired.lock().is_ok_and(|fired| fired.len() < RULES * ROUNDS) {
        anyhow::ensure!(!daemon.is_finished(), "the daemon ended");
        clock.sleep(LOOK).await;
    }
    world.switch.throw();
    daemon.await??;
    let asked = world.cloud.counts().total().stop_requests;
    anyhow::ensure!(asked == 0, "a dry run asked for {asked} stops");
    let mut lateness = fired.lock().map_err(|_| anyhow::anyhow!("the watch panicked"))?.clone();
    lateness.sort();
    let at = |percent: usize| milliseconds(lateness[(lateness.len() - 1) * percent / 100]);
    println!("{RULES} rules in the same second, {ROUNDS} times, instant to committed claim:");
    println!("p50 {}  p99 {}  max {}", at(50), at(99), at(100));
    Ok(())
}

/// Rules that are all due every ten seconds, and send nothing.
fn rules() -> Result<String, std::fmt::Error> {
    let mut rules = String::new();
    for number in 0..RULES {
        write!(
            rules,
            "[[rules]]\nname = \"rule-{number}\"\naction = \"stop\"\ncron = \"*/10 * * * * *\"\n\
             select = {{ names = [\"dev*\"] }}\ndry_run = true\n"
        )?;
    }
    Ok(rules)
}

fn milliseconds(length: TimeDelta) -> String {
    let microseconds = length.num_microseconds().unwrap_or(i64::MAX);
    format!("{}.{} ms", microseconds / 1_000, microseconds.rem_euclid(1_000) / 100)
}

/// Hears of each firing when the daemon does: it logs them once their claims are committed.
struct Watch {
    clock: Arc<dyn Clock>,
    fired: Arc<Mutex<Vec<TimeDelta>>>,
}

/// What an event of the dispatch says.
#[derive(Default)]
struct Said {
    message: String,
    scheduled_at: Option<DateTime<Utc>>,
}

impl<S: Subscriber> Layer<S> for Watch {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let now = self.clock.now();
        let mut said = Said::default();
        event.record(&mut said);
        if said.message == "rule fired"
            && let Some(scheduled_at) = said.scheduled_at
            && let Ok(mut fired) = self.fired.lock()
        {
            fired.push(now - scheduled_at);
        }
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        match field.name() {
            "message" => self.message = text,
            "scheduled_at" => self.scheduled_at = text.parse().ok(),
            _ => {}
        }
    }
}
