//! To come.

use super::Mistake;

pub(super) const ALL: &[(&str, &[Mistake])] = &[];
