//! docs/json.md and docs/json are made from the register. `INSTA_UPDATE=always cargo test --test it
//! json::page` renews both.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use lightsout::cli::{OUTPUTS, Output};
use serde_json::{Map, Value};

/// What stands below this line is made.
const MARK: &str = "<!-- Below this line, the page is made from the schemas. -->\n";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

/// Compares a file, or writes it where that is asked for.
fn keep(path: &Path, text: &str) {
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(path, text).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    let renew = "`INSTA_UPDATE=always cargo test --test it json::page` renews it";
    assert!(kept == text, "{} is out of date; {renew}", path.display());
}

#[test]
fn the_schemas_are_those_that_the_program_prints() {
    let folder = docs().join("json");
    for output in &OUTPUTS {
        keep(&folder.join(format!("{}.schema.json", output.name)), &output.schema_json());
    }
    let files = fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, OUTPUTS.len(), "an output is gone, and its schema is not");
}

#[test]
fn the_page_tells_every_field_of_every_output() {
    let path = docs().join("json.md");
    let page = fs::read_to_string(&path).unwrap();
    let (written, _) = page.split_once(MARK).expect("the page has the mark");
    let mut told = Told::default();
    let mut made = String::new();
    for output in &OUTPUTS {
        told.output(&mut made, output);
    }
    assert_eq!(told.untold, Vec::<String>::new(), "these fields have no meaning");
    keep(&path, &format!("{written}{MARK}{made}"));
}

/// The definitions that the page has, and the fields that it cannot explain.
#[derive(Default)]
struct Told {
    definitions: BTreeSet<String>,
    untold: Vec<String>,
}

impl Told {
    fn output(&mut self, page: &mut String, output: &Output) {
        let (name, schema) = (output.name, output.schema());
        let commands: Vec<String> =
            output.commands.iter().map(|command| format!("`lightsout {command}`")).collect();
        let by = if commands.is_empty() { String::new() } else { commands.join(", ") + ". " };
        let about = text(&schema["description"]).replace('\n', " ");
        writeln!(page, "\n## {name}\n\n{by}{about} [Schema](json/{name}.schema.json).").unwrap();
        self.fields(page, name, &schema);
        let choices = schema["anyOf"].as_array().into_iter().flatten();
        let choices: Vec<String> = choices.map(type_of).collect();
        if !choices.is_empty() {
            writeln!(page, "\nEach line is one of {}.", choices.join(", ")).unwrap();
        }
        for (name, schema) in schema["$defs"].as_object().into_iter().flatten() {
            let is_output = OUTPUTS.iter().any(|output| output.name == name);
            if !is_output && self.definitions.insert(name.clone()) {
                let about = schema["description"].as_str().map(|it| it.replace('\n', " "));
                let about = about.map(|it| format!("\n{it}\n")).unwrap_or_default();
                write!(page, "\n### {name}\n{about}").unwrap();
                self.fields(page, name, schema);
                if let Some(words) = schema["x-words"].as_object() {
                    list(page, words);
                }
            }
        }
    }

    fn fields(&mut self, page: &mut String, of: &str, schema: &Value) {
        let Some(fields) = schema["properties"].as_object() else { return };
        let required = schema["required"].as_array().unwrap();
        page.push_str("\n| field | type | null | meaning |\n|---|---|---|---|\n");
        for (name, field) in fields {
            let null = match required.iter().any(|it| it == name) {
                false => "left out",
                true if is_nullable(field) => "null",
                true => "",
            };
            let mut meaning = text(&field["description"]).replace('\n', " ");
            if meaning.is_empty() {
                self.untold.push(format!("{of}.{name}"));
            }
            if let Some(words) = field["x-words"].as_object() {
                let words: Vec<String> = words.keys().map(|word| format!("`{word}`")).collect();
                let more = if field.get("enum").is_some() { "" } else { " …" };
                write!(meaning, " {}{more}", words.join(", ")).unwrap();
            }
            let meaning = meaning.replace('|', "\\|");
            writeln!(page, "| `{name}` | {} | {null} | {meaning} |", type_of(field)).unwrap();
        }
        if schema.get("additionalProperties").is_some() {
            page.push_str("\nOther fields may follow.\n");
        }
    }
}

/// A list of words that stands alone.
fn list(page: &mut String, words: &Map<String, Value>) {
    if words.values().all(|meaning| text(meaning).is_empty()) {
        let words: Vec<String> = words.keys().map(|word| format!("`{word}`")).collect();
        writeln!(page, "\n{} …", words.join(", ")).unwrap();
        return;
    }
    page.push_str("\n| word | meaning |\n|---|---|\n");
    for (word, meaning) in words {
        writeln!(page, "| `{word}` | {} |", text(meaning).replace('\n', " ")).unwrap();
    }
    page.push_str("| … | |\n");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn is_nullable(field: &Value) -> bool {
    let types = field["type"].as_array().into_iter().flatten();
    let choices = field["anyOf"].as_array().into_iter().flatten();
    types.chain(choices.map(|it| &it["type"])).any(|kind| kind == "null")
}

/// The type of a field in words, with a link to what it holds.
fn type_of(field: &Value) -> String {
    if let Some(name) = field["$ref"].as_str() {
        let name = name.trim_start_matches("#/$defs/");
        return format!("[{name}](#{name})");
    }
    if let Some(choices) = field["anyOf"].as_array() {
        let choices = choices.iter().filter(|choice| choice["type"] != "null");
        return choices.map(type_of).collect::<Vec<_>>().join(" or ");
    }
    let kind = match &field["type"] {
        Value::Array(types) => text(&types[0]),
        kind => text(kind),
    };
    match (kind, text(&field["format"])) {
        (_, "date-time") => "time".to_owned(),
        (_, "date") => "day".to_owned(),
        ("string", _) => word_or_text(field),
        ("integer", _) => "integer".to_owned(),
        ("number", _) => "number".to_owned(),
        ("boolean", _) => "boolean".to_owned(),
        ("array", _) => format!("list of {}", type_of(&field["items"])),
        ("object", _) => match &field["additionalProperties"] {
            of @ Value::Object(_) => format!("{} by name", type_of(of)),
            _ => "object".to_owned(),
        },
        other => panic!("{other:?} has no words: {field}"),
    }
}

/// `text`, or `word` where all words are listed; the word itself where there is only one.
fn word_or_text(field: &Value) -> String {
    let words = field["x-words"].as_object().map(|words| words.keys().collect::<Vec<_>>());
    match (field["const"].as_str(), words.as_deref()) {
        (Some(word), _) => format!("`{word}`"),
        (None, Some([only])) => format!("`{only}`"),
        (None, Some(_)) => "word".to_owned(),
        (None, None) => "text".to_owned(),
    }
}
