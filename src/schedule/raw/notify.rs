//! The written form of `[[notify]]`.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::{DURATION, NAME, Text};
use crate::model::language::Language;
use crate::schedule::notify::{Event, Format};

const COMMAND: [&str; 2] = ["/usr/local/bin/tell", "--quietly"];
const EVENTS: [&str; 2] = ["failure", "missed"];

/// Who is told of what: exactly one of `url` and `command`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::schedule) struct Notify {
    /// Unique; letters, digits, `-` and `_`. Default: the URL's host, the variable, or the
    /// program.
    #[schemars(with = "Option<String>", regex(pattern = NAME), example = &"team-chat")]
    pub(in crate::schedule) name: Option<Text>,
    /// Where notices are sent with POST: the URL, or `env:NAME` for a variable that holds it.
    #[schemars(with = "Option<String>", example = &"env:NOTIFY_URL")]
    pub(in crate::schedule) url: Option<Text>,
    /// The program and its arguments; it reads the notice as JSON on its standard input.
    #[schemars(with = "Option<Vec<String>>", example = COMMAND)]
    pub(in crate::schedule) command: Option<Spanned<Vec<Text>>>,
    /// Whose JSON a `url` is sent.
    #[schemars(with = "Option<Format>", example = &"json", extend("default" = "json"))]
    pub(in crate::schedule) format: Option<Spanned<Format>>,
    /// What is told. Default: all but `ahead`, `summary` and `report`.
    #[schemars(with = "Option<Vec<Event>>", example = EVENTS, extend("minItems" = 1))]
    pub(in crate::schedule) on: Option<Spanned<Vec<Event>>>,
    /// The language of the texts for people. Default: `en`.
    #[schemars(with = "Option<Language>", example = &"ko", extend("default" = "en"))]
    pub(in crate::schedule) language: Option<Language>,
    /// How long before each stop it is told whom that means; goes with `ahead` in `on`. Default:
    /// `30m`.
    #[schemars(with = "Option<String>", regex(pattern = DURATION), example = &"30m")]
    pub(in crate::schedule) ahead: Option<Text>,
    /// When the report is sent of the time since the last one; goes with `report` in `on`.
    #[schemars(with = "Option<String>", example = &"0 9 1 * *")]
    pub(in crate::schedule) cron: Option<Text>,
    /// The IANA time zone of `cron` and of the report, where it is not the file's.
    #[schemars(with = "Option<String>", example = &"Asia/Seoul")]
    pub(in crate::schedule) timezone: Option<Text>,
}
