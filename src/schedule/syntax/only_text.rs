//! A value that is nothing but a text.

use toml::de::DeArray;

/// The text of a list that holds nothing else.
pub(crate) fn only_text<'a>(array: &'a DeArray<'_>) -> Option<&'a str> {
    match array.iter().map(|entry| entry.get_ref().as_str()).collect::<Vec<_>>().as_slice() {
        [only] => *only,
        _ => None,
    }
}
