//! Finds the firings that fall into a hold, from the rules and the log, without the cloud.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::audit::{AuditError, AuditReader};
use crate::cli::output;
use crate::hold::{Hold, HoldEntry};
use crate::model::known_instance::Directory;
use crate::model::subject::Subject;
use crate::schedule::{Rule, Schedules};

/// The holds in force, each with its rules.
#[derive(Debug, Default)]
pub(in super::super) struct Holding(Vec<(Hold, BTreeSet<String>)>);

impl Holding {
    /// The holds in force now; none when the log cannot be read, with a warning.
    pub(in super::super) async fn of(schedules: &Schedules, now: DateTime<Utc>) -> Self {
        match Self::read(schedules, now).await {
            Ok(holding) => holding,
            Err(error) => {
                let message = format!("holds are not shown: {error}");
                output::warn(&message, Some(output::about_log(&error)));
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
            let known = log.directory().await?;
            for HoldEntry { hold, .. } in holds {
                holding.add(hold, &known, schedules);
            }
        }
        log.close().await?;
        Ok(holding)
    }

    pub(super) fn add(&mut self, hold: Hold, known: &Directory, schedules: &Schedules) {
        let rules = known.rules_about(&hold.subject, schedules);
        let rules = rules.into_iter().map(|rule| rule.name.to_string()).collect();
        self.0.push((hold, rules));
    }

    /// One note for each held thing that a firing meets. Of several holds, the one that ends last
    /// counts. So a hold is not noted beside a hold of the rule that ends later.
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
    let then = if hold.skip { "not caught up on" } else { "caught up on then if still wanted" };
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
                holding.add(hold, &Directory::default(), &schedules);
            }
            let notes = holding.notes(&schedules.rules[0], at(8));
            assert_eq!(notes.len(), expected.len(), "{notes:?}");
            for (note, begins) in notes.iter().zip(expected) {
                assert!(note.starts_with(begins), "{notes:?}");
            }
        }
    }
}
