//! The reasons why an account has no keys, in words for people.
//!
//! `credentials` and `profile` find them.

use std::io;
use std::path::PathBuf;

/// Never holds a key, nor a line of the file.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// At least one variable of each pair is missing.
    #[error("no keys: {0}")]
    NotSet(String),
    /// No home folder, and so no profile.
    #[error("no keys: there is no home folder to look for `.ncloud/configure` in")]
    NoHome,
    #[error("no keys: `{}` cannot be read", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("no keys: `{}` is larger than 64 KB: that is no key file", path.display())]
    TooLarge { path: PathBuf },
    #[error("no keys: `{}` has no `{entry}`", path.display())]
    Lacks { path: PathBuf, entry: &'static str },
    /// The mode of the file lets others than its owner read or write the keys.
    #[error("no keys taken: `{}` has mode {mode:04o}, which lets others read or change it", path.display())]
    Exposed { path: PathBuf, mode: u32 },
    /// A key that fits in no HTTP header. Most likely other characters were pasted around the key.
    #[error("the access key from {from} holds a character that no key has")]
    Unusable { from: String },
}

impl CredentialsError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotSet(_) => {
                "export both, or set `credentials` of the account to `profile` or `file:PATH`"
            }
            Self::NoHome => "set HOME, or `credentials = \"file:PATH\"`",
            Self::Unreadable { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                "only the owner of the file may use its keys: as root, begin with `sudo`"
            }
            Self::Unreadable { .. } | Self::TooLarge { .. } | Self::Lacks { .. } => {
                "the file needs the lines `ncloud_access_key_id = …` and \
                 `ncloud_secret_access_key = …`"
            }
            Self::Exposed { .. } => "`chmod 600` it: whoever reads it can stop your servers",
            Self::Unusable { .. } => "copy it again from the console, without spaces or line ends",
        }
    }
}
