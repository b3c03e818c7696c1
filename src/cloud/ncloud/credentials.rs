//! Where the keys are, and the profile file that may hold them.
//!
//! Keys are read when a client is made and never again: whoever reloads makes a new client.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::environment::Environment;
use crate::schedule::CredentialSource;

/// An access key and its secret key. Neither can be printed.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Goes out in a header of every request.
    pub access_key: SecretString,
    /// Never leaves the machine.
    pub secret_key: SecretString,
}

impl Keys {
    /// Takes both as they are.
    #[must_use]
    pub fn new(access_key: impl Into<String>, secret_key: impl Into<String>) -> Self {
        Self { access_key: access_key.into().into(), secret_key: secret_key.into().into() }
    }
}

/// Why there are no keys. Never holds one, nor a line of the file.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The variables are not set, or not both.
    #[error("no keys: {0}")]
    NotSet(String),
    /// There is no home folder to look for a profile in.
    #[error("no keys: there is no home folder to look for `.ncloud/configure` in")]
    NoHome,
    /// The file cannot be read.
    #[error("no keys: `{}` cannot be read", path.display())]
    Unreadable {
        /// Where it was looked for.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file has no such entry.
    #[error("no keys: `{}` has no `{entry}`", path.display())]
    Lacks {
        /// The file.
        path: PathBuf,
        /// The entry.
        entry: &'static str,
    },
    /// The file's mode lets others than its owner at the keys.
    #[error("no keys taken: `{}` has mode {mode:04o}, which lets others read or change it", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A key that fits in no HTTP header: most likely pasted with something around it.
    #[error("the access key from {from} holds a character that no key has")]
    Unusable {
        /// Where it came from.
        from: String,
    },
}

impl CredentialsError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotSet(_) => {
                "export both, or set `credentials` of the account to `profile` or `file:PATH`"
            }
            Self::NoHome => "set HOME, or `credentials = \"file:PATH\"`",
            Self::Unreadable { .. } | Self::Lacks { .. } => {
                "the file needs the lines `ncloud_access_key_id = …` and \
                 `ncloud_secret_access_key = …`"
            }
            Self::Exposed { .. } => "`chmod 600` it: whoever reads it can stop your servers",
            Self::Unusable { .. } => "copy it again from the console, without spaces or line ends",
        }
    }
}

/// Reading and writing, for the group and for everybody.
const OTHERS: u32 = 0o066;

const ACCESS_KEY_ENTRY: &str = "ncloud_access_key_id";
const SECRET_KEY_ENTRY: &str = "ncloud_secret_access_key";
const API_URL_ENTRY: &str = "ncloud_api_url";

/// The names NAVER's tools use. A pair of one family goes before a mixed one: a key and the
/// secret of another are worth nothing.
const VARIABLES: [(&str, &str); 4] = [
    ("NCLOUD_ACCESS_KEY_ID", "NCLOUD_SECRET_ACCESS_KEY"),
    ("NCLOUD_ACCESS_KEY", "NCLOUD_SECRET_KEY"),
    ("NCLOUD_ACCESS_KEY_ID", "NCLOUD_SECRET_KEY"),
    ("NCLOUD_ACCESS_KEY", "NCLOUD_SECRET_ACCESS_KEY"),
];

/// Reads the keys of an account.
///
/// # Errors
/// When there are none where `source` says, naming the variables or the file; and when others
/// than the file's owner can get at it.
pub fn read(
    source: &CredentialSource,
    environment: &Environment,
) -> Result<Keys, CredentialsError> {
    match source {
        CredentialSource::Env => {
            let pairs =
                VARIABLES.into_iter().map(|(access, secret)| (access.into(), secret.into()));
            from_variables(pairs, environment).ok_or_else(|| {
                CredentialsError::NotSet(
                    "the environment has no `NCLOUD_ACCESS_KEY_ID` (or `NCLOUD_ACCESS_KEY`) with \
                     `NCLOUD_SECRET_ACCESS_KEY` (or `NCLOUD_SECRET_KEY`)"
                        .to_owned(),
                )
            })?
        }
        CredentialSource::EnvPrefix(prefix) => {
            let (access, secret) = (format!("{prefix}_ACCESS_KEY"), format!("{prefix}_SECRET_KEY"));
            let missing = format!("the environment has no `{access}` with `{secret}`");
            from_variables([(access, secret)], environment)
                .ok_or(CredentialsError::NotSet(missing))?
        }
        CredentialSource::Profile | CredentialSource::File(_) => {
            from_file(&profile_path(source, environment).ok_or(CredentialsError::NoHome)?)
        }
    }
}

/// `ncloud_api_url` of the profile: of the account's own key file, where it has one. A profile
/// that is not there says nothing.
#[must_use]
pub fn api_url(source: &CredentialSource, environment: &Environment) -> Option<(String, PathBuf)> {
    let path = profile_path(source, environment)?;
    let url = entry(&fs::read_to_string(&path).ok()?, API_URL_ENTRY)?;
    Some((url, path))
}

fn profile_path(source: &CredentialSource, environment: &Environment) -> Option<PathBuf> {
    match source {
        CredentialSource::File(path) => Some(path.clone()),
        _ => Some(environment.home()?.join(".ncloud").join("configure")),
    }
}

