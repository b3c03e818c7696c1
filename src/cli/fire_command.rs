//! The command that fires a rule.

use crate::schedule::Rule;

/// The command that fires a rule, as far as to its name and what it does.
pub(super) fn command(rule: &Rule) -> String {
    let name = &rule.name;
    match rule.times.window() {
        Some(_) => format!("lightsout fire {name} --action {}", rule.action),
        None => format!("lightsout fire {name}"),
    }
}
