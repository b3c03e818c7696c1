//! The environment that the client sees: variables and the home folder.
//!
//! A test passes a value of its own instead of changing the process.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// The source of variables and of the home folder.
#[derive(Clone)]
pub struct Environment(Source);

#[derive(Clone)]
enum Source {
    Process,
    Given(BTreeMap<String, String>),
}

impl Environment {
    /// The environment of this process, read anew at each question.
    pub fn of_process() -> Self {
        Self(Source::Process)
    }

    /// The value of a variable. An empty one, or one that is not Unicode, counts as not set.
    pub fn variable(&self, name: &str) -> Option<String> {
        let value = match &self.0 {
            Source::Process => std::env::var(name).ok(),
            Source::Given(variables) => variables.get(name).cloned(),
        };
        value.filter(|value| !value.trim().is_empty())
    }

    /// The home folder: `$HOME`, or for the process the home that the system knows.
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

/// Prints only the kind: the values may be keys.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::Process => "Environment(process)",
            Source::Given(_) => "Environment(given)",
        })
    }
}
