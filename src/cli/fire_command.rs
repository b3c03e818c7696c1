//! Writes the command that fires a rule, for hints.

use crate::schedule::Rule;

/// The command with the rule's name and action.
pub(super) fn command(rule: &Rule) -> String {
    let name = &rule.name;
    match rule.times.window() {
        Some(_) => format!("lightsout fire {name} --action {}", rule.action),
        None => format!("lightsout fire {name}"),
    }
}
