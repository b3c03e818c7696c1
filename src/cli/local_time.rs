//! Shows times of the log in a zone.

use crate::time::zone::Zone;

/// A time of the log as people of that zone read it.
pub(super) fn local(at: &str, zone: Zone) -> String {
    let Ok(instant) = chrono::DateTime::parse_from_rfc3339(at) else { return at.to_owned() };
    zone.show(instant.to_utc()).format("%Y-%m-%d %H:%M:%S%:z").to_string()
}
