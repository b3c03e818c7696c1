//! What holds hold back: which rules are about what is held, and which of their firings fall into
//! a hold. Known from the rules and the log, without asking the cloud.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::super::output;
use crate::audit::{AuditError, AuditReader, KnownInstance};
use crate::hold::{Hold, HoldEntry, Subject};
use crate::instance::{Action, Instance, InstanceNo, Operation, Product, RegionCode, Status};
use crate::schedule::selector::Verdict;
use crate::schedule::{Rule, Schedules};
use crate::selection::Judgement;

/// Which instances there are, and which of them each rule was last about.
#[derive(Debug, Default)]
pub(in super::super) struct Known {
    instances: Vec<KnownInstance>,
    matched: BTreeMap<String, BTreeSet<InstanceNo>>,
}

/// The holds in force, and the rules that each is about.
#[derive(Debug, Default)]
pub(in super::super) struct Holding(Vec<(Hold, BTreeSet<String>)>);

impl Known {
    /// What a log knows.
    pub(super) async fn read(log: &AuditReader) -> Result<Self, AuditError> {
        Ok(Self { instances: log.known_instances().await?, matched: log.last_matched().await? })
    }

    /// Takes in an instance that the cloud has shown, and the rules that mean it.
    pub(super) fn learn<'r>(
        &mut self,
        instance: KnownInstance,
        rules: impl IntoIterator<Item = &'r Rule>,
    ) {
        for rule in rules {
            let matched = self.matched.entry(rule.name.to_string()).or_default();
            matched.insert(instance.no.clone());
        }
        self.instances.push(instance);
    }

    /// How many instances have this name or number.
    pub(super) fn count(&self, name: &str) -> usize {
        self.called(name).count()
    }

    /// The names of all instances.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.instances.iter().map(|known| known.name.as_str())
    }

    /// The enabled rules that are about what is held.
    pub(super) fn rules_about<'s>(
        &self,
        subject: &Subject,
        schedules: &'s Schedules,
    ) -> Vec<&'s Rule> {
        let rules = schedules.rules.iter().map(AsRef::as_ref).filter(|rule: &&Rule| rule.enabled);
        rules.filter(|rule| self.is_about(rule, subject, schedules)).collect()
    }

    /// The enabled rules that start what is held, or what a rule that is held stops.
    pub(super) fn starts_of<'s>(
        &self,
        subject: &Subject,
        schedules: &'s Schedules,
    ) -> Vec<&'s Rule> {
        let Subject::Rule(name) = subject else {
            let mut rules = self.rules_about(subject, schedules);
            rules.retain(|rule| rule.action == Action::Start);
            return rules;
        };
        let Some([held, ..]) = schedules.entry(name) else { return Vec::new() };
        let of = |name: &str| self.matched.get(name);
        let shares = |rule: &Rule| {
            let both = of(rule.name.as_str()).zip(of(name));
            both.is_some_and(|(one, other)| !one.is_disjoint(other))
        };
        let rules = schedules.rules.iter().map(AsRef::as_ref);
        let starts = rules.filter(|rule: &&Rule| rule.enabled && rule.action == Action::Start);
        let starts = starts.filter(|rule| rule.account == held.account);
        starts.filter(|rule| rule.select == held.select || shares(rule)).collect()
    }

    fn is_about(&self, rule: &Rule, subject: &Subject, schedules: &Schedules) -> bool {
        let means = |known: &KnownInstance| {
            rule.account == known.account && self.means(rule, known, schedules)
        };
        match subject {
            Subject::Rule(name) => rule.name.as_str() == name,
            Subject::Tagged { account, no, name, .. } => means(&KnownInstance {
                account: account.clone(),
                no: no.clone(),
                name: name.clone(),
            }),
            Subject::Instance(name) if self.count(name) == 0 => {
                // Nobody has seen it yet: its name and number are all there is.
                let no = InstanceNo::new(name.as_str()).or_else(|_| InstanceNo::new("0"));
                let no = no.expect("digits are a number");
                means(&KnownInstance { account: rule.account.clone(), no, name: name.clone() })
            }
            Subject::Instance(name) => self.called(name).any(means),
        }
    }

    /// Whether a rule means an instance: by what the file says of its name and number, and where
    /// its tags decide, by the rule's last firing.
    fn means(&self, rule: &Rule, known: &KnownInstance, schedules: &Schedules) -> bool {
        let instance = Instance {
            no: known.no.clone(),
            name: known.name.clone(),
            region: RegionCode::new("KR").expect("letters are a region code"),
            status: Status::Run,
            operation: Operation::null(),
            booted_at: None,
            product: Product::default(),
            tags: None,
        };
        let unread = |_: &_| Verdict::Unreadable;
        match Judgement::of(rule, &schedules.protect, &instance, unread) {
            Judgement::Chosen => true,
            judgement if judgement.is_unread() => {
                let matched = self.matched.get(rule.name.as_str());
                // A rule that has not fired yet may mean it.
                matched.is_none_or(|matched| matched.contains(&known.no))
            }
            _ => false,
        }
    }

    fn called<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a KnownInstance> {
        self.instances.iter().filter(move |known| known.name == name || known.no.as_str() == name)
    }
}

