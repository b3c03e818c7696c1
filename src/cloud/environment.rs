//! The process's environment as the client sees it: variables and the home folder.
//!
//! A value of its own, so that a test can hand in another one instead of changing the process.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Where variables and the home folder are looked up.
#[derive(Clone)]
pub struct Environment(Source);

#[derive(Clone)]
enum Source {
    Process,
    Given(BTreeMap<String, String>),
}

impl Environment {
    /// The environment this process runs in, read anew each time it is asked.
    pub fn of_process() -> Self {
        Self(Source::Process)
    }

    /// The value of a variable; one that is empty or no Unicode counts as not set.
    pub fn variable(&self, name: &str) -> Option<String> {
        let value = match &self.0 {
            Source::Process => std::env::var(name).ok(),
            Source::Given(variables) => variables.get(name).cloned(),
        };
        value.filter(|value| !value.trim().is_empty())
    }

    /// The home folder: `$HOME`, or for the process what the system knows of its user.
    pub fn home(&self) -> Option<PathBuf> {
        match &self.0 {
            Source::Process => std::env::home_dir(),
            Source::Given(_) => self.variable("HOME").map(PathBuf::from),
        }
    }
}

impl<K: Into<String>, V: Into<String>, const N: usize> From<[(K, V); N]> for Environment {
    fn from(variables: [(K, V); N]) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self(Source::Given(variables.collect()))
    }
}

/// Names only the kind: the values may be keys.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::Process => "Environment(process)",
            Source::Given(_) => "Environment(given)",
        })
    }
}
