//! Owns the limits of repairs of a torn file.

/// The longest line that is repaired: each part of a line is tried by itself.
pub(crate) const LONGEST_LINE: usize = 4 << 10;

/// Lists of tables. Their headers have double brackets.
pub(crate) const LISTS: [&str; 4] = ["rules", "notify", "expect", "overrides"];
