//! Finds the keys of an account, and explains their absence.
//!
//! Keys are read once, when a client is made. A reload makes a new client. `profile` reads key
//! files; `credentials_error` has the errors.

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};

use super::credentials_error::CredentialsError;
use super::profile;
use crate::cloud::Environment;
use crate::schedule::CredentialSource;

/// NAVER's keys have 20 and 40 characters. A shorter text is no key.
const SHORTEST_KEY: usize = 8;

/// An access key and its secret key. Neither can be printed.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Sent in a header of every request.
    pub access_key: SecretString,
    /// Never leaves the machine.
    pub secret_key: SecretString,
}

impl Keys {
    pub fn new(access_key: impl Into<String>, secret_key: impl Into<String>) -> Self {
        Self { access_key: access_key.into().into(), secret_key: secret_key.into().into() }
    }

    /// A text from elsewhere, with these keys masked if it repeats them.
    pub fn masked<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        [&self.secret_key, &self.access_key].into_iter().fold(text, |text, key| {
            let key = key.expose_secret();
            // A shorter text is no real key and may be part of a name.
            if key.len() < SHORTEST_KEY || !text.contains(key) {
                return text;
            }
            Cow::Owned(text.replace(key, "[key]"))
        })
    }
}

/// The variables of NAVER's own tools. A pair of one family goes before a mixed pair: an access key
/// does not fit the secret of another key.
const VARIABLES: [(&str, &str); 4] = [
    ("NCLOUD_ACCESS_KEY_ID", "NCLOUD_SECRET_ACCESS_KEY"),
    ("NCLOUD_ACCESS_KEY", "NCLOUD_SECRET_KEY"),
    ("NCLOUD_ACCESS_KEY_ID", "NCLOUD_SECRET_KEY"),
    ("NCLOUD_ACCESS_KEY", "NCLOUD_SECRET_ACCESS_KEY"),
];

/// Reads the keys of an account.
///
/// # Errors
/// 1. `source` has no keys; the error names the variables or the file.
/// 2. Others than the owner have access to the file.
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
            let found = profile::found(source, environment).ok_or(CredentialsError::NoHome)?;
            let (access_key, secret_key) = profile::keys_in(&found)?;
            checked(&access_key, &secret_key, &format!("`{}`", found.path.display()))
        }
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

fn checked(access_key: &str, secret_key: &str, from: &str) -> Result<Keys, CredentialsError> {
    let (access_key, secret_key) = (access_key.trim(), secret_key.trim());
    if !access_key.chars().all(|c| c.is_ascii_graphic()) {
        return Err(CredentialsError::Unusable { from: from.to_owned() });
    }
    Ok(Keys::new(access_key, secret_key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

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
    fn missing_keys_are_reported_with_the_place_they_were_looked_for_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let home = folder.path().to_str().unwrap();
        profile::tests::write(&path, 0o600, "ncloud_access_key_id = a\n");
        let half = Environment::from([("DEV_ACCESS_KEY", "hidden"), ("HOME", home)]);
        let nothing = Environment::from([("NCLOUD_SECRET_KEY", "")]);
        let broken =
            Environment::from([("X_ACCESS_KEY", "hidden key"), ("X_SECRET_KEY", "hidden")]);
        for (source, environment, expected) in [
            (CredentialSource::Env, &nothing, "`NCLOUD_ACCESS_KEY_ID`".to_owned()),
            (CredentialSource::EnvPrefix("DEV".into()), &half, "`DEV_SECRET_KEY`".to_owned()),
            (CredentialSource::Profile, &nothing, "home folder".to_owned()),
            (CredentialSource::Profile, &half, format!("`{home}/.ncloud/configure`")),
            (
                CredentialSource::File(path.into()),
                &half,
                format!("`{home}/keys` has no `ncloud_secret"),
            ),
            (CredentialSource::EnvPrefix("X".into()), &broken, "`X_ACCESS_KEY`".to_owned()),
        ] {
            let error = read(&source, environment).unwrap_err();
            assert!(error.to_string().contains(&expected), "{error}");
            assert!(!format!("{error} {error:?}").contains("hidden"), "{error:?}");
            assert!(!error.hint().is_empty());
        }
    }
}
