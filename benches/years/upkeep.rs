//! What is done to the log as a whole: verified and pruned.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use lightsout::audit::{AuditLog, AuditReader, Claim, Trigger, Writer};
use lightsout::clock::{Clock, RehearsalClock, SystemClock};
use lightsout::model::instance::Action;
use lightsout::schedule::{AuditFile, Schedules};

use super::company::{file_text, rule_name};
use super::stopwatch::Stopwatch;
use super::writing::Written;

/// How many rows are to be verified a second.
const VERIFY_AIM: f64 = 200_000.0;
/// How long is waited between two claims while a prune is at work.
const PAUSE: Duration = Duration::from_millis(20);

/// Verifies the whole log, once; whether that was fast enough.
pub(crate) async fn verify(watch: &Stopwatch, path: &Path) -> anyhow::Result<bool> {
    let reader = AuditReader::open(path).await?;
    let (took, found) = watch.once(async || Ok(reader.verify(None).await?)).await?;
    anyhow::ensure!(found.sound, "{found:?}");
    let seconds = took.as_secs_f64();
    let rate = f64::from(u32::try_from(found.rows)?) / seconds;
    let is_met = rate >= VERIFY_AIM;
    let word = if is_met { "" } else { " MISSED" };
    println!(
        "verify: {} rows, {seconds:.1} s, {rate:.0} rows a second, of {VERIFY_AIM}{word}",
        found.rows
    );
    Ok(is_met)
}

/// Prunes the oldest month, and claims firings meanwhile: how long these wait is what counts.
pub(crate) async fn prune(
    watch: &Stopwatch,
    file: &AuditFile,
    written: Written,
) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = RehearsalClock::new(written.to, 0);
    let log = AuditLog::open(file, Writer::Daemon, clock).await?;
    let (schedules, _) = Schedules::parse(&file.path.with_extension("toml"), &file_text(0))
        .map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let loaded = log.load_file(&schedules).await?;
    let name = rule_name(3, Action::Stop);
    let rule = &schedules.entry(&name).expect("the team has rules")[0];
    let claim =
        Claim { rule, trigger: Trigger::Manual, file: loaded, dry_run: false, makes_up: &[] };
    let system = SystemClock::new();
    let mut waits = Vec::new();
    let claims = async {
        loop {
            system.sleep(PAUSE).await;
            let (took, ids) = watch.once(async || Ok(log.claim(&[claim]).await?)).await?;
            waits.push(took);
            for id in ids.into_iter().flatten() {
                log.end_firing(id).await?;
            }
        }
        #[expect(unreachable_code, reason = "says what the loop fails with")]
        anyhow::Ok(())
    };
    let since = written.from + TimeDelta::days(30);
    let pruning = async { watch.once(async || Ok(log.prune(since).await?)).await };
    let (took, pruned) = tokio::select! {
        pruned = pruning => pruned?,
        failed = claims => return failed,
    };
    waits.sort();
    println!(
        "prune of the oldest month: {pruned:?} in {:.1} s; {} claims waited {:?} (median), {:?} (worst)",
        took.as_secs_f64(),
        waits.len(),
        waits.get(waits.len() / 2),
        waits.last(),
    );
    Ok(log.end("done").await?)
}
