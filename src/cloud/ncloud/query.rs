//! Writes the parameters of a call in the form of the wire.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All characters but those that RFC 3986 never encodes. A space becomes `%20`: not every reader
/// takes `+` for a space.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The parameters of a call, in the given order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// Adds a list: `name.1`, `name.2` and so on.
    #[must_use]
    pub fn with_list<T: ToString>(self, name: &str, values: &[T]) -> Self {
        let numbered = values.iter().zip(1..);
        numbered
            .fold(self, |query, (value, n)| query.with(format!("{name}.{n}"), value.to_string()))
    }

    /// The part of a URL after `?`.
    pub fn encoded(&self) -> String {
        let encode = |text| utf8_percent_encode(text, ENCODED);
        let pairs =
            self.0.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_numbered_from_one_and_everything_odd_is_encoded() {
        let query = Query::default()
            .with_list("serverInstanceNoList", &["1021003", "937507"])
            .with("serverName", "개 +%&/=?#~")
            .with("responseFormatType", "xml");
        assert_eq!(
            query.encoded(),
            "serverInstanceNoList.1=1021003&serverInstanceNoList.2=937507\
             &serverName=%EA%B0%9C%20%2B%25%26%2F%3D%3F%23~&responseFormatType=xml"
        );
    }
}
