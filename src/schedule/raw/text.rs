//! Owns the type of texts in all tables.

use toml::Spanned;

/// A text and its place.
pub(crate) type Text = Spanned<String>;

pub(crate) const NAME: &str = r"^[A-Za-z0-9_-]+$";
