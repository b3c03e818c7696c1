//! Reads a list that contains exactly one text.

use toml::de::DeArray;

/// The text, if the list contains nothing else.
pub(crate) fn only_text<'a>(array: &'a DeArray<'_>) -> Option<&'a str> {
    match array.iter().map(|entry| entry.get_ref().as_str()).collect::<Vec<_>>().as_slice() {
        [only] => *only,
        _ => None,
    }
}
