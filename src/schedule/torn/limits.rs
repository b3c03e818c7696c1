//! How much of a torn file is mended.

/// So are longer lines: each part of a line is tried by itself.
pub(crate) const LONGEST_LINE: usize = 4 << 10;

/// Lists of tables, whose headers stand in double brackets.
pub(crate) const LISTS: [&str; 4] = ["rules", "notify", "expect", "overrides"];
