//! Files with a secret: where one is, and whether others can get at it.
//!
//! A service manager hands secrets to a service in a folder that only the service can read:
//! systemd's credentials. Commands beside the service read the file itself.

use std::path::{Path, PathBuf};

/// The variable that names the folder with the service's credentials.
pub const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// The right to read, of the group. In the folder of credentials, the service's own right shows
/// there.
const GROUP_READS: u32 = 0o040;

/// A file with a secret, as it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretFile {
    path: PathBuf,
    /// Named without a folder: it may be a credential, and lies beside schedules.toml otherwise.
    is_bare: bool,
}

/// The place from which a secret is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    is_credential: bool,
}

impl SecretFile {
    /// The file that was `written` so, and lies at `path`.
    pub fn new(written: &str, path: PathBuf) -> Self {
        Self { path, is_bare: !written.contains('/') }
    }

    /// Whether a service manager may hand it over, once, at the start.
    pub fn may_be_credential(&self) -> bool {
        self.is_bare
    }

    /// The credential of that name, if there is one among these; else the file.
    pub fn find(&self, credentials: Option<&Path>) -> Found {
        let name = self.path.file_name().filter(|_| self.is_bare);
        let credential = name.and_then(|name| Some(credentials?.join(name)));
        match credential.filter(|path| path.symlink_metadata().is_ok()) {
            Some(path) => Found { path, is_credential: true },
            None => Found::from(self.path.clone()),
        }
    }
}

impl From<PathBuf> for SecretFile {
    fn from(path: PathBuf) -> Self {
        Self { path, is_bare: false }
    }
}

impl From<PathBuf> for Found {
    fn from(path: PathBuf) -> Self {
        Self { path, is_credential: false }
    }
}

impl Found {
    /// Whether a file of this mode gives others any of these rights.
    pub fn is_exposed(&self, mode: u32, rights: u32) -> bool {
        let harmless = if self.is_credential { GROUP_READS } else { 0 };
        mode & rights & !harmless != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_taken_for_a_file_that_was_named_without_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("keys"), "").unwrap();
        let (here, there) = (Some(folder.path()), folder.path().join("keys"));
        for (written, credentials, is_credential) in [
            ("keys", here, true),
            ("keys", None, false),
            ("other", here, false),
            ("./keys", here, false),
            ("/etc/lightsout/keys", here, false),
        ] {
            let path = Path::new("/etc/lightsout").join(written);
            let found = SecretFile::new(written, path.clone()).find(credentials);
            let expected = if is_credential { there.clone() } else { path };
            assert_eq!(found, Found { path: expected, is_credential }, "{written}");
        }
    }

    #[test]
    fn the_group_s_right_to_read_a_credential_exposes_nothing() {
        for (mode, of_credential, of_file) in
            [(0o400, false, false), (0o440, false, true), (0o460, true, true), (0o444, true, true)]
        {
            let found = |is_credential| Found { path: "keys".into(), is_credential };
            let is_exposed = |is_credential| found(is_credential).is_exposed(mode, 0o066);
            assert_eq!((is_exposed(true), is_exposed(false)), (of_credential, of_file), "{mode:o}");
        }
    }
}
