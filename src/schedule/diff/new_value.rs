//! Says that a key has a new value.

use std::fmt::Display;

/// The sentence about a key with a new value.
pub(super) fn now(key: &str, new: impl Display, old: impl Display) -> Option<String> {
    let (new, old) = (new.to_string(), old.to_string());
    (old != new).then(|| format!("`{key}` is {new}, was {old}"))
}
