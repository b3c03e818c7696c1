//! Describes one expectation and its forecast.

use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::listing::{Columns, column, or_empty};
use crate::schedule::Schedules;
use crate::schedule::expect::{Expectation, ExpectedState};
use crate::select::simulate::{Foresight, LastFiring, Outlook};

/// An `[[expect]]` of schedules.toml, and whether the rules lead there.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(in super::super) struct TestLine {
    /// The line of the entry in schedules.toml.
    pub(super) line: usize,
    /// The time that it is about, in the file's zone.
    pub(super) at: String,
    account: String,
    /// The name of the server.
    pub(super) instance: String,
    #[schemars(with = "ExpectedState")]
    pub(super) expected: &'static str,
    /// The state to which the rules lead.
    #[schemars(extend("x-words" = ["stopped", "running", "untouched", "undecided"]))]
    would_be: &'static str,
    /// Whether the expectation holds.
    pub(super) holds: bool,
    /// The rule that leads to it.
    rule: Option<String>,
    /// The last firing of that rule, in its local time.
    fired_at: Option<String>,
    /// Why it would be so, in words.
    reason: String,
    /// `because` of the entry.
    because: Option<String>,
}

pub(super) fn columns<'c>() -> Columns<'c, TestLine> {
    vec![
        vec![
            column("line", |line: &TestLine| line.line.to_string()),
            column("at", |line: &TestLine| line.at.clone()),
            column("instance", |line: &TestLine| line.instance.clone()),
        ],
        vec![
            column("expected", |line: &TestLine| line.expected.to_owned()),
            column("would be", |line: &TestLine| line.would_be.to_owned()),
        ],
        vec![column("why", TestLine::why)],
    ]
}

impl TestLine {
    pub(super) fn of(
        expectation: &Expectation,
        foresight: &Foresight<'_>,
        schedules: &Schedules,
    ) -> Self {
        let state = foresight.outlook.state();
        let last = match &foresight.outlook {
            Outlook::Left(last) => Some(last),
            Outlook::Torn { .. } | Outlook::Untouched => None,
        };
        Self {
            line: expectation.line,
            at: schedules.timezone.show(expectation.at).to_rfc3339(),
            account: expectation.account.to_string(),
            instance: expectation.instance.name.clone(),
            expected: expectation.state.as_str(),
            would_be: foresight.outlook.word(),
            holds: state == Some(expectation.state),
            rule: last.map(|last| last.rule.name.to_string()),
            fired_at: last.map(LastFiring::local),
            reason: foresight.to_string(),
            because: expectation.because.clone(),
        }
    }

    /// The reason for the forecast, and the purpose of the expectation.
    pub(super) fn why(&self) -> String {
        let because = self.because.as_ref().map(|because| format!("; expected because: {because}"));
        format!("{}{}", self.reason, or_empty(because.as_ref()))
    }

    /// The expectation in a few words.
    pub(super) fn title(&self) -> String {
        format!("{} is {} at {}", self.instance, self.expected, self.at)
    }

    pub(super) fn verdict(&self) -> String {
        format!("it would be {}", self.would_be)
    }
}
