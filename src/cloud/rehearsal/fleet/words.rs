//! Values of the fleet file that serde does not read by itself: lengths of time and codes.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::instance::{Operation, Status};

/// A length of time: `"20s"`, `"1m30s"`, `"500ms"`, `"2h"`.
pub(super) fn parse_length(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut length = Duration::ZERO;
    while !rest.is_empty() || text.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let unit = &after[..after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len())];
        let number: u64 = number.parse().ok()?;
        let part = match unit {
            "ms" => Duration::from_millis(number),
            "s" => Duration::from_secs(number),
            "m" => Duration::from_secs(number.checked_mul(60)?),
            "h" => Duration::from_secs(number.checked_mul(3600)?),
            _ => return None,
        };
        length = length.checked_add(part)?;
        rest = &after[unit.len()..];
    }
    Some(length)
}

pub(in super::super) fn length<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    parse_length(&text).ok_or_else(|| {
        D::Error::custom(format!("`{text}` is not a length of time such as `20s`, `1m30s` or `2h`"))
    })
}

pub(in super::super) fn maybe_length<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Duration>, D::Error> {
    length(from).map(Some)
}

pub(in super::super) fn status<'de, D: Deserializer<'de>>(from: D) -> Result<Status, D::Error> {
    String::deserialize(from).map(|code| Status::from_code(&code))
}

pub(in super::super) fn operation<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Operation, D::Error> {
    String::deserialize(from).map(|code| Operation::from_code(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_numbers_with_units() {
        for (text, expected) in [
            ("20s", Some(Duration::from_secs(20))),
            ("0s", Some(Duration::ZERO)),
            ("500ms", Some(Duration::from_millis(500))),
            ("1m30s", Some(Duration::from_secs(90))),
            ("2h", Some(Duration::from_secs(7200))),
            ("", None),
            ("20", None),
            ("s", None),
            ("1d", None),
            ("-1s", None),
            ("1 s", None),
            ("99999999999999999999s", None),
        ] {
            assert_eq!(parse_length(text), expected, "{text:?}");
        }
    }
}