fn from_variables(
    pairs: impl IntoIterator<Item = (String, String)>,
    environment: &Environment,
) -> Option<Result<Keys, CredentialsError>> {
    pairs.into_iter().find_map(|(access, secret)| {
        let keys = (environment.variable(&access)?, environment.variable(&secret)?);
        Some(checked(&keys.0, &keys.1, &format!("`{access}`")))
    })
}

fn from_file(path: &Path) -> Result<Keys, CredentialsError> {
    let text = private_text(path)?;
    let demand = |name| {
        entry(&text, name)
            .ok_or_else(|| CredentialsError::Lacks { path: path.to_owned(), entry: name })
    };
    let (access_key, secret_key) = (demand(ACCESS_KEY_ENTRY)?, demand(SECRET_KEY_ENTRY)?);
    checked(&access_key, &secret_key, &format!("`{}`", path.display()))
}

/// The text of a file that is its owner's alone.
fn private_text(path: &Path) -> Result<String, CredentialsError> {
    let unreadable = |source| CredentialsError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    // Asked of the open file: another may be put in its place at any time.
    let mode = file.metadata().map_err(unreadable)?.mode() & 0o777;
    if mode & OTHERS != 0 {
        return Err(CredentialsError::Exposed { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

fn checked(access_key: &str, secret_key: &str, from: &str) -> Result<Keys, CredentialsError> {
    let (access_key, secret_key) = (access_key.trim(), secret_key.trim());
    if !access_key.chars().all(|c| c.is_ascii_graphic()) {
        return Err(CredentialsError::Unusable { from: from.to_owned() });
    }
    Ok(Keys::new(access_key, secret_key))
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
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    fn write(path: &Path, mode: u32, text: &str) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn exposed(keys: &Keys) -> (&str, &str) {
        (keys.access_key.expose_secret(), keys.secret_key.expose_secret())
    }

    #[test]
    fn variables_of_one_family_go_before_a_mixture() {
        for (environment, expected) in [
            (Environment::from([("NCLOUD_ACCESS_KEY", "a"), ("NCLOUD_SECRET_KEY", "s")]), "a s"),
            (
                Environment::from([
                    ("NCLOUD_ACCESS_KEY_ID", "a1"),
                    ("NCLOUD_ACCESS_KEY", "a2"),
                    ("NCLOUD_SECRET_KEY", "s2"),
                ]),
                "a2 s2",
            ),
            (
                Environment::from([("NCLOUD_ACCESS_KEY_ID", "a1"), ("NCLOUD_SECRET_KEY", "s2")]),
                "a1 s2",
            ),
            (
                Environment::from([
                    ("NCLOUD_ACCESS_KEY_ID", " a1\n"),
                    ("NCLOUD_SECRET_ACCESS_KEY", "s1"),
                    ("NCLOUD_ACCESS_KEY", "a2"),
                    ("NCLOUD_SECRET_KEY", "s2"),
                ]),
                "a1 s1",
            ),
        ] {
            let keys = read(&CredentialSource::Env, &environment).unwrap();
            let (access, secret) = exposed(&keys);
            assert_eq!(format!("{access} {secret}"), expected);
        }
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
        let source = CredentialSource::File(path.clone());
        let environment = Environment::from([("HOME", "/nowhere")]);
        assert_eq!(exposed(&read(&source, &environment).unwrap()), ("a", "s="));
        let url = api_url(&source, &environment);
        assert_eq!(url, Some(("https://example.test".to_owned(), path)));
    }

    #[test]
    fn missing_keys_are_reported_with_the_place_they_were_looked_for_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let home = folder.path().to_str().unwrap();
        write(&path, 0o600, "ncloud_access_key_id = a\n");
        let half = Environment::from([("DEV_ACCESS_KEY", "hidden"), ("HOME", home)]);
        let nothing = Environment::from([("NCLOUD_SECRET_KEY", "")]);
        let broken =
            Environment::from([("X_ACCESS_KEY", "hidden key"), ("X_SECRET_KEY", "hidden")]);
        for (source, environment, expected) in [
            (CredentialSource::Env, &nothing, "`NCLOUD_ACCESS_KEY_ID`".to_owned()),
            (CredentialSource::EnvPrefix("DEV".into()), &half, "`DEV_SECRET_KEY`".to_owned()),
            (CredentialSource::Profile, &nothing, "home folder".to_owned()),
            (CredentialSource::Profile, &half, format!("`{home}/.ncloud/configure`")),
            (CredentialSource::File(path), &half, format!("`{home}/keys` has no `ncloud_secret")),
            (CredentialSource::EnvPrefix("X".into()), &broken, "`X_ACCESS_KEY`".to_owned()),
        ] {
            let error = read(&source, environment).unwrap_err();
            assert!(error.to_string().contains(&expected), "{error}");
            assert!(!format!("{error} {error:?}").contains("hidden"), "{error:?}");
            assert!(!error.hint().is_empty());
        }
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
            for source in [CredentialSource::Profile, CredentialSource::File(path.clone())] {
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
