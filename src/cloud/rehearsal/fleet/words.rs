//! Reads values of the fleet file that serde does not read itself: lengths of time and codes.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::cloud::codes;
use crate::model::instance::{Operation, Status};
use crate::time::duration::{DurationError, parse_duration};

/// The form of schedules.toml, or milliseconds: `20s`, `1m30s`, `500ms`.
fn parse_length(text: &str) -> Result<Duration, DurationError> {
    match text.strip_suffix("ms").map(str::parse) {
        Some(Ok(millis)) => Ok(Duration::from_millis(millis)),
        _ => parse_duration(text),
    }
}

pub(in super::super) fn length<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    parse_length(&String::deserialize(from)?).map_err(D::Error::custom)
}

pub(in super::super) fn maybe_length<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Duration>, D::Error> {
    length(from).map(Some)
}

pub(in super::super) fn status<'de, D: Deserializer<'de>>(from: D) -> Result<Status, D::Error> {
    String::deserialize(from).map(|code| codes::status(&code))
}

pub(in super::super) fn operation<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Operation, D::Error> {
    String::deserialize(from).map(|code| codes::operation(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_may_be_in_milliseconds() {
        for (text, millis) in [
            ("500ms", Some(500)),
            ("0s", Some(0)),
            ("1m30s", Some(90_000)),
            ("ms", None),
            ("2", None),
        ] {
            let expected = millis.map(Duration::from_millis);
            assert_eq!(parse_length(text).ok(), expected, "{text:?}");
        }
    }
}
