//! `lightsout plan`: shows what each rule would do now. Reads the cloud and the log, and neither
//! sends nor writes.
//!
//! `line` describes an instance, `doubt` prints remarks. `engine::facts` finds what speaks against
//! a request, `select` judges.

mod doubt;
mod line;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use clap_complete::ArgValueCandidates;

use self::doubt::Protection;
pub(super) use self::line::PlanLine;
use super::completions;
use super::listing::{self, Format, Listing};
use super::naming::RuleFlag;
use super::session::{self, LogPlace};
use super::{Exit, Global, next, output, progress};
use crate::audit::{AuditError, AuditReader};
use crate::clock::{Clock, SystemClock};
use crate::cloud::CloudError;
use crate::cloud::Environment;
use crate::engine::dispatch::Clouds;
use crate::engine::facts::foreseen;
use crate::hold::Hold;
use crate::inventory::{Reading, TagReads, tags_in_use};
use crate::model::instance::AccountName;
use crate::model::language::Language;
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::model::tags_in_use::TagsInUse;
use crate::schedule::tag_questions::TagQuestions;
use crate::schedule::{Rule, Schedules};
use crate::select::decide::Facts;
use crate::select::eligibility::{Selection, can_drift, guard};

pub(super) use doubt::{
    about_reading, warn_left_out, warn_nothing_matched, warn_of_guard, warn_unmatched,
};

/// The longest time for reading the cloud.
const READ_PATIENCE: Duration = Duration::from_secs(30);

const EXAMPLES: &str = "\
Examples:
  lightsout plan
  lightsout plan dev-nightly -o csv
  lightsout plan --exit-code -q";

/// The longest time for reading the tags in use.
const TAGS_PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Plan {
    /// Only this rule, enabled or not
    #[arg(value_name = "RULE", add = ArgValueCandidates::new(completions::rules))]
    rule: Option<String>,
    #[command(flatten)]
    named: RuleFlag,
    /// Exit 1 when something would be done
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    place: LogPlace,
}

/// What a plan that was shown comes to.
pub(super) struct Shown {
    /// The exit code, before anybody asks whether something would be done.
    pub(super) exit: Exit,
    /// The number of requests about a server that would be sent.
    asked: usize,
}

/// The parts of a plan other than the cloud.
struct Planner<'a> {
    schedules: &'a Schedules,
    /// The log, if there is one that can be read.
    past: Option<AuditReader>,
    clouds: &'a Clouds,
    clock: &'a Arc<dyn Clock>,
    now: DateTime<Utc>,
}

impl Plan {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = self.place.read(global)?;
        let rules = next::rules(&schedules, self.named.or(self.rule.as_ref()))?;
        let shown = Self::show(&schedules, &rules, self.listing.format).await?;
        Ok(match shown.asked {
            1.. if self.exit_code => shown.exit.max(Exit::Incomplete),
            _ => shown.exit,
        })
    }

    /// Prints what rules would do now.
    pub(super) async fn show(
        schedules: &Schedules,
        rules: &[&Rule],
        format: Format,
    ) -> anyhow::Result<Shown> {
        let clock: Arc<dyn Clock> = SystemClock::new();
        let clouds = session::connect(schedules, &Environment::of_process(), &clock)?;
        let mut accounts: BTreeMap<&AccountName, Vec<&[&Rule]>> = BTreeMap::new();
        for entry in rules.chunk_by(|one, next| one.name == next.name) {
            let rule = entry[0];
            if !rule.enabled {
                output::say(&format!("rule `{}` is disabled: only `fire` fires it", rule.name));
            }
            accounts.entry(&rule.account).or_default().push(entry);
        }
        let planner = Planner::of(schedules, (&clouds, &clock)).await;
        let mut lines = Vec::new();
        let mut exit = Exit::Ok;
        let mut protection = Protection::of(schedules);
        for (account, entries) in accounts {
            let questions = schedules.tag_questions(entries.iter().map(|entry| entry[0]));
            match read(account, &clouds, &clock, &questions).await {
                Ok(reading) => {
                    exit = exit.max(doubt::about_reading(account, &reading));
                    protection.take(&reading);
                    for entry in entries {
                        exit = exit.max(planner.plan(entry, &reading, &mut lines).await);
                    }
                }
                Err(error) => {
                    let message = format!("could not read account `{account}`: {error}");
                    output::error(&message, output::about_cloud(&error));
                    exit = exit.max(Exit::CloudFailed);
                }
            }
        }
        protection.say();
        planner.close().await?;
        listing::print(format, &lines, &line::columns())?;
        listing::sum(&line::sum(&lines), format)?;
        Ok(Shown { exit, asked: lines.iter().filter(|line| line.is_asked()).count() })
    }
}

