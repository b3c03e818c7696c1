//! What all tables have in common.

use toml::Spanned;

/// A text and where it stands.
pub(crate) type Text = Spanned<String>;

pub(crate) const NAME: &str = r"^[A-Za-z0-9_-]+$";
