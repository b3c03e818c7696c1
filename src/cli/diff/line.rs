//! One difference: of the file, of a rule, of a firing or of an instance.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::listing::{Columns, column, optional};
use crate::model::instance::{AccountName, Action, Instance};
use crate::schedule::diff::{Difference, FiringChange, RuleDifference};
use crate::schedule::{RuleEntry, changes};
use crate::time::zone::Zone;

const FILE: &str = "file";
const RULE: &str = "rule";
const FIRING: &str = "firing";
const INSTANCE: &str = "instance";

/// The most firings of one rule in a table.
const MOST_FIRINGS: usize = 10;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline, extend("x-open" = true))]
pub(super) enum Change {
    Added,
    #[default]
    Altered,
    Moved,
    Removed,
    Matched,
    Unmatched,
}

/// Something that the new file changes.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(in super::super) struct DiffLine {
    /// What it is about.
    #[schemars(extend("x-words" = ["file", "rule", "firing", "instance"]))]
    pub(super) what: &'static str,
    /// `matched` and `unmatched` are about servers.
    change: Change,
    /// Null for the file as a whole.
    pub(super) rule: Option<String>,
    /// Null for a window as a whole.
    #[schemars(with = "Option<Action>")]
    action: Option<String>,
    /// The time of a firing by the old file.
    #[schemars(extend("format" = "date-time"))]
    before: Option<String>,
    /// The time of a firing by the new file.
    #[schemars(extend("format" = "date-time"))]
    after: Option<String>,
    account: Option<String>,
    region: Option<String>,
    instance_no: Option<String>,
    instance_name: Option<String>,
    /// The difference in words; of firings only where lines stand for others.
    pub(super) words: Option<String>,
}

/// A table of some of the lines.
pub(super) struct Part {
    pub(super) what: &'static [&'static str],
    /// The most lines about one rule, if there is a limit.
    pub(super) most_of_a_rule: Option<usize>,
    pub(super) columns: fn() -> Columns<'static, DiffLine>,
}

pub(super) const PARTS: [Part; 3] = [
    Part {
        what: &[FILE, RULE],
        most_of_a_rule: None,
        columns: || {
            vec![
                vec![
                    column("rule", |line: &DiffLine| line.rule_or("(all)")),
                    column("change", DiffLine::change),
                ],
                vec![optional("what it means", |line: &DiffLine| line.words.as_ref())],
            ]
        },
    },
    Part {
        what: &[FIRING],
        most_of_a_rule: Some(MOST_FIRINGS),
        columns: || {
            let change = |line: &DiffLine| line.words.clone().unwrap_or_else(|| line.change());
            vec![
                vec![
                    column("rule", |line: &DiffLine| line.rule_or("")),
                    column("firing", change),
                    optional("action", |line: &DiffLine| line.action.as_ref()),
                ],
                vec![
                    optional("before", |line: &DiffLine| line.before.as_ref()),
                    optional("after", |line: &DiffLine| line.after.as_ref()),
                ],
            ]
        },
    },
    Part {
        what: &[INSTANCE],
        most_of_a_rule: None,
        columns: || {
            vec![
                vec![
                    column("rule", |line: &DiffLine| line.rule_or("")),
                    column("now", DiffLine::change),
                    optional("action", |line: &DiffLine| line.action.as_ref()),
                ],
                vec![
                    optional("region", |line: &DiffLine| line.region.as_ref()),
                    optional("instance", |line: &DiffLine| line.instance_no.as_ref()),
                    optional("name", |line: &DiffLine| line.instance_name.as_ref()),
                ],
            ]
        },
    },
];

impl Change {
    pub(super) fn of(firing: FiringChange) -> Self {
        match firing {
            FiringChange::Added(_) => Self::Added,
            FiringChange::Moved { .. } => Self::Moved,
            FiringChange::Removed(_) => Self::Removed,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Altered => "altered",
            Self::Moved => "moved",
            Self::Removed => "removed",
            Self::Matched => "matched",
            Self::Unmatched => "unmatched",
        }
    }
}

impl DiffLine {
    /// An instance that a rule newly matches, or no longer matches.
    pub(super) fn of_instance(
        entry: &RuleEntry,
        change: Change,
        account: &AccountName,
        instance: &Instance,
    ) -> Self {
        Self {
            what: INSTANCE,
            change,
            account: Some(account.to_string()),
            region: Some(instance.region.to_string()),
            instance_no: Some(instance.no.to_string()),
            instance_name: Some(instance.name.clone()),
            ..Self::about(entry)
        }
    }

    /// A line that stands for this many others about the same rule.
    pub(super) fn and_more(&self, count: usize) -> Self {
        let words = Some(format!("{count} more"));
        Self { what: self.what, rule: self.rule.clone(), words, ..Self::default() }
    }

    fn about(entry: &RuleEntry) -> Self {
        let action = match entry {
            [only] => Some(only.action.to_string()),
            _ => None,
        };
        Self { rule: Some(entry[0].name.to_string()), action, ..Self::default() }
    }

    fn change(&self) -> String {
        self.change.as_str().to_owned()
    }

    fn rule_or(&self, other: &str) -> String {
        self.rule.clone().unwrap_or_else(|| other.to_owned())
    }
}

/// The differences of the whole file, then of each rule.
pub(super) fn lines_of(difference: &Difference<'_>) -> Vec<DiffLine> {
    let of_file = difference.file.iter().map(|words| DiffLine {
        what: FILE,
        words: Some(words.clone()),
        ..DiffLine::default()
    });
    of_file.chain(difference.rules.iter().flat_map(of_rule)).collect()
}

fn of_rule(of: &RuleDifference<'_>) -> Vec<DiffLine> {
    let change = match of.change {
        changes::Change::Added(_) => Change::Added,
        changes::Change::Altered(..) => Change::Altered,
        changes::Change::Removed(_) => Change::Removed,
    };
    let words = of.words.iter().map(|words| DiffLine {
        what: RULE,
        change,
        words: Some(words.clone()),
        ..DiffLine::about(of.change.entry())
    });
    words.chain(of.firings.iter().map(|firing| of_firing(of.change, *firing))).collect()
}

/// A firing that differs. Each time is in the zone of its own rule.
fn of_firing(of: changes::Change<'_>, (action, firing): (Action, FiringChange)) -> DiffLine {
    let (from, to) = match firing {
        FiringChange::Added(at) => (None, Some(at)),
        FiringChange::Moved { from, to } => (Some(from), Some(to)),
        FiringChange::Removed(at) => (Some(at), None),
    };
    let (old, new) = (of.before().unwrap_or(of.entry()), of.entry());
    let shown = |zone: Zone, at: DateTime<Utc>| zone.show(at).to_rfc3339();
    DiffLine {
        what: FIRING,
        change: Change::of(firing),
        before: from.map(|at| shown(old[0].timezone, at)),
        after: to.map(|at| shown(new[0].timezone, at)),
        action: Some(action.to_string()),
        ..DiffLine::about(if to.is_some() { new } else { old })
    }
}