impl Holding {
    /// The holds in force now; none where the log cannot be read, which is said.
    pub(in super::super) async fn of(schedules: &Schedules, now: DateTime<Utc>) -> Self {
        match Self::read(schedules, now).await {
            Ok(holding) => holding,
            Err(error) => {
                let message = format!("holds are not shown: {error}");
                output::warn(
                    &message,
                    Some("`[audit] path` in schedules.toml says where they are"),
                );
                Self::default()
            }
        }
    }

    async fn read(schedules: &Schedules, now: DateTime<Utc>) -> Result<Self, AuditError> {
        let log = match AuditReader::open(&schedules.audit.path).await {
            Err(AuditError::Missing(_)) => return Ok(Self::default()),
            opened => opened?,
        };
        let holds = log.holds(Some(now)).await?;
        let mut holding = Self::default();
        if !holds.is_empty() {
            let known = Known::read(&log).await?;
            for HoldEntry { hold, .. } in holds {
                holding.add(hold, &known, schedules);
            }
        }
        log.close().await?;
        Ok(holding)
    }

    /// Takes in a hold.
    pub(super) fn add(&mut self, hold: Hold, known: &Known, schedules: &Schedules) {
        let rules = known.rules_about(&hold.subject, schedules);
        let rules = rules.into_iter().map(|rule| rule.name.to_string()).collect();
        self.0.push((hold, rules));
    }

    /// What holds make of a firing: a note for each thing that is held. Of several holds the one
    /// that ends last counts, so none counts beside one of the rule that ends later.
    pub(in super::super) fn notes(&self, rule: &Rule, at: DateTime<Utc>) -> Vec<String> {
        let covers = |(hold, rules): &&(Hold, BTreeSet<String>)| {
            hold.until > at && rules.contains(rule.name.as_str())
        };
        let mut holds: Vec<&Hold> = self.0.iter().filter(covers).map(|(hold, _)| hold).collect();
        holds.sort_by_key(|hold| Reverse((hold.until, !hold.skip)));
        let of_rule = holds.iter().position(|hold| matches!(hold.subject, Subject::Rule(_)));
        holds.truncate(of_rule.map_or(holds.len(), |place| place + 1));
        let mut told = BTreeSet::new();
        holds.retain(|hold| told.insert(hold.subject.to_string()));
        holds.into_iter().map(|hold| note(hold, rule)).collect()
    }
}

fn note(hold: &Hold, rule: &Rule) -> String {
    let whose = match &hold.subject {
        Subject::Rule(_) => String::new(),
        subject => format!("`{subject}` "),
    };
    let then = if hold.skip { "not made up" } else { "made up then if still wanted" };
    format!("{whose}{}, {then}", hold.reason(rule.timezone))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn of_several_holds_the_one_that_ends_last_is_noted() {
        let text = "timezone = 'Asia/Seoul'\naccounts.main.platform = 'vpc'\n[[rules]]\n\
            name = 'night'\naction = 'stop'\ncron = '0 20 * * *'\nselect.names = ['dev-*']\n";
        let (schedules, _) = Schedules::parse(Path::new("s.toml"), text).unwrap();
        let night = || Subject::Rule("night".to_owned());
        let instance = |name: &str| Subject::Instance(name.to_owned());
        let at = |hour: i64| DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(hour);
        for (holds, expected) in [
            (vec![(night(), 9), (night(), 12)], vec!["held with its rule until 1970-01-01 21:00"]),
            (
                vec![(instance("dev-a"), 14), (night(), 12), (instance("dev-b"), 11)],
                vec![
                    "`dev-a` held until 1970-01-01 23:00",
                    "held with its rule until 1970-01-01 21",
                ],
            ),
            (vec![(instance("dev-a"), 8), (instance("qa"), 14), (night(), 1)], vec![]),
        ] {
            let mut holding = Holding::default();
            for (subject, hour) in holds {
                let (until, who) = (at(hour), "kim@desk".to_owned());
                let hold = Hold { subject, until, skip: false, why: None, who };
                holding.add(hold, &Known::default(), &schedules);
            }
            let notes = holding.notes(&schedules.rules[0], at(8));
            assert_eq!(notes.len(), expected.len(), "{notes:?}");
            for (note, begins) in notes.iter().zip(expected) {
                assert!(note.starts_with(begins), "{notes:?}");
            }
        }
    }
}
