//! `serverInstanceStatus.code` and `serverInstanceOperation.code`, and their meaning.

use crate::model::instance::{Operation, PowerState, Status};

/// The statuses that NAVER's reference lists.
pub const STATUSES: &[(&str, PowerState)] = &[
    ("INIT", PowerState::Changing),
    ("CREAT", PowerState::Changing),
    ("RUN", PowerState::Running),
    ("NSTOP", PowerState::Stopped),
    ("FSTOP", PowerState::Failed),
    ("SD_FL", PowerState::Failed),
    ("ST_FL", PowerState::Failed),
    ("RS_FL", PowerState::Failed),
    ("TERMT", PowerState::Changing),
];

/// The operations under way that NAVER's reference lists. Any other counts as one, too.
pub(super) const OPERATIONS: &[&str] = &[
    "START", "SHTDN", "RESTA", "HREST", "HSHTD", "SETUP", "CHNG", "COPY", "MIGRA", "CREAT", "TERMT",
];

/// Every other operation is one that is under way.
pub const NO_OPERATION: &str = "NULL";

pub fn status(code: &str) -> Status {
    let known = STATUSES.iter().find(|(known, _)| *known == code);
    Status::new(code, known.map_or(PowerState::Other, |(_, power)| *power))
}

pub fn operation(code: &str) -> Operation {
    Operation::new(code, code == NO_OPERATION)
}
