//! `lightsout remove`: takes a rule out of schedules.toml, and prints its lines.
//!
//! [`super::edit`] replaces the file; `schedule` makes the text.

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::completions;
use super::naming::RuleFlag;
use super::{Exit, Global, edit, next, output};
use crate::schedule::edit as text;

const EXAMPLES: &str = "\
Examples:
  lightsout remove qa-weekend
  lightsout remove qa-weekend > qa-weekend.toml";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Remove {
    /// The rule
    #[arg(
        value_name = "RULE",
        required_unless_present = "rule_flag",
        add = ArgValueCandidates::new(completions::rules)
    )]
    rule: Option<String>,
    #[command(flatten)]
    named: RuleFlag,
}

impl Remove {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let name = self.named.or_needed(self.rule.as_ref());
        let mut removed = None;
        let schedules = edit::change(global, |before| {
            next::entry(before, name)?;
            let found = text::remove(&before.text, name).map_err(|error| edit::misuse(&error))?;
            Ok(removed.insert(found).text.clone())
        })?;
        let removed = removed.expect("the change was made");
        output::out(&format!("{}\n", removed.lines))?;
        output::say(&format!("rule `{name}` removed from {}", schedules.path.display()));
        let overrides = |count: usize| match count {
            1 => "1 override".to_owned(),
            n => format!("{n} overrides"),
        };
        if removed.overrides > 0 {
            let gone = overrides(removed.overrides);
            output::say(&format!("{gone} of this rule alone went with it"));
        }
        if removed.shortened > 0 {
            let left = overrides(removed.shortened);
            output::say(&format!("its name was taken out of {left} of several rules"));
        }
        let holds = schedules.failing_expectations().is_empty();
        Ok(if holds { Exit::Ok } else { Exit::Incomplete })
    }
}
