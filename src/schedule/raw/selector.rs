//! `select`, `except` and `[protect]` as they are written.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};
use serde_json::{Value, json};
use toml::Spanned;

use super::text::Text;

const NAMES: [&str; 1] = ["dev-*"];
const INSTANCES: [&str; 1] = ["1021003"];

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::schedule) struct Selector {
    /// Globs; any of them may match the name.
    #[schemars(with = "Option<Vec<String>>", example = NAMES)]
    pub(in crate::schedule) names: Option<Spanned<Vec<Text>>>,
    /// Keys and globs for their values; all must hold. `"*"` means that the tag is there.
    #[schemars(with = "Option<BTreeMap<String, String>>", example = example_tags())]
    pub(in crate::schedule) tags: Option<Spanned<BTreeMap<Text, Text>>>,
    /// Server numbers; any of them may be the server's.
    #[schemars(with = "Option<Vec<Number>>", example = INSTANCES)]
    pub(in crate::schedule) instances: Option<Spanned<Vec<Spanned<Number>>>>,
}

/// A server number, as digits with or without quotes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::schedule) struct Number(pub(in crate::schedule) String);

impl JsonSchema for Number {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "integer"], "pattern": "^[0-9]+$" })
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a server number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
                Ok(Number(text.to_owned()))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number(number.to_string()))
            }
        }
        from.deserialize_any(Digits)
    }
}

pub(super) fn example_tags() -> Value {
    json!({ "env": "dev" })
}

pub(super) fn example_select() -> Value {
    json!({ "tags": example_tags() })
}
