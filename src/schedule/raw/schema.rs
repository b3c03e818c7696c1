//! The JSON Schema of schedules.toml, made from the types of this folder.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use super::File;

/// The schema of [`File`], without references.
pub(in crate::schedule) fn schema() -> Value {
    SchemaSettings::draft07()
        .with(|settings| settings.inline_subschemas = true)
        .with_transform(RecursiveTransform(without_null as fn(&mut schemars::Schema)))
        .into_generator()
        .into_root_schema_for::<File>()
        .into()
}

/// The JSON Schema of schedules.toml, for editors.
pub fn schema_json() -> String {
    format!("{:#}\n", schema())
}

/// TOML has no null: a key that may be left out is simply not required.
fn without_null(schema: &mut schemars::Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(choices)) = schema.get_mut("anyOf") else { return };
    choices.retain(|choice| choice.get("type") != Some(&Value::from("null")));
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        schema.remove("anyOf");
        for (key, value) in only {
            if schema.get(&key).is_none() {
                schema.insert(key, value);
            }
        }
    }
}
