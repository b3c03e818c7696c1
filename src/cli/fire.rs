//! `lightsout fire`: fires a rule by hand and follows it to the end.

use std::io::{self, BufRead, IsTerminal};
use std::sync::Arc;

use anyhow::bail;
use clap::Args;
use tokio::task::JoinSet;

use super::{Exit, Global, next, output, plan, session};
use crate::audit::{AuditLog, Settlement, Writer};
use crate::clock::{Clock, SystemClock};
use crate::cloud::ncloud::Environment;
use crate::dispatch::{Clouds, Dispatch, InUse};
use crate::outcome::Outcome;
use crate::reading::Reading;
use crate::schedule::{Rule, Schedules};
use crate::shutdown::ShutdownSwitch;

#[derive(Debug, Args)]
pub(super) struct Fire {
    /// The rule
    rule: String,
    /// Record what would be asked, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask. Overrides neither `max_instances` nor `[protect]`
    #[arg(long)]
    yes: bool,
}

impl Fire {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = Arc::new(session::read(global)?);
        let rule = Arc::new(next::rules(&schedules, Some(&self.rule))?[0].clone());
        let dry_run = self.dry_run || rule.dry_run;
        let asks = io::stdin().is_terminal() && io::stderr().is_terminal();
        if !self.yes && !dry_run && !asks {
            bail!("`fire` needs `--yes` where nobody can be asked");
        }
        let clock: Arc<dyn Clock> = SystemClock::new();
        let clouds = session::connect(&schedules, &Environment::of_process(), &clock)?;
        if !self.yes && !dry_run && !confirmed(&rule, &schedules, &clouds, &*clock).await? {
            output::say("nothing was sent");
            return Ok(Exit::Ok);
        }
        let audit = AuditLog::open(&schedules.audit, Writer::Fire, Arc::clone(&clock)).await?;
        let audit = Arc::new(audit);
        let file = audit.load_file(&schedules).await?;
        let in_use = InUse { schedules, file, clouds: Arc::new(clouds) };
        let (switch, shutdown) = ShutdownSwitch::new();
        let dispatch = Dispatch::new(Arc::clone(&audit), clock, shutdown);
        super::run::end_on_signal(switch)?;
        let mut recovering = JoinSet::new();
        if !dry_run {
            dispatch.recover(&in_use, &mut recovering).await?;
        }
        let firing = dispatch.claim_by_hand(&rule, dry_run, &in_use).await?;
        let id = firing.id;
        let waiting = output::Progress::start(&format!("firing {id}: following `{}`", rule.name));
        let mut reports = dispatch.carry_out(vec![firing], &in_use).await;
        recovering.join_all().await;
        drop(waiting);
        let report = reports.pop().expect("one firing, one report")?;
        let exit = tell(&rule, &report.settlements, report.open);
        output::say(&format!("`lightsout show {id}` has every request and answer"));
        drop(dispatch);
        if let Some(audit) = Arc::into_inner(audit) {
            audit.end("done").await?;
        }
        Ok(exit)
    }
}

/// Shows the plan and asks.
async fn confirmed(
    rule: &Rule,
    schedules: &Schedules,
    clouds: &Clouds,
    clock: &dyn Clock,
) -> anyhow::Result<bool> {
    let questions = schedules.tag_questions([rule]);
    let until = clock.moment() + plan::READ_PATIENCE;
    let mut lines = Vec::new();
    let reading = Reading::take(&clouds[&rule.account], clock, &questions, until).await?;
    plan::plan(rule, schedules, &reading, &mut lines);
    plan::show(&lines, output::Format::Table)?;
    output::say(&format!("{} these now? [y/N]", rule.action));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Says what became of a firing, one line an instance, and which exit code that is.
pub(super) fn tell(rule: &Rule, settlements: &[Settlement], open: usize) -> Exit {
    let mut exit = if open > 0 { Exit::Incomplete } else { Exit::Ok };
    for word in settlements {
        exit = exit.max(exit_of(word));
        let what = match (&word.instance, &word.region) {
            (Some(instance), _) => instance.to_string(),
            (None, Some(region)) => format!("region {region}"),
            (None, None) => rule.name.to_string(),
        };
        if word.outcome == Outcome::NothingMatched {
            plan::warn_nothing_matched(rule);
            continue;
        }
        let reason = word.reason.as_deref().map(|reason| format!(": {reason}"));
        let text = format!("{what}  {}{}", word.outcome, reason.unwrap_or_default());
        output::say(&output::harmless(&text));
    }
    if open > 0 {
        output::warn(
            &format!("{open} still open: ended before they were settled"),
            Some("the next start settles them"),
        );
    }
    exit
}

fn exit_of(word: &Settlement) -> Exit {
    match word.outcome {
        Outcome::Stopped
        | Outcome::Started
        | Outcome::Already
        | Outcome::DryRun
        | Outcome::NothingMatched
        | Outcome::Overlapped
        | Outcome::Missed => Exit::Ok,
        Outcome::Skipped => {
            let reason = word.reason.as_deref().unwrap_or_default();
            let by_choice = reason.starts_with("protected") || reason.starts_with("excepted");
            if by_choice { Exit::Ok } else { Exit::Incomplete }
        }
        Outcome::Refused | Outcome::TimedOut | Outcome::Unknown => Exit::Incomplete,
        Outcome::CloudFailed => Exit::CloudFailed,
        Outcome::TooMany | Outcome::Drifted => Exit::Guarded,
    }
}
