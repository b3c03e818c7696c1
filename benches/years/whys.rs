//! Why servers ran or were off: asked as the command asks, of near and of far times.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use lightsout::audit::AuditReader;
use lightsout::model::language::Language;
use lightsout::time::zone::Zone;
use lightsout::why::{Audience, Times, answer};

use super::company::{DISSOLVED, WATCHED, number};
use super::stopwatch::Stopwatch;
use super::writing::{BUSY, LIFE, Written};

const AIM: Option<Duration> = Some(Duration::from_millis(100));

/// Asks about every kind of server at every kind of time.
pub(crate) async fn of_people(
    watch: &mut Stopwatch,
    path: &Path,
    log: Written,
) -> anyhow::Result<()> {
    let reader = &AuditReader::open(path).await?;
    let mut all = Stopwatch::new();
    for (who, no) in [
        ("a server", number(3, 7, log.days)),
        ("one that is gone", number(3, 8, 0)),
        ("one never stopped", number(3, 0, log.days)),
        ("one of a dissolved team", number(DISSOLVED, 7, 0)),
        ("one found every minute", WATCHED.to_owned()),
    ] {
        for (when, at) in times(log) {
            let ask = async || ask(reader, &no, at, log.to).await;
            all.time(format!("why: {who}, {when}"), AIM, ask).await?;
        }
    }
    all.took.sort_by_key(|took| std::cmp::Reverse(took.median()));
    println!("why, of {} servers and times:", all.took.len());
    all.took.iter().for_each(|took| println!("{took}"));
    watch.took.extend(all.took.into_iter().take(1));
    let once = async || Ok(reader.numbers_once_named("watched").await?.len());
    watch.time("why: who once had that name", AIM, once).await
}

fn times(log: Written) -> [(&'static str, DateTime<Utc>); 6] {
    let busy = log.from + TimeDelta::weeks(i64::from(BUSY * LIFE / 5));
    [
        ("now", log.to),
        ("a month ago", log.to - TimeDelta::days(30)),
        ("three years ago", log.to - TimeDelta::days(3 * 365)),
        ("when a rule began to fire every minute", busy + TimeDelta::hours(3)),
        ("when it had done so for a month", busy + TimeDelta::days(25) + TimeDelta::hours(9)),
        ("before the log", log.from - TimeDelta::days(40)),
    ]
}

/// The whole of it: who is meant, what the log has, and what it comes to.
async fn ask(
    reader: &AuditReader,
    no: &str,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> anyhow::Result<usize> {
    let mut known = reader.instances_by_last_name().await?.into_iter();
    let instance =
        known.find(|known| known.no.as_str() == no).context("a server of that number")?;
    let audience = Audience { language: Language::English, zone: Zone::UTC, times: Times::Full };
    Ok(answer(reader, instance, at, (audience, now)).await?.facts.events.len())
}
