//! CSV that spreadsheets may open safely.

use std::io;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use super::sanitize::harmless;

/// The mark by which Excel knows that a text is UTF-8.
pub const EXCEL_MARK: &str = "\u{feff}";

/// Spreadsheets take these as the beginning of a formula, in both widths.
const BEGINS_A_FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// The lines with a head line, even when nothing follows it.
///
/// # Errors
/// A line cannot be serialised.
pub fn text<T: Serialize + JsonSchema>(lines: &[T]) -> io::Result<Vec<u8>> {
    let keys = heads::<T>();
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(&keys)?;
    for line in lines {
        let fields = serde_json::to_value(line)?;
        writer.write_record(keys.iter().map(|key| cell(&fields[key])))?;
    }
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

/// The fields of a line, in the order of JSON. A list of objects has no column.
pub fn heads<T: JsonSchema>() -> Vec<String> {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let fields = schema.get("properties").and_then(Value::as_object);
    let flat = fields.into_iter().flatten().filter(|(_, of)| of.pointer("/items/$ref").is_none());
    flat.map(|(name, _)| name.clone()).collect()
}

/// A cell that a spreadsheet may open safely. A text that looks like a formula gets a quote before
/// it, so that it stays a text (OWASP). Control characters are shown, as in a table.
pub fn cell(field: &Value) -> String {
    match field {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(BEGINS_A_FORMULA) => {
            format!("'{}", harmless(text))
        }
        Value::String(text) => harmless(text),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_of_csv_is_never_a_formula_and_otherwise_as_it_is() {
        for (field, shown) in [
            (Value::Null, ""),
            (Value::from(-1), "-1"),
            (Value::from(true), "true"),
            (Value::from("dev-a = 1"), "dev-a = 1"),
            (Value::from("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0"),
            (Value::from("+1"), "'+1"),
            (Value::from("-1"), "'-1"),
            (Value::from("@SUM(A1)"), "'@SUM(A1)"),
            (Value::from("\t=1"), "'\\t=1"),
            (Value::from("\r=1"), "'\\r=1"),
            (Value::from("dev\u{9b}2J"), "dev\\u{9b}2J"),
            (Value::from("\u{ff1d}1"), "'\u{ff1d}1"),
        ] {
            assert_eq!(cell(&field), shown);
        }
    }
}
