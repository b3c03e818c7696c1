//! The codes by which clouds name states, and their meaning.
//!
//! The log keeps the codes and not their meaning, nor which cloud they come from: here the codes
//! of all clouds are read, and here SQL gets those that it compares.

use super::ncloud::codes as ncloud;
use crate::model::instance::{Operation, PowerState, Status};

/// The statuses of every cloud. A code means the same wherever it occurs.
const STATUSES: [&[(&str, PowerState)]; 1] = [ncloud::STATUSES];

/// The codes that mean that no operation is under way.
pub const NO_OPERATION: [&str; 1] = [ncloud::NO_OPERATION];

/// Reads the code of a status.
pub fn status(code: &str) -> Status {
    let known = statuses().find(|(known, _)| *known == code);
    Status::new(code, known.map_or(PowerState::Other, |(_, power)| power))
}

/// Reads the code of an operation. A missing or empty one counts as unknown, and not as none: an
/// instance is only acted on when the cloud said that nothing else is.
pub fn operation(code: &str) -> Operation {
    Operation::new(code, NO_OPERATION.contains(&code))
}

/// The codes that mean one of these states.
pub fn of(powers: &[PowerState]) -> Vec<&'static str> {
    statuses().filter(|(_, power)| powers.contains(power)).map(|(code, _)| code).collect()
}

/// The codes of the two states that actions lead to.
pub fn settled() -> Vec<&'static str> {
    of(&[PowerState::Running, PowerState::Stopped])
}

fn statuses() -> impl Iterator<Item = (&'static str, PowerState)> {
    STATUSES.into_iter().flatten().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn no_code_means_two_things() {
        let mut known = BTreeMap::new();
        for (code, power) in statuses() {
            assert_eq!(*known.entry(code).or_insert(power), power, "{code}");
        }
        assert_eq!(known["NSTOP"], PowerState::Stopped);
    }

    #[test]
    fn what_is_not_known_is_never_settled() {
        assert_eq!(status("NEW_CODE"), Status::new("NEW_CODE", PowerState::Other));
        assert!(!operation("").is_none());
        assert!(operation("NULL").is_none());
        assert_eq!(settled(), ["RUN", "NSTOP"]);
    }
}
