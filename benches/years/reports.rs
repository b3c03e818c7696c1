//! What came of a month, and how servers stand with their stop budget.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use chrono::TimeDelta;
use lightsout::audit::AuditReader;
use lightsout::model::period::Period;
use lightsout::report::Report;
use lightsout::schedule::Schedules;
use lightsout::stop_limit::entries;
use lightsout::time::zone::Zone;

use super::company;
use super::stopwatch::Stopwatch;
use super::writing::Written;

const AIM: Option<Duration> = Some(Duration::from_secs(2));

/// Asks for the last month, for one years ago, and for the budget of every server.
pub(crate) async fn of_people(
    watch: &mut Stopwatch,
    path: &Path,
    log: Written,
) -> anyhow::Result<()> {
    let reader = &AuditReader::open(path).await?;
    let zone: Zone = "Asia/Seoul".parse().ok().context("a zone")?;
    let month = TimeDelta::days(30);
    for (when, until) in
        [("the last month", log.to), ("a month three years ago", log.to - TimeDelta::days(3 * 365))]
    {
        let span = Period { from: until - month, until };
        let ask = async || {
            let report = Report::of(reader.report_facts(span, log.to).await?, zone, None);
            Ok(report.instances.len())
        };
        watch.time(format!("report: {when}"), AIM, ask).await?;
    }
    let text = company::file_text(0);
    let (file, _) = Schedules::parse(&path.with_extension("toml"), &text)
        .map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let budget = async || {
        let facts = reader.budget_facts(log.to).await?;
        Ok(entries(&file, &facts, log.to).len())
    };
    watch.time("report budget: every server", None, budget).await
}
