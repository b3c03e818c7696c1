//! Finds the places where a text may be cut: between two characters, never inside one.

/// The last place at or before `at` that lies in `text` and between two characters.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
