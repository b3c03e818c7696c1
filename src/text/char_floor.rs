//! Where a text may be cut.

/// The nearest place at or before `at` that lies within `text` and between two characters.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
