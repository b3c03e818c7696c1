//! Describes the form of a key's value. The words cannot be copied into the file: users would take
//! an example for a proposal.

use serde_json::Value;

use super::schema::{allowed_words, allows, wanted};

/// The forms of keys whose type does not show them.
const FORMS: [(&str, &str); 20] = [
    ("ahead", LENGTH),
    ("ask_timeout", LENGTH),
    ("at", "a time in quotes: `YYYY-MM-DD HH:MM`"),
    ("cron", "five fields in quotes: minute, hour, day of month, month, day of week"),
    ("dates", "a list of days in quotes: `YYYY-MM-DD`, or `YYYY-MM-DD..YYYY-MM-DD`"),
    ("disabled_since", "a day in quotes: `YYYY-MM-DD`"),
    ("every", LENGTH),
    ("except", SELECTOR),
    ("grace", LENGTH),
    ("jitter", LENGTH),
    ("keep", LENGTH),
    ("late", LENGTH),
    ("max_hold", LENGTH),
    ("off", "from when until when, in quotes: `HH:MM-HH:MM`"),
    ("off_days", "days of the week and names of calendars, in quotes"),
    ("patience", LENGTH),
    ("select", SELECTOR),
    ("stagger", LENGTH),
    ("tags", "a table of keys and values: `{ KEY = \"…\" }`"),
    ("timezone", "a name of the IANA database in quotes: `CONTINENT/CITY`, or `UTC`"),
];

const LENGTH: &str =
    "a number and its unit in quotes: `s` seconds, `m` minutes, `h` hours or `d` days";
const SELECTOR: &str = "`{ names = [\"…\"] }`, `{ tags = { KEY = \"…\" } }` or both";

/// The form of the value of a key.
pub(crate) fn form(key: &str, schema: &Value) -> String {
    if let Some((_, form)) = FORMS.iter().find(|(known, _)| *known == key) {
        return (*form).to_owned();
    }
    if let Some(words) = allowed_words(schema) {
        let quoted: Vec<String> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
        return quoted.join(" or ");
    }
    match () {
        () if allows(schema, "array") => format!("a list of texts in quotes: `{key} = [\"…\"]`"),
        () if allows(schema, "string") => format!("a text in quotes: `{key} = \"…\"`"),
        () if allows(schema, "boolean") => "`true` or `false`, without quotes".to_owned(),
        () if allows(schema, "object") => format!("a table: `{key} = {{ … }}`"),
        () => format!("{}, without quotes", wanted(schema)),
    }
}
