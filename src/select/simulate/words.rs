//! Puts forecasts into words, and finds the failing expectations of a file.

use std::fmt;

use super::{Foresight, LOOK_BACK, LastFiring, Outlook, Restraint};
use crate::schedule::expect::Expectation;
use crate::schedule::problem::Problem;
use crate::schedule::rule::{Rule, Schedules};
use crate::schedule::source::Source;
use crate::schedule::times::Skipped;

/// The most restrained rules that are named.
const MOST_NAMED: usize = 3;

impl Schedules {
    /// A warning for each expectation of `[[expect]]` that fails. The first call takes a while:
    /// rules are followed for more than a year.
    pub fn failing_expectations(&self) -> &[Problem] {
        self.unmet.get_or_init(|| self.find_unmet())
    }

    fn find_unmet(&self) -> Vec<Problem> {
        let source = Source::new(&self.path, &self.text);
        let failing = |expectation: &Expectation, foresight: Foresight<'_>| {
            if foresight.outlook.state() == Some(expectation.state) {
                return None;
            }
            let message = format!(
                "`{}` is expected to be {} at {}, and would be {}",
                expectation.instance.name,
                expectation.state.as_str(),
                self.timezone.show(expectation.at).format("%F %H:%M%:z"),
                foresight.outlook.word(),
            );
            let because = expectation.because.as_ref();
            let because = because.map(|because| format!("; expected because: {because}"));
            let hint = format!("{foresight}{}", because.unwrap_or_default());
            let start = source.start_of_line(expectation.line);
            Some(source.warning(start..start + "[[expect]]".len(), message, hint))
        };
        self.foresee(failing).into_iter().flatten().collect()
    }
}

impl Outlook<'_> {
    pub fn word(&self) -> &'static str {
        self.state().map_or("undecided", |state| state.as_str())
    }
}

impl LastFiring<'_> {
    /// The time of the firing, in the rule's local time.
    pub fn local(&self) -> String {
        self.rule.timezone.show(self.occurrence.at).to_rfc3339()
    }
}

/// The rules that lead to the state, and the restrained ones.
impl fmt::Display for Foresight<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let acts = |last: &LastFiring<'_>| format!("`{}` {}s it", last.rule.name, last.rule.action);
        match &self.outlook {
            Outlook::Left(last) => {
                write!(f, "{} at {}", acts(last), last.local())?;
                if let Some(note) = &last.occurrence.note {
                    write!(f, " ({note})")?;
                }
                if let Some(changed) = last.rule.override_of(&last.occurrence) {
                    write!(f, " (override: {changed})")?;
                }
            }
            Outlook::Torn { stop, start } => {
                write!(f, "{} and {}, both at {}", acts(stop), acts(start), stop.local())?;
            }
            Outlook::Untouched => {
                write!(f, "no rule acts on it in the {} days before", LOOK_BACK.num_days())?;
            }
        }
        for (rule, why) in self.restrained.iter().take(MOST_NAMED) {
            write!(f, "; {}", restraint(rule, *why))?;
        }
        match self.restrained.len().saturating_sub(MOST_NAMED) {
            0 => Ok(()),
            1 => f.write_str("; 1 more rule does not act"),
            others => write!(f, "; {others} more rules do not act"),
        }
    }
}

fn restraint(rule: &Rule, why: Restraint<'_>) -> String {
    let (name, action) = (&rule.name, rule.action);
    match why {
        Restraint::Protected => format!("`[protect]` keeps `{name}` from it"),
        Restraint::Excepted => format!("`except` of `{name}` leaves it out"),
        Restraint::Disabled => format!("`{name}` would {action} it, but is disabled"),
        Restraint::DryRun => format!("`{name}` would {action} it, but is a dry run"),
        Restraint::NotOurs => {
            format!("`{name}` starts only what lightsout stopped, and no rule stops it before")
        }
        Restraint::Skipped(Skipped { occurrence, skip }) => {
            let at = rule.timezone.show(occurrence.at).to_rfc3339();
            format!("`{name}` would {action} it at {at}, but that is skipped: {skip}")
        }
    }
}
