//! Exit codes, as the contract numbers them. The highest that applies.

use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// All is as it should be.
    Ok = 0,
    /// Some instance did not get where it should; an expectation does not hold; files differ,
    /// where `diff --exit-code` asks; of `status`: no daemon is alive, or it does not do what the
    /// file says.
    Incomplete = 1,
    Usage = 2,
    /// Nothing could be listed, or the keys were refused; of `status`: when the daemon last looked.
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
