//! Owns the type of texts in all tables.

use toml::Spanned;

/// A text and its place.
pub(crate) type Text = Spanned<String>;

pub(crate) const NAME: &str = r"^[A-Za-z0-9_-]+$";
pub(super) const DURATION: &str = r"^([0-9]+[dhms])+$";
