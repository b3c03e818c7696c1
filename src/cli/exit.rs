//! The exit codes of docs/outcomes.md. Of several, the highest applies.

use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    Ok = 0,
    /// One of: some instance did not reach its state; an expectation fails; files differ, under
    /// `diff --exit-code`; `doctor` has found something different; in `status`: no daemon is alive, or it does not do as the file says.
    Incomplete = 1,
    Usage = 2,
    /// Nothing could be listed, or the keys were refused; in `status`: at the daemon's last
    /// attempt.
    CloudFailed = 3,
    Guarded = 4,
    /// The audit log could not be opened or written.
    AuditFailed = 5,
    Bug = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
