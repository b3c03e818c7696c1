//! What pages point at: files, headings, keys of schedules.toml, and the words of the glossary.

use std::collections::BTreeSet;
use std::path::Path;

use lightsout::schedule::schema_json;
use serde_json::Value;

use super::page::{Page, top};

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    let mut dead = Vec::new();
    for page in Page::all() {
        for link in page.links() {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let folder = Path::new(&page.name).parent().unwrap();
            let target =
                if file.is_empty() { Path::new(&page.name).to_owned() } else { folder.join(file) };
            let there = top().join(&target).exists();
            let heading = || {
                let anchors = Page::read(target.to_str().unwrap()).anchors();
                anchors.iter().any(|known| known == anchor)
            };
            if !there || (!anchor.is_empty() && !heading()) {
                dead.push(format!("{}: {link}", page.name));
            }
        }
    }
    assert_eq!(dead, [""; 0]);
}

/// Puts the names of keys below a part of the schema into a set.
fn keys_of(schema: &Value, keys: &mut BTreeSet<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        keys.extend(properties.keys().cloned());
    }
    let below: Box<dyn Iterator<Item = &Value>> = match schema {
        Value::Object(entries) => Box::new(entries.values()),
        Value::Array(entries) => Box::new(entries.iter()),
        _ => return,
    };
    below.for_each(|part| keys_of(part, keys));
}

#[test]
fn the_reference_of_the_file_has_every_key() {
    let schema: Value = serde_json::from_str(&schema_json()).unwrap();
    let mut keys = BTreeSet::new();
    keys_of(&schema, &mut keys);
    let spans = Page::read("docs/file.md").spans();
    let word = |letter: char| !(letter.is_alphanumeric() || letter == '_');
    let named: BTreeSet<&str> = spans.iter().flat_map(|span| span.split(word)).collect();
    let missing: Vec<_> = keys.iter().filter(|key| !named.contains(key.as_str())).collect();
    assert_eq!(missing, Vec::<&String>::new());
}

#[test]
fn every_noun_of_the_glossary_is_used_by_another_page() {
    let glossary = Page::read("docs/glossary.md");
    let others: String = Page::all()
        .into_iter()
        .filter(|page| page.name != glossary.name)
        .map(|page| page.text.to_lowercase())
        .collect();
    let nouns = glossary.text.lines().filter_map(|line| line.strip_prefix("| **"));
    let nouns: Vec<&str> = nouns.map(|line| line.split_once("**").unwrap().0).collect();
    assert!(nouns.len() >= 35, "{nouns:?}");
    let unused: Vec<_> = nouns.into_iter().filter(|noun| !others.contains(noun)).collect();
    assert_eq!(unused, [""; 0]);
}
