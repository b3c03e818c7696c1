//! Owns the errors of an iCalendar file, with their hints.

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {message}", event.as_ref().map(|it| format!(", event `{it}`")).unwrap_or_default())]
pub struct IcsError {
    /// From 1.
    pub line: usize,
    /// The name of the event, if it is known.
    pub event: Option<String>,
    pub message: String,
    pub hint: &'static str,
}

/// The hint for an event whose days a person knows.
pub(super) const TAKE_OUT: &str = "take the event out of the file, and write its days into `dates`";

/// The hint for a file with too many days.
pub(super) const FEWER: &str = "export the holidays alone, or fewer years, or leave events out by `without` and `all_day_only`";

/// The hint for a file that is no calendar, or was damaged.
pub(super) const EXPORT: &str = "export it again from the calendar program that it comes from";

/// A text longer than this is shown in part.
const LONGEST: usize = 120;

impl IcsError {
    pub(super) fn new(line: usize, message: impl Into<String>, hint: &'static str) -> Self {
        Self { line, event: None, message: message.into(), hint }
    }

    /// The same error, about an event of this name.
    pub(super) fn of(self, summary: Option<&str>) -> Self {
        Self { event: summary.map(ToOwned::to_owned), ..self }
    }
}

/// The beginning of a text from the file, short enough for a message.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
