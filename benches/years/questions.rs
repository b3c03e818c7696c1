//! What people and the daemon ask of the log.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use lightsout::audit::{AuditLog, AuditReader, FactsQuery, HistoryFilter, Writer};
use lightsout::clock::{Clock, RehearsalClock};
use lightsout::model::ids::FiringId;
use lightsout::model::instance::{AccountName, Action, InstanceNo};
use lightsout::schedule::AuditFile;
use lightsout::time::uptime::Stretch;

use super::company::{DISSOLVED, SERVERS, number, rule, rule_name};
use super::filters;
use super::stopwatch::Stopwatch;
use super::writing::Written;

const AT_ONCE: Option<Duration> = Some(Duration::from_millis(5));
const SOON: Option<Duration> = Some(Duration::from_millis(100));

/// What readers ask.
pub(crate) async fn of_people(
    watch: &mut Stopwatch,
    path: &Path,
    log: Written,
) -> anyhow::Result<()> {
    watch
        .time("open the log, and close it", None, async || {
            AuditReader::open(path).await?.close().await?;
            Ok(1)
        })
        .await?;
    let reader = &AuditReader::open(path).await?;
    let single = filters::single(log);
    let newest = filters::none();
    watch.time("history: newest 50", AT_ONCE, async || lines(reader, &newest).await).await?;
    for (what, filter) in single.iter().flatten() {
        watch.time(format!("history: {what}"), SOON, async || lines(reader, filter).await).await?;
    }
    let mut pairs = Stopwatch::new();
    let two = filters::pairs(log);
    for (what, filter) in &two {
        let what = format!("history: {what}");
        pairs.time(what, SOON, async || lines(reader, filter).await).await?;
    }
    pairs.took.sort_by_key(|took| std::cmp::Reverse(took.worst));
    println!("the slowest of {} pairs of filters:", pairs.took.len());
    pairs.took.iter().take(12).for_each(|took| println!("{took}"));
    watch.took.extend(pairs.took.into_iter().take(1));
    let back = log.from + (log.to - log.from) / 5;
    let rule = Some(rule_name(3, Action::Stop));
    let old = HistoryFilter { until: Some(back), rule, ..filters::none() };
    let old = reader.history(&old).await?;
    let old = FiringId::from(old.first().map_or(1, |line| line.firing));
    let show = async || Ok(reader.show(old).await?.map_or(0, |story| story.lines.len()));
    watch.time("show: a firing of that time", SOON, show).await?;
    let daemon = async || Ok(reader.daemon().await?.into_iter().count());
    watch.time("status: the daemon", SOON, daemon).await?;
    let flight = async || Ok(reader.in_flight().await?.len());
    watch.time("status: in flight", SOON, flight).await?;
    let loads = async || Ok(reader.daemon_loads().await?.len());
    watch.time("the files daemons used", SOON, loads).await?;
    Ok(())
}

async fn lines(reader: &AuditReader, filter: &HistoryFilter) -> anyhow::Result<usize> {
    Ok(reader.history(filter).await?.len())
}

/// What the daemon asks: at its start, each minute, and in a firing.
pub(crate) async fn of_the_daemon(
    watch: &mut Stopwatch,
    file: &AuditFile,
    written: Written,
) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = RehearsalClock::new(written.to, 0);
    let open = async || {
        let log = AuditLog::open(file, Writer::Daemon, Arc::clone(&clock)).await?;
        log.end("done").await?;
        Ok(1)
    };
    watch.time("daemon: open the log, and close it", SOON, open).await?;
    let log = &AuditLog::open(file, Writer::Daemon, Arc::clone(&clock)).await?;
    let all = Stretch { from: written.from, until: written.to };
    log.sign_of_life(Some(all)).await?;
    let reader = &AuditReader::open(&file.path).await?;
    let yesterday = written.to - TimeDelta::days(1);
    let day = async || {
        let outcomes = reader.outcomes_between(yesterday, written.to).await?;
        Ok(outcomes.map_or(0, |outcomes| outcomes.len()))
    };
    watch.time("daemon: what a day came to", SOON, day).await?;
    let past = async || Ok(log.past().await?.file_text.iter().len());
    watch.time("daemon: where the last one left off", SOON, past).await?;
    let taken = async || Ok(log.take_over(&HashSet::new()).await?.len());
    watch.time("daemon: what was left open", SOON, taken).await?;
    let since = written.to - TimeDelta::days(30);
    let owed = async || Ok(log.owed(since).await?.len());
    watch.time("daemon: what is owed", SOON, owed).await?;
    for (what, team) in [("", 3), (", of a dissolved team", DISSOLVED)] {
        let rule = rule(team, Action::Stop)?;
        let most = async || {
            let most = log.most_matched(&rule, FiringId::from(i64::MAX)).await?;
            Ok(most.map_or(0, |most| usize::try_from(most).unwrap_or(0)))
        };
        watch.time(format!("daemon: the measure of drift{what}"), SOON, most).await?;
    }
    let account = AccountName::new("main")?;
    let since = written.to - TimeDelta::hours(20);
    let numbers = (0..SERVERS).map(|place| InstanceNo::new(number(3, place, written.days)));
    let wanted: Vec<_> = numbers.map(|no| no.map(|no| (no, since))).collect::<Result<_, _>>()?;
    let query = FactsQuery { wanted, ..FactsQuery::of(&account, Action::Stop, written.to) };
    let turned = async || Ok(log.facts_for(&query).await?.turned.len());
    watch.time("daemon: what was turned since, of 45", SOON, turned).await
}
