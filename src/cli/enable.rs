//! `lightsout enable` and `lightsout disable`: sets in schedules.toml whether a rule fires.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use clap_complete::ArgValueCandidates;

use super::completions;
use super::naming::RuleFlag;
use super::{Exit, Global, edit, next, output};
use crate::clock::{Clock, SystemClock};
use crate::schedule::edit as text;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout enable dev-nightly")]
pub(super) struct Enable {
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

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout disable dev-nightly --why \"release week\"")]
pub(super) struct Disable {
    /// The rule
    #[arg(
        value_name = "RULE",
        required_unless_present = "rule_flag",
        add = ArgValueCandidates::new(completions::rules)
    )]
    rule: Option<String>,
    #[command(flatten)]
    named: RuleFlag,
    /// Why: `check`, `status` and `next` say so for as long as it is disabled
    #[arg(long, alias = "because", value_name = "REASON", value_parser = NonEmptyStringValueParser::new())]
    why: Option<String>,
}

impl Enable {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let name = self.named.or_needed(self.rule.as_ref());
        let mut was = None;
        let schedules = edit::change(global, |before| {
            let rule = &next::entry(before, name)?[0];
            was = (!rule.enabled).then(|| rule.disabled.to_string());
            text::enable(&before.text, name).map_err(|error| edit::misuse(&error).into())
        })?;
        output::say(&match was {
            Some(was) => format!("rule `{name}` is enabled; it was {}", output::harmless(&was)),
            None => format!("rule `{name}` was enabled all along"),
        });
        next::show_entry(next::entry(&schedules, name)?, SystemClock::new().now())?;
        Ok(Exit::Ok)
    }
}

impl Disable {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let name = self.named.or_needed(self.rule.as_ref());
        let now = SystemClock::new().now();
        let schedules = edit::change(global, |before| {
            let rule = &next::entry(before, name)?[0];
            let today = rule.timezone.local(now).date();
            text::disable(&before.text, name, self.why.as_deref(), today)
                .map_err(|error| edit::misuse(&error).into())
        })?;
        let rule = &next::entry(&schedules, name)?[0];
        let disabled = output::harmless(&rule.disabled.to_string());
        output::say(&format!("rule `{}` is {disabled}", rule.name));
        output::hint(&format!("`lightsout enable {name}` lets it fire again"));
        Ok(Exit::Ok)
    }
}
