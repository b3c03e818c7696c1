//! Delivers a notice to a program, on its standard input.

use std::time::Duration;

use super::delivery_error::DeliveryError;
use crate::program::{self, Program, ProgramError};

/// The longest run of a program, in the machine's own time.
const TIMEOUT: Duration = Duration::from_secs(30);

/// # Errors
/// When the program cannot be run, takes too long, or ends with anything but 0.
pub(super) async fn deliver(program: &Program, notice: &str) -> Result<String, DeliveryError> {
    let name = program.path.display().to_string();
    match program::run(program, notice, TIMEOUT).await {
        Ok(ended) if ended.status.success() => Ok(format!("`{name}` ended with {}", ended.status)),
        Ok(ended) => Err(DeliveryError::Failed { program: name, status: ended.status.to_string() }),
        Err(ProgramError::NotRun(detail)) => Err(DeliveryError::NotRun { program: name, detail }),
        Err(ProgramError::TooSlow(limit)) => {
            Err(DeliveryError::TooSlow { program: name, seconds: limit.as_secs() })
        }
    }
}
