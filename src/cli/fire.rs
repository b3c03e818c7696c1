//! `lightsout fire`: fires a rule by hand and follows it to the end.
//!
//! `engine` carries it out, as it does for the daemon.

use std::collections::BTreeSet;
use std::io::{self, BufRead, IsTerminal};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap_complete::ArgValueCandidates;
use tokio::task::JoinSet;

use super::completions;
use super::fire_command::command;
use super::listing::{self, Format, Listing};
use super::naming::RuleFlag;
use super::output::{self, Later, Misuse};
use super::signals::end_on_signal;
use super::{Exit, Global, history, next, plan, progress, session};
use crate::audit::{AuditLog, AuditReader, HistoryLine, RequestLine, Writer};
use crate::clock::{Clock, SystemClock};
use crate::cloud::Environment;
use crate::engine::dispatch::{ActiveConfig, Clouds, Dispatch};
use crate::engine::stopper::Report;
use crate::lifecycle::ShutdownSwitch;
use crate::model::ids::FiringId;
use crate::model::instance::Action;
use crate::model::outcome::{ExitClass, Outcome};
use crate::model::reason::Reason;
use crate::model::settlement::Settlement;
use crate::schedule::{Drift, Rule, RuleEntry, Schedules};

const EXAMPLES: &str = "\
Examples:
  lightsout fire dev-nightly --dry-run
  lightsout fire dev-nightly -y
  lightsout fire dev-hours --action start";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Fire {
    /// The rule, enabled or not
    #[arg(
        value_name = "RULE",
        required_unless_present = "rule_flag",
        add = ArgValueCandidates::new(completions::rules)
    )]
    rule: Option<String>,
    #[command(flatten)]
    named: RuleFlag,
    /// Which of the two firings of a window; other rules have only one
    #[arg(long, value_parser = PossibleValuesParser::new(["stop", "start"]).map(|it| action(&it)))]
    action: Option<Action>,
    /// Record what would be asked and send nothing; needs no `--yes`
    #[arg(long)]
    dry_run: bool,
    /// Do not ask first; needed where there is no terminal to ask on. Overrides neither
    /// `max_instances` nor `[protect]`
    #[arg(short, long)]
    yes: bool,
    /// Go ahead even where far more servers match than in the rule's last firings
    #[arg(long)]
    allow_drift: bool,
    #[command(flatten)]
    listing: Listing,
}

impl Fire {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let talk = Later::begin();
        let schedules = Arc::new(session::read(global)?);
        let mut rule = chosen(
            next::entry(&schedules, self.named.or_needed(self.rule.as_ref()))?,
            self.action,
        )?
        .clone();
        if self.allow_drift {
            rule.drift = Drift::Allow;
        }
        let rule = Arc::new(rule);
        let dry_run = self.dry_run || rule.dry_run;
        let must_ask = !self.yes && !dry_run;
        if must_ask && !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return Err(needs_yes(&rule).into());
        }
        let clock: Arc<dyn Clock> = SystemClock::new();
        let clouds = session::connect(&schedules, &Environment::of_process(), &clock)?;
        if must_ask && !confirmed(&rule, &schedules, &clouds, &clock).await? {
            output::say("nothing was sent");
            return Ok(Exit::Ok);
        }
        let audit = AuditLog::open(&schedules.audit, Writer::Fire, Arc::clone(&clock)).await?;
        audit.inspect().await?;
        let nodes = audit.watch().await;
        let audit = Arc::new(audit);
        let file = audit.load_file(&schedules).await?;
        let in_use = ActiveConfig { schedules, file, clouds: Arc::new(clouds) };
        let (switch, shutdown) = ShutdownSwitch::new();
        let dispatch = Dispatch::new(Arc::clone(&audit), Arc::clone(&clock), shutdown);
        end_on_signal(switch)?;
        let mut recovering = JoinSet::new();
        if !dry_run {
            dispatch.recover(&in_use, &mut recovering).await?;
        }
        let log = AuditReader::open(&in_use.schedules.audit.path).await?;
        tell_of_others(&rule, &log.in_flight().await?);
        let firing = dispatch.claim_by_hand(&rule, dry_run, &in_use).await?;
        let id = firing.id;
        let work = async {
            let mut reports = dispatch.carry_out(vec![firing], &in_use).await;
            recovering.join_all().await;
            reports.pop().expect("one firing, one report")
        };
        let line = async |waited| following(&log, id, &rule, waited).await;
        let report = progress::while_waiting(&*clock, work, line).await?;
        let story = log.show(id).await?;
        log.close().await?;
        let (lines, requests) =
            story.map(|story| (story.lines, story.requests)).unwrap_or_default();
        show(&lines, self.listing.format)?;
        history::tell_sum(&lines, self.listing.format)?;
        drop(talk);
        let exit = judge(&rule, &report, &requests);
        output::say(&format!("`lightsout show {id}` has every request and answer"));
        drop(dispatch);
        if let Some(nodes) = nodes {
            nodes.end().await;
        }
        if let Some(audit) = Arc::into_inner(audit) {
            audit.end("done").await?;
        }
        Ok(exit)
    }
}

fn action(word: &str) -> Action {
    if word == Action::Start.as_str() { Action::Start } else { Action::Stop }
}

/// The rule to fire, of the rules with one name.
fn chosen(entry: &RuleEntry, action: Option<Action>) -> Result<&Rule, Misuse> {
    let name = &entry[0].name;
    match (entry, action) {
        ([only], None) => Ok(only),
        (_, None) => Err(Misuse {
            message: format!("rule `{name}` is a window: it stops and it starts"),
            hint: format!("`lightsout fire {name} --action stop`, or `--action start`, says which"),
        }),
        (_, Some(action)) => {
            let rule = entry.iter().map(AsRef::as_ref).find(|rule| rule.action == action);
            rule.ok_or_else(|| Misuse {
                message: format!("rule `{name}` does not {action} anything"),
                hint: "leave `--action` out: it is for windows, which do both".to_owned(),
            })
        }
    }
}