/// Reads an account, and shows progress meanwhile.
pub(super) async fn read(
    account: &AccountName,
    clouds: &Clouds,
    clock: &Arc<dyn Clock>,
    questions: &TagQuestions,
) -> Result<Reading, CloudError> {
    let reads = Arc::new(TagReads::default());
    let until = clock.moment() + READ_PATIENCE;
    let reading = Reading::count(&clouds[account], clock, questions, (until, &reads));
    let most = progress::shown(READ_PATIENCE);
    let reading = progress::while_waiting(&**clock, reading, async |waited| {
        let (done, wanted) = (&reads.done, &reads.wanted);
        match (done.load(Ordering::Relaxed), wanted.load(Ordering::Relaxed)) {
            (_, 0) => format!("listing account {account}, {} of {most}", progress::shown(waited)),
            (done, wanted) => format!("reading tags in account {account}, {done} of {wanted}"),
        }
    })
    .await;
    if let read @ 1.. = reads.done.load(Ordering::Relaxed) {
        let costly = questions.selectors.iter().find(|question| question.costs_a_call_each());
        let why = match costly {
            Some(costly) => format!("globs such as `{} = \"{}\"`", costly.key, costly.value),
            None => "the tag that holds".to_owned(),
        };
        output::say(&format!("the tags of {read} servers took a call each, because of {why}"));
    }
    reading
}

/// Shows on stderr what a rule would do, before the question. Returns the number of instances to
/// stop or start.
pub(super) async fn preview(
    rule: &Rule,
    schedules: &Schedules,
    clouds: &Clouds,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<usize> {
    let questions = schedules.tag_questions([rule]);
    let reading = read(&rule.account, clouds, clock, &questions).await?;
    let planner = Planner::of(schedules, (clouds, clock)).await;
    let mut lines = Vec::new();
    doubt::about_reading(&rule.account, &reading);
    let mut protection = Protection::of(schedules);
    protection.take(&reading);
    protection.say();
    planner.plan(&[rule], &reading, &mut lines).await;
    planner.close().await?;
    output::at_once(listing::as_table(&lines, &line::columns()).trim_end());
    Ok(lines.iter().filter(|line| line.is_asked()).count())
}

impl<'a> Planner<'a> {
    async fn of(
        schedules: &'a Schedules,
        (clouds, clock): (&'a Clouds, &'a Arc<dyn Clock>),
    ) -> Self {
        let past = AuditReader::open_if_there(&schedules.audit.path).await;
        let past = past.unwrap_or_else(|error| {
            unread(&error);
            None
        });
        Self { schedules, past, clouds, clock, now: clock.now() }
    }

    async fn close(self) -> Result<(), AuditError> {
        match self.past {
            Some(past) => past.close().await,
            None => Ok(()),
        }
    }

    /// Plans a rule, or the two of a window, which mean the same instances. Returns the exit code
    /// of a firing that a guard would stop.
    async fn plan(&self, entry: &[&Rule], reading: &Reading, lines: &mut Vec<PlanLine>) -> Exit {
        let rule = entry[0];
        let selection = Selection::of(rule, &self.schedules.protect, reading);
        doubt::about_selection(rule, &selection, reading);
        if doubt::matched_nothing(&selection, reading) {
            let tags = self.tags_instead(rule, reading).await;
            doubt::warn_of_nothing(rule, tags.as_ref());
        }
        let guard = self.guard(rule, &selection).await;
        let said = guard.as_ref().map(|(by, why)| Reason::Guarded { by: *by, why: why.clone() });
        for rule in entry {
            let order = rule.pace.in_language(Language::English);
            if !order.is_empty() {
                let Rule { name, action, .. } = rule;
                output::say(&format!("the {action} of `{name}`: {}", order.join(", ")));
            }
            let facts = self.facts(rule, &selection, reading).await;
            lines.extend(line::lines_of(rule, &selection, &facts, said.as_ref()));
        }
        match guard {
            Some((outcome, reason)) => {
                warn_of_guard(rule, outcome, &reason);
                Exit::Guarded
            }
            None => Exit::Ok,
        }
    }

    /// The tags in use, where a rule that asks for one means no server.
    async fn tags_instead(&self, rule: &Rule, reading: &Reading) -> Option<TagsInUse> {
        rule.select.questions().next()?;
        let until = self.clock.moment() + TAGS_PATIENCE;
        let (tags, _) = tags_in_use(&self.clouds[&rule.account], reading, until).await;
        (tags.servers > 0).then_some(tags)
    }

    /// The facts that a firing of the rule would heed now.
    async fn facts(
        &self,
        rule: &Rule,
        selection: &Selection<'_>,
        reading: &Reading,
    ) -> Facts<Hold> {
        let about = ((self.schedules, rule), (selection, reading));
        match foreseen(about.0, about.1, (self.past.as_ref(), self.now)).await {
            Ok(facts) => facts,
            Err(error) => {
                unread(&error);
                let without = foreseen(about.0, about.1, (None, self.now)).await;
                without.expect("only the log can fail")
            }
        }
    }

    /// The guard that would stop the whole firing, judged as the stopper does.
    async fn guard(&self, rule: &Rule, selection: &Selection<'_>) -> Option<(Outcome, String)> {
        let matched = selection.matches.len();
        let most = match self.past.as_ref().filter(|_| can_drift(rule, matched)) {
            Some(past) => past.most_matched(&rule.name).await.unwrap_or_else(|error| {
                unread(&error);
                None
            }),
            None => None,
        };
        guard(rule, (selection.chosen().count(), matched), most)
    }
}

/// Warns that the log cannot be asked for the rule's earlier matches.
fn unread(error: &AuditError) {
    let message = format!("the plan does without the log: {error}");
    let unknown = "whether a rule has drifted, who stopped what, for how long, and what is held, is not \
                   known";
    output::warn(&message, Some(unknown));
}
