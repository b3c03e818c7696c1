//! Finds the thing that a name means: a rule of the file, an instance in the log, or an instance
//! that only the cloud knows.

use std::sync::Arc;
use std::time::Duration;

use crate::cli::output::{self, Misuse};
use crate::cli::session;
use crate::clock::Clock;
use crate::cloud::Environment;
use crate::inventory::Reading;
use crate::model::instance::AccountName;
use crate::model::known_instance::{Directory, KnownInstance};
use crate::model::subject::Subject;
use crate::schedule::{Rule, Schedules};
use crate::select::eligibility::Selection;
use crate::text::did_you_mean::nearest;

/// The longest wait for the cloud to say whether it knows an instance.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rule,
    Instance,
}

impl Kind {
    /// The kind that `--rule` or `--server` gives; at most one of them is set.
    pub(super) fn of(rule: bool, instance: bool) -> Option<Self> {
        match (rule, instance) {
            (true, _) => Some(Self::Rule),
            (_, true) => Some(Self::Instance),
            _ => None,
        }
    }
}

/// The thing that is meant, as the file and the log know it. An unknown name is refused.
pub(super) fn known(
    (name, kind): (&str, Option<Kind>),
    schedules: &Schedules,
    known: &Directory,
) -> Result<Subject, Misuse> {
    match here((name, kind), schedules, known)? {
        Some(subject) => Ok(subject),
        None => Err(unknown(name, kind, schedules, known)),
    }
}

/// The thing that is meant. An unknown name is refused, unless the cloud could not be asked.
pub(super) async fn resolve(
    (name, kind): (&str, Option<Kind>),
    schedules: &Schedules,
    known: &mut Directory,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Subject> {
    let subject = if let Some(subject) = here((name, kind), schedules, known)? {
        subject
    } else {
        let is_sure = ask(schedules, known, clock).await;
        match known.count(name) {
            0 if is_sure => return Err(unknown(name, kind, schedules, known).into()),
            0 => output::warn(
                &format!("nobody knows a server `{name}`; it is held all the same"),
                Some("the log has never seen it, and the cloud could not be asked"),
            ),
            _ => {}
        }
        Subject::Instance(name.to_owned())
    };
    if let (Subject::Instance(_), several @ 2..) = (&subject, known.count(name)) {
        output::warn(
            &format!("{several} servers are called `{name}`: all of them are held"),
            Some("a number holds one of them"),
        );
    }
    Ok(subject)
}

/// The same, if the file or the log knows it.
fn here(
    (name, kind): (&str, Option<Kind>),
    schedules: &Schedules,
    known: &Directory,
) -> Result<Option<Subject>, Misuse> {
    let (is_rule, is_instance) = (schedules.entry(name).is_some(), known.count(name) > 0);
    match kind {
        None if is_rule && is_instance => Err(Misuse {
            message: format!("`{name}` is a rule, and a server is called that as well"),
            hint: "`--rule` holds the rule, `--server` the server".to_owned(),
        }),
        Some(Kind::Rule) if !is_rule => Err(unknown_rule(name, schedules)),
        None | Some(Kind::Rule) if is_rule => Ok(Some(Subject::Rule(name.to_owned()))),
        _ => Ok(is_instance.then(|| Subject::Instance(name.to_owned()))),
    }
}

/// Asks the cloud for its instances. Returns whether the answer is complete.
async fn ask(schedules: &Schedules, known: &mut Directory, clock: &Arc<dyn Clock>) -> bool {
    let clouds = match session::connect(schedules, &Environment::of_process(), clock) {
        Ok(clouds) => clouds,
        Err(error) => {
            output::warn(&format!("the cloud cannot be asked: {error}"), Some(error.hint()));
            return false;
        }
    };
    let mut is_sure = true;
    for (account, cloud) in &clouds {
        let rules = || of_account(schedules, account);
        let questions = schedules.tag_questions(rules());
        let until = clock.moment() + PATIENCE;
        match Reading::glance(cloud, clock, &questions, until).await {
            Ok(reading) => {
                is_sure &= reading.unlisted.is_empty();
                learn(known, account, schedules, &reading);
            }
            Err(error) => {
                let message = format!("account `{account}` could not be asked: {error}");
                output::warn(&message, output::about_cloud(&error));
                is_sure = false;
            }
        }
    }
    is_sure
}

/// Takes in the instances of an account, each with the rules that mean it.
fn learn(known: &mut Directory, account: &AccountName, schedules: &Schedules, reading: &Reading) {
    let selections: Vec<_> = of_account(schedules, account)
        .map(|rule| (rule, Selection::of(rule, &schedules.protect, reading)))
        .collect();
    for instance in reading.regions.iter().flat_map(|region| &region.instances) {
        let chosen = selections
            .iter()
            .filter(|(_, selection)| selection.chosen().any(|chosen| chosen.no == instance.no));
        let (no, name) = (instance.no.clone(), instance.name.clone());
        let found = KnownInstance { account: account.clone(), no, name };
        known.learn(found, chosen.map(|(rule, _)| *rule));
    }
}

fn of_account<'s>(
    schedules: &'s Schedules,
    account: &AccountName,
) -> impl Iterator<Item = &'s Rule> {
    schedules.rules.iter().map(AsRef::as_ref).filter(move |rule: &&Rule| rule.account == *account)
}

fn unknown_rule(name: &str, schedules: &Schedules) -> Misuse {
    let names = || schedules.rules.iter().map(|rule| rule.name.as_str());
    Misuse {
        message: format!("there is no rule `{name}` in {}", schedules.path.display()),
        hint: match nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its rules are: {}", names().collect::<Vec<_>>().join(", ")),
        },
    }
}

fn unknown(name: &str, kind: Option<Kind>, schedules: &Schedules, known: &Directory) -> Misuse {
    let rules = schedules.rules.iter().map(|rule| rule.name.as_str());
    let rules = rules.filter(|_| kind.is_none());
    let what = if kind.is_none() { "neither a rule nor" } else { "not" };
    Misuse {
        message: format!("`{name}` is {what} a server that the log or the cloud knows"),
        hint: match nearest(name, rules.chain(known.names())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`lightsout plan` lists the servers that rules mean".to_owned(),
        },
    }
}
