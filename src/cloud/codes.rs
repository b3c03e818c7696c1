//! The codes by which clouds name states, and their meaning.
//!
//! The log keeps the codes and not their meaning, nor which cloud they come from: here the codes
//! of all clouds are read, and here SQL gets those that it compares.

use std::collections::BTreeSet;

use super::connect::providers;
use crate::model::instance::{Operation, PowerState, Status};

/// Reads the code of a status, which means the same wherever it occurs.
pub fn status(code: &str) -> Status {
    Status::new(code, power(code))
}

/// The meaning of the code of a status.
pub fn power(code: &str) -> PowerState {
    let mut all = providers().flat_map(|provider| provider.statuses);
    all.find(|(known, _)| *known == code).map_or(PowerState::Other, |(_, power)| *power)
}

/// Reads the code of an operation. A missing or empty code is an unknown operation, and not none:
/// an instance is only acted on when the cloud said that nothing else is under way.
pub fn operation(code: &str) -> Operation {
    Operation::new(code, is_no_operation(code))
}

/// Whether the code of an operation means that none is under way.
pub fn is_no_operation(code: &str) -> bool {
    providers().any(|provider| provider.no_operation == code)
}

/// The codes that mean one of these states.
pub fn of(powers: &[PowerState]) -> Vec<&'static str> {
    let all = providers().flat_map(|provider| provider.statuses);
    unique(all.filter(|(_, power)| powers.contains(power)).map(|(code, _)| *code))
}

/// The codes of the two states that actions lead to.
pub fn settled() -> Vec<&'static str> {
    of(&[PowerState::Running, PowerState::Stopped])
}

/// The codes that mean that no operation is under way.
pub fn no_operation() -> Vec<&'static str> {
    unique(providers().map(|provider| provider.no_operation))
}

fn unique(codes: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut seen = BTreeSet::new();
    codes.filter(|code| seen.insert(*code)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn no_code_means_two_things() {
        let mut known = BTreeMap::new();
        for (code, power) in providers().flat_map(|provider| provider.statuses) {
            assert_eq!(known.entry(*code).or_insert(power), &power, "{code}");
        }
        assert_eq!(known["NSTOP"], &PowerState::Stopped);
    }

    #[test]
    fn what_is_not_known_is_never_settled() {
        assert_eq!(status("NEW_CODE"), Status::new("NEW_CODE", PowerState::Other));
        assert!(!operation("").is_none());
        assert!(operation("NULL").is_none());
        assert_eq!(settled(), ["RUN", "NSTOP"]);
    }
}