fn needs_yes(rule: &Rule) -> Misuse {
    let command = command(rule);
    Misuse {
        message: "`fire` asks before it sends, and there is no terminal to ask on".to_owned(),
        hint: format!("`{command} --yes` does not ask, `{command} --dry-run` sends nothing"),
    }
}

/// Shows the plan and asks.
async fn confirmed(
    rule: &Rule,
    schedules: &Schedules,
    clouds: &Clouds,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<bool> {
    let question = match plan::preview(rule, schedules, clouds, clock).await? {
        0 => format!("nothing to {}; fire all the same? [y/N]", rule.action),
        1 => format!("{} 1 server now? [y/N]", rule.action),
        n => format!("{} {n} servers now? [y/N]", rule.action),
    };
    output::say_kept();
    output::at_once(&question);
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Says which firings of the rule are under way. Each server is asked by one firing at a time.
fn tell_of_others(rule: &Rule, open: &[HistoryLine]) {
    let of_rule = open.iter().filter(|line| line.rule == rule.name.as_str());
    let firings: BTreeSet<i64> = of_rule.map(|line| line.firing).collect();
    for firing in firings {
        output::warn_at_once(
            &format!("firing {firing} of rule `{}` is in flight already", rule.name),
            Some(&format!(
                "this one waits for each server that it has asked; `lightsout show {firing}` says \
                 how far it is"
            )),
        );
    }
}

/// The instances that the firing still waits for, as far as the log has them.
async fn following(log: &AuditReader, firing: FiringId, rule: &Rule, waited: Duration) -> String {
    let (time, patience) = (progress::shown(waited), progress::shown(rule.patience));
    match log.progress(firing).await {
        Ok(progress) if progress.chosen > 0 => {
            let (done, chosen) = (progress.done, progress.chosen);
            let what = match rule.action {
                Action::Stop => Outcome::Stopped,
                Action::Start => Outcome::Started,
            };
            let waiting = match &*progress.waiting.join(", ") {
                "" => String::new(),
                names => format!("; waiting for {names}"),
            };
            format!(
                "firing {firing}: {done} of {chosen} {what} after {time}, patience {patience} \
                 each{waiting}"
            )
        }
        _ => match &rule.pace.after {
            Some(first) => format!("firing {firing}: waits for `{first}`, or lists, for {time}"),
            None => format!("firing {firing}: listing account {} for {time}", rule.account),
        },
    }
}

/// Prints the outcome of each instance.
fn show(lines: &[HistoryLine], format: Format) -> anyhow::Result<()> {
    listing::print(format, lines, &history::of_instance())
}

/// Says how the firing as a whole ended, and chooses the exit code.
fn judge(rule: &Rule, report: &Report, requests: &[RequestLine]) -> Exit {
    let mut exit = if report.open > 0 { Exit::Incomplete } else { Exit::Ok };
    for word in &report.settlements {
        let Settlement { outcome, reason, region, .. } = word;
        let class = outcome.exit(reason.as_ref());
        exit = exit.max(match class {
            ExitClass::Fine => Exit::Ok,
            ExitClass::Incomplete => Exit::Incomplete,
            ExitClass::CloudFailed => Exit::CloudFailed,
            ExitClass::Guarded => Exit::Guarded,
        });
        let said = reason.as_ref().map(ToString::to_string).unwrap_or_default();
        match class {
            ExitClass::Guarded => plan::warn_of_guard(rule, *outcome, &said),
            ExitClass::CloudFailed => warn_of_cloud(rule, word, requests),
            ExitClass::Fine | ExitClass::Incomplete => {}
        }
        if *outcome == Outcome::NothingMatched {
            plan::warn_nothing_matched(rule);
        }
        match reason {
            Some(Reason::LeftOut(_)) => {
                plan::warn_left_out(&rule.account, region.as_ref(), &said);
            }
            Some(Reason::Unmatched { servers, .. }) => {
                for some in servers {
                    plan::warn_unmatched(&some.to_string());
                }
            }
            _ => {}
        }
    }
    for entry in &report.unmatched {
        plan::warn_unmatched(entry);
    }
    if report.settlements.iter().any(|word| word.hold.is_some()) {
        output::hint("what is held is left alone; `lightsout release` ends a hold");
    }
    if report.open > 0 {
        output::warn(
            &format!(
                "{} still open: told to end before it was known what became of them",
                report.open
            ),
            Some(
                "a request that was sent goes on in the cloud all the same; the daemon, else the \
                 next `lightsout run` or `fire`, looks what became of it",
            ),
        );
    }
    exit
}

/// Warns that the account, one of its regions or a request failed for good.
fn warn_of_cloud(rule: &Rule, word: &Settlement, requests: &[RequestLine]) {
    let account = &rule.account;
    let reason = word.reason.as_ref().map(ToString::to_string).unwrap_or_default();
    let was_denied = requests.iter().any(|request| request.result.as_deref() == Some("denied"));
    let (message, hint) = match &word.region {
        Some(region) => (
            format!("account `{account}`, region {region}: {reason}"),
            "`lightsout plan` reads it too, and sends nothing".to_owned(),
        ),
        None if was_denied => (
            format!("the request was refused: {reason}"),
            format!("`credentials` of account `{account}` says where the keys are"),
        ),
        None => (
            format!("could not read account `{account}`: {reason}"),
            "`lightsout plan` reads it too, and sends nothing".to_owned(),
        ),
    };
    output::warn(&message, Some(&hint));
}
