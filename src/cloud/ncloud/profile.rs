//! Reads `~/.ncloud/configure` and files like it, if they belong to their owner alone.
//!
//! `credentials` chooses between files and variables.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::credentials_error::CredentialsError;
use crate::cloud::Environment;
use crate::schedule::CredentialSource;
use crate::text::regular_file;
use crate::text::secret_file::{CREDENTIALS, Found};

const ACCESS_KEY_ENTRY: &str = "ncloud_access_key_id";
const SECRET_KEY_ENTRY: &str = "ncloud_secret_access_key";
const API_URL_ENTRY: &str = "ncloud_api_url";

/// The largest key file. Real ones have a few lines.
const LARGEST: u64 = 64_000;

/// The rights to read and write, for the group and for everybody.
const OTHERS: u32 = 0o066;

/// `ncloud_api_url` of the account's key file, or of the profile in the home folder; `None` without
/// a file.
pub fn api_url(source: &CredentialSource, environment: &Environment) -> Option<(String, PathBuf)> {
    let Found { path, .. } = found(source, environment)?;
    let bytes = regular_file::read(regular_file::open(&path).ok()?, LARGEST).ok()??;
    let url = entry(str::from_utf8(&bytes).ok()?, API_URL_ENTRY)?;
    Some((url, path))
}

/// The key file; `None` if it is in a home folder and there is none.
pub(super) fn found(source: &CredentialSource, environment: &Environment) -> Option<Found> {
    match source {
        CredentialSource::File(file) => {
            Some(file.find(environment.variable(CREDENTIALS).map(PathBuf::from).as_deref()))
        }
        _ => Some(environment.home()?.join(".ncloud").join("configure").into()),
    }
}

/// The access key and the secret key of a file.
///
/// # Errors
/// The file cannot be read, lacks a key, or lets others than its owner at the keys.
pub(super) fn keys_in(found: &Found) -> Result<(String, String), CredentialsError> {
    let text = private_text(found)?;
    let demand = |name| {
        entry(&text, name)
            .ok_or_else(|| CredentialsError::Lacks { path: found.path.clone(), entry: name })
    };
    Ok((demand(ACCESS_KEY_ENTRY)?, demand(SECRET_KEY_ENTRY)?))
}

/// The text of a file to which only the owner has access.
fn private_text(found: &Found) -> Result<String, CredentialsError> {
    let path = &found.path;
    let unreadable = |source| CredentialsError::Unreadable { path: path.to_owned(), source };
    let file = regular_file::open(path).map_err(unreadable)?;
    // The open file is checked: another file may take its place at any time.
    let mode = file.metadata().map_err(unreadable)?.mode() & 0o777;
    if found.is_exposed(mode, OTHERS) {
        return Err(CredentialsError::Exposed { path: path.to_owned(), mode });
    }
    let bytes = regular_file::read(file, LARGEST).map_err(unreadable)?;
    let bytes = bytes.ok_or_else(|| CredentialsError::TooLarge { path: path.to_owned() })?;
    String::from_utf8(bytes).map_err(|error| unreadable(io::Error::other(error.utf8_error())))
}

/// One entry of a profile: `name = value` before any section, or in `[DEFAULT]`.
fn entry(text: &str, name: &str) -> Option<String> {
    let mut is_ours = true;
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            is_ours = section.trim().eq_ignore_ascii_case("DEFAULT");
            continue;
        }
        let Some((found, value)) = line.split_once('=') else { continue };
        if is_ours && found.trim() == name && !value.trim().is_empty() {
            return Some(value.trim().to_owned());
        }
    }
    None
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::cloud::ncloud::credentials::read;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    pub(in super::super) fn write(path: &Path, mode: u32, text: &str) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_profile_is_read_outside_of_foreign_sections() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("configure");
        write(
            &path,
            0o600,
            "\u{feff}# mine\r\n[other]\r\nncloud_access_key_id = x\r\n[DEFAULT]\r\n\
             ncloud_access_key_id = a\r\nncloud_secret_access_key=s=\r\n\
             ncloud_api_url = https://example.test\r\n",
        );
        let source = CredentialSource::File(path.clone().into());
        let environment = Environment::from([("HOME", "/nowhere")]);
        assert_eq!(keys_in(&path.clone().into()).unwrap(), ("a".to_owned(), "s=".to_owned()));
        let url = api_url(&source, &environment);
        assert_eq!(url, Some(("https://example.test".to_owned(), path)));
    }

    #[test]
    fn keys_that_others_can_get_at_are_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path();
        fs::create_dir(home.join(".ncloud")).unwrap();
        let path = home.join(".ncloud").join("configure");
        let environment = Environment::from([("HOME", home.to_str().unwrap())]);
        for (mode, is_taken) in [
            (0o600, true),
            (0o400, true),
            (0o700, true),
            (0o640, false),
            (0o604, false),
            (0o620, false),
            (0o602, false),
            (0o666, false),
        ] {
            write(&path, mode, "ncloud_access_key_id = a\nncloud_secret_access_key = hidden\n");
            for source in [CredentialSource::Profile, CredentialSource::File(path.clone().into())] {
                let Err(error) = read(&source, &environment) else {
                    assert!(is_taken, "{mode:o}");
                    continue;
                };
                let told = format!("`{}` has mode {mode:04o},", path.display());
                assert!(!is_taken && error.to_string().contains(&told), "{error}");
                assert!(
                    error.hint().contains("`chmod 600`")
                        && !format!("{error:?}").contains("hidden")
                );
            }
        }
    }
}
