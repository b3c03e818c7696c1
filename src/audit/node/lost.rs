//! Writes down, beside a copy, why its node cannot follow the shared log.

use std::path::Path;

use super::node_lines::{Standing, note_shared};
use crate::audit::shared::address::Address;
use crate::audit::store::chain;
use crate::audit::store::error::AuditError;
use crate::audit::store::log::connect;
use crate::audit::store::writer::Writer;
use crate::clock::Clock;
use crate::schedule::AuditFile;

/// Notes why a daemon cannot begin, for whoever asks on this machine.
///
/// # Errors
/// When the copy cannot be written.
pub async fn note_lost(
    file: &AuditFile,
    error: &AuditError,
    clock: &dyn Clock,
) -> Result<(), AuditError> {
    let Some(shared) = &file.shared else { return Ok(()) };
    let place = Address::of(&shared.place)?.place;
    note((&file.path, Writer::Daemon), &place, error, clock).await
}

/// The same, of a daemon that runs.
pub(super) async fn note(
    (path, writer): (&Path, Writer),
    place: &str,
    error: &AuditError,
    clock: &dyn Clock,
) -> Result<(), AuditError> {
    let mut copy = connect(path, writer).await?;
    let (last, _) = chain::head(&mut copy).await?;
    let standing = if error.is_apart() { Standing::Diverged } else { Standing::CatchingUp };
    let reason = crate::text::error_chain::chain(error);
    let now = clock.now().timestamp_millis();
    note_shared(&mut copy, place, (standing, last), Some(&reason), now).await
}
