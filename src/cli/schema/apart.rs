//! The types of what lightsout says in JSON outside of a listing.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::notice::body::Body;

/// What a target of `[[notify]]` is sent: a `url` with `format = "json"`, and a `command` on its
/// standard input. One part says more about the event: `firing`, `missed` and so on.
#[derive(Serialize, JsonSchema)]
pub(super) struct Notice {
    /// Its number in the log, which tells a notice that comes twice; left out by `notify test`.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<i64>,
    #[serde(flatten)]
    body: Body,
}

/// An entry of the log, with its place in the chain. The first line has only `seq` and `hash`: those
/// of the entry before.
#[derive(Serialize, JsonSchema)]
pub(super) struct Exported {
    /// The number of the entry.
    seq: i64,
    /// When it was written, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// The session that wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<i64>,
    /// The kind of the entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// Its hash: 64 hexadecimal digits.
    hash: String,
    /// What the entry says, as it was hashed: its fields depend on `kind`, and no promise is made
    /// about them. Null where its row was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("type" = ["object", "null"]))]
    body: Option<Map<String, Value>>,
}

/// An event of the log stream, on stderr with `--log-format json`. Its other fields depend on the
/// message, and no promise is made about them, nor about messages.
#[derive(Serialize, JsonSchema)]
pub(super) struct LogEvent {
    /// In the file's zone.
    #[schemars(extend("format" = "date-time"))]
    timestamp: String,
    /// How grave it is.
    #[schemars(extend("x-words" = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"]))]
    level: &'static str,
    /// What happened, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}
