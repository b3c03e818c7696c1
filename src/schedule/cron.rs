//! Cron expressions, and the instants they mean in a zone.

/// A cron expression that was read without error and can fire.
#[derive(Clone, Debug)]
pub struct Cron {
    text: String,
}

impl Cron {
    /// The expression as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}
