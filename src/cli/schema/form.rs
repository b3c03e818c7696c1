//! Gives a schema the form that docs/json.md promises: words with their meanings, times, and the
//! meanings of names that are the same everywhere.

use serde_json::{Map, Value, json};

/// The meanings of names, where a field has none of its own.
const NAMES: [(&str, &str); 32] = [
    ("about", "`about` of the rule."),
    ("account", "The account's name in schedules.toml."),
    ("action", "What the rule does."),
    ("at", "Its time."),
    ("because", "`because` in schedules.toml."),
    ("cron", "The cron expression."),
    ("dry_run", "Nothing was to be sent."),
    ("enabled", "Whether the rule is enabled."),
    ("firing", "Its number, as `show` takes it."),
    ("held_until", "When its hold ends."),
    ("host", "The machine, if known."),
    ("instance_name", "`serverName`, as it was then."),
    ("instance_no", "`serverInstanceNo`."),
    ("kind", "What the object is about."),
    ("last_at", "Its time."),
    ("mark", "Whether all is well."),
    ("next_action", "What it does then."),
    ("next_at", "Its time."),
    ("next_rule", "The rule that does it."),
    ("outcome", "What became of it."),
    ("pid", "The number of the process."),
    ("platform", "The platform of the account."),
    ("reason", "Why, in words."),
    ("reason_code", "The same for programs: a code of [outcomes.md](outcomes.md)."),
    ("region", "The code of its region, such as `KR`."),
    ("rule", "The rule's name."),
    ("since", "Its beginning."),
    ("state", "How it is."),
    ("timezone", "The rule's zone."),
    ("trigger", "On time, late, or by hand."),
    ("until", "Its end."),
    ("version", "The version of lightsout."),
];

/// Names of times that do not end in `_at`, `_since` or `_until`.
const TIMES: [&str; 9] = [
    "as_of",
    "at",
    "last_good_look",
    "last_heard",
    "last_sign_of_life",
    "seen_after",
    "seen_before",
    "since",
    "until",
];

/// Schemas that stand below others, by their key.
const BELOW: [&str; 3] = ["items", "additionalProperties", "anyOf"];

pub(super) fn give(schema: &mut Value) {
    words(schema);
    let Some(object) = schema.as_object_mut() else { return };
    if object.get("format").is_some_and(|format| format != "date" && format != "date-time") {
        object.remove("format");
    }
    for key in BELOW {
        match object.get_mut(key) {
            Some(Value::Array(choices)) => choices.iter_mut().for_each(give),
            Some(below) => give(below),
            None => {}
        }
    }
    let defined = object.get_mut("$defs").and_then(Value::as_object_mut);
    defined.into_iter().flat_map(Map::values_mut).for_each(give);
    let required = object.get("required").cloned().unwrap_or_default();
    let is_required =
        |name: &String| required.as_array().is_some_and(|names| names.iter().any(|it| it == name));
    let fields = object.get_mut("properties").and_then(Value::as_object_mut);
    for (name, field) in fields.into_iter().flatten() {
        let is_time = is_time(name, field);
        give(field);
        if !is_required(name) {
            without_null(field);
        }
        if is_time {
            field["format"] = "date-time".into();
        }
        if let Some((_, meaning)) = NAMES.iter().find(|(known, _)| known == name)
            && field.get("description").is_none()
        {
            field["description"] = (*meaning).into();
        }
    }
}

/// A field that is left out where there is nothing to say is never null, unless it says so itself.
fn without_null(field: &mut Value) {
    if let Some(Value::Array(types)) = field.get_mut("type")
        && let [only, _] = types.as_slice()
        && only != "object"
    {
        field["type"] = only.clone();
    }
    if let Some(Value::Array(choices)) = field.get_mut("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            let field = field.as_object_mut().expect("it has a key");
            field.remove("anyOf");
            field.extend(only);
        }
    }
}

fn is_time(name: &str, field: &Value) -> bool {
    let is_text = field["type"] == "string" || field["type"] == json!(["string", "null"]);
    let is_plain = ["format", "enum", "x-words"].iter().all(|key| field.get(key).is_none());
    let ends = ["_at", "_since", "_until"].iter().any(|end| name.ends_with(end));
    is_text && is_plain && (ends || TIMES.contains(&name))
}

/// Lists of words have one form: `x-words` with the meaning of each, and `enum` where no word will
/// ever be added.
fn words(schema: &mut Value) {
    // A list that may be null is a choice of both.
    let (inner, is_nullable) = match schema.get("anyOf").and_then(Value::as_array) {
        Some(choices) => match choices.as_slice() {
            [list, null] if null["type"] == "null" && list.get("$ref").is_none() => {
                (list.clone(), true)
            }
            _ => return,
        },
        None => (schema.clone(), schema["type"] == json!(["string", "null"])),
    };
    let Some(words) = listed(&inner) else { return };
    let is_open = inner.get("x-words").is_some()
        || [&inner, &*schema].iter().any(|it| it.get("x-open").is_some());
    let Some(object) = schema.as_object_mut() else { return };
    for key in ["anyOf", "oneOf", "enum", "x-open", "x-words"] {
        object.remove(key);
    }
    let null = is_nullable.then_some(Value::Null);
    let kind = if is_nullable { json!(["string", "null"]) } else { "string".into() };
    object.insert("type".to_owned(), kind);
    if !is_open {
        let all = words.keys().map(|word| Value::from(word.as_str())).chain(null);
        object.insert("enum".to_owned(), all.collect());
    }
    object.insert("x-words".to_owned(), words.into());
}

/// The words of a list, with their meanings; `None` if it is no list.
fn listed(schema: &Value) -> Option<Map<String, Value>> {
    let plain = |list: &Value| {
        let words = list.as_array()?.iter().filter_map(Value::as_str);
        Some(words.map(|word| (word.to_owned(), "".into())).collect::<Map<_, _>>())
    };
    if let Some(list) = schema.get("x-words").or_else(|| schema.get("enum")) {
        return plain(list);
    }
    let mut words = Map::new();
    for one in schema.get("oneOf")?.as_array()? {
        if let Some(list) = one.get("enum") {
            words.extend(plain(list)?);
        } else {
            let meaning = one.get("description").cloned().unwrap_or_else(|| "".into());
            words.insert(one["const"].as_str()?.to_owned(), meaning);
        }
    }
    Some(words)
}
