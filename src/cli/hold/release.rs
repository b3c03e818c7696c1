//! `lightsout release`: ends a hold before its time.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::door::Door;
use super::in_words;
use super::subject::Kind;
use crate::audit::DeferredLine;
use crate::cli::output::{self, Misuse};
use crate::cli::session::{self, LogPlace};
use crate::cli::{Exit, Global, completions};
use crate::clock::{Clock, SystemClock};
use crate::hold::HoldEntry;
use crate::model::ids::HoldId;
use crate::model::subject::Subject;
use crate::text::did_you_mean::nearest;
use crate::text::normal_form::same;
use crate::time::uptime::LONGEST_ABSENCE;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout release dev-db\n  lightsout release 7")]
pub(in super::super) struct Release {
    /// What is held, or the number of a hold
    #[arg(value_name = "RULE-or-SERVER-or-HOLD", add = ArgValueCandidates::new(completions::held))]
    name: String,
    /// Release the rule of that name, where a server of that name is held, too
    #[arg(long, conflicts_with = "instance")]
    rule: bool,
    /// Release the server of that name or number, where a rule or a hold of that name is, too
    #[arg(long = "server", visible_alias = "instance")]
    instance: bool,
    #[command(flatten)]
    place: LogPlace,
}

impl Release {
    pub(in super::super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let schedules = self.place.read(global)?;
        let clock: Arc<dyn Clock> = SystemClock::new();
        let (holds, owed) = read(&schedules.audit.path, &*clock).await?;
        let kind = Kind::of(self.rule, self.instance);
        let meant = meant((&self.name, kind), &holds)?;
        let numbers: Vec<HoldId> = meant.iter().map(|entry| entry.id).collect();
        let released = Door::of(&schedules).release(&numbers, &schedules, clock).await?;
        let released: BTreeSet<HoldId> = released.into_iter().collect();
        for entry in meant {
            tell(entry, &released, &owed);
        }
        Ok(Exit::Ok)
    }
}

/// The holds in force, and the deferred actions.
async fn read(
    log: &Path,
    clock: &dyn Clock,
) -> anyhow::Result<(Vec<HoldEntry>, Vec<DeferredLine>)> {
    let Some(log) = session::log(log).await? else { return Ok((Vec::new(), Vec::new())) };
    let (holds, owed) =
        (log.holds(Some(clock.now())).await?, log.owed(clock.now() - LONGEST_ABSENCE).await?);
    log.close().await?;
    Ok((holds, owed))
}

/// The holds with that name, or the one with that number.
fn meant<'h>(
    (name, kind): (&str, Option<Kind>),
    holds: &'h [HoldEntry],
) -> Result<Vec<&'h HoldEntry>, Misuse> {
    let is_rule = |entry: &&HoldEntry| matches!(entry.hold.subject, Subject::Rule(_));
    let is_meant = |entry: &&HoldEntry| kind.is_none_or(|it| (it == Kind::Rule) == is_rule(entry));
    let is_called = |entry: &&HoldEntry| match &entry.hold.subject {
        Subject::Tagged { no, name: own, .. } => same(own, name) || no.as_str() == name,
        Subject::Rule(own) | Subject::Instance(own) => same(own, name),
    };
    let called: Vec<&HoldEntry> = holds.iter().filter(is_called).filter(is_meant).collect();
    if called.iter().any(is_rule) && !called.iter().all(is_rule) {
        return Err(Misuse {
            message: format!("`{name}` is a rule that is held, and a server that is held as well"),
            hint: "`--rule` releases the rule, `--server` the server".to_owned(),
        });
    }
    let numbered = holds.iter().find(|entry| entry.id.to_string() == name);
    let numbered = numbered.filter(|_| kind.is_none());
    match (called.is_empty(), numbered) {
        (false, None) => Ok(called),
        (true, Some(numbered)) => Ok(vec![numbered]),
        (false, Some(numbered)) => Err(Misuse {
            message: format!("`{name}` is held, and hold {name} is another one"),
            hint: format!(
                "`lightsout release {}` ends the one, `lightsout release {}` the other",
                called[0].id, numbered.hold.subject
            ),
        }),
        (true, None) => {
            let subjects: Vec<String> =
                holds.iter().map(|entry| entry.hold.subject.to_string()).collect();
            Err(Misuse {
                message: format!("nothing that is called `{name}` is held"),
                hint: match nearest(name, subjects.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`lightsout holds` lists what is held".to_owned(),
                },
            })
        }
    }
}

fn tell(entry: &HoldEntry, released: &BTreeSet<HoldId>, owed: &[DeferredLine]) {
    let (id, subject) = (entry.id, &entry.hold.subject);
    if !released.contains(&id) {
        output::say(&output::harmless(&format!("hold {id} of `{subject}` was over already")));
        return;
    }
    output::say(&output::harmless(&format!("`{subject}` is no longer held (hold {id})")));
    if let Subject::Tagged { value, .. } = &entry.hold.subject {
        output::hint(&format!("{} is still there; `{value}` holds it no more", entry.hold.who));
    }
    let owed = owed.iter().filter(|owed| owed.hold() == Some(id));
    for owed in owed {
        output::say(&output::harmless(&format!("due now: {}", in_words(owed))));
    }
}
