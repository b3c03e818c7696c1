//! Compares texts in Unicode's normal form C, and finds the other forms of a text.
//!
//! Hangul and accented letters have two forms, with the same letters in other bytes. Keyboards
//! write them composed. macOS and its scripts write them decomposed. The texts of schedules.toml
//! are composed when they are read. The input of people and the texts of the cloud are composed
//! when they are compared: the log keeps the cloud's own bytes.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use unicode_normalization::{UnicodeNormalization, is_nfc};

pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// Whether a reader sees the same text twice.
pub fn same(one: &str, other: &str) -> bool {
    one == other || nfc(one) == nfc(other)
}

/// The forms in which a text may be found, each once: as it is, composed, and decomposed. For
/// callers that compare bytes.
pub fn forms(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    if !text.is_ascii() {
        for form in [text.nfc().collect(), text.nfd().collect()] {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms
}

/// The other forms of a text, with some letters composed and some not. `None` if there are more
/// than `most`. A syllable of Hangul can be composed in part.
pub fn mixed_forms(text: &str, most: usize) -> Option<Vec<String>> {
    let simple = forms(text);
    let mut mixed = vec![String::new()];
    for letter in nfc(text).chars() {
        let apart: Vec<char> = letter.nfd().collect();
        let mut ways = vec![letter.to_string()];
        for length in 1..apart.len() {
            let (first, rest) = apart.split_at(length);
            let first = first.iter().copied().nfc();
            ways.push(first.chain(rest.iter().copied()).collect());
        }
        ways.dedup();
        if mixed.len() * ways.len() > most + simple.len() {
            return None;
        }
        let with = |begun: &String| -> Vec<String> {
            ways.iter().map(|way| format!("{begun}{way}")).collect()
        };
        mixed = mixed.iter().flat_map(with).collect();
    }
    mixed.retain(|it| !simple.contains(it));
    Some(mixed)
}

/// The path as this disk writes it, if the names of its folders or its file differ only in form. A
/// part that does not exist stays as it is.
pub fn on_disk(path: &Path) -> PathBuf {
    if path.as_os_str().is_ascii() || path.exists() {
        return path.to_owned();
    }
    let mut found = PathBuf::new();
    for component in path.components() {
        let near = match component {
            Component::Normal(name) if !name.is_ascii() && !found.join(name).exists() => {
                name.to_str().and_then(|name| sibling(&found, name))
            }
            _ => None,
        };
        match near {
            Some(near) => found.push(near),
            None => found.push(component),
        }
    }
    found
}

/// The entry of a folder that has this name in another form.
fn sibling(folder: &Path, name: &str) -> Option<String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let names = folder.read_dir().ok()?.flatten().map(|entry| entry.file_name());
    names.filter_map(|found| found.into_string().ok()).find(|found| same(found, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPOSED: &str = "운영";
    const DECOMPOSED: &str = "\u{110b}\u{116e}\u{11ab}\u{110b}\u{1167}\u{11bc}";

    #[test]
    fn what_looks_the_same_is_the_same_and_nothing_else_is() {
        for (one, other, expected) in [
            (COMPOSED, DECOMPOSED, true),
            ("caf\u{e9}", "cafe\u{301}", true),
            ("\u{212b}", "\u{c5}", true),
            ("dev", "dev", true),
            ("dev", "Dev", false),
            ("dev", "\u{ff44}ev", false),
            (COMPOSED, "개발", false),
        ] {
            assert_eq!(same(one, other), expected, "{one} and {other}");
        }
        assert_eq!(forms("dev"), ["dev"]);
        assert_eq!(forms(COMPOSED), [COMPOSED, DECOMPOSED]);
        assert_eq!(forms(DECOMPOSED), [DECOMPOSED, COMPOSED]);
        let mixed = format!("{COMPOSED}{DECOMPOSED}");
        assert_eq!(forms(&mixed).len(), 3);
    }

    #[test]
    fn the_mixed_forms_are_all_others_that_look_the_same() {
        // Each of the two syllables is written in three ways.
        let mixed = mixed_forms(COMPOSED, 7).unwrap();
        assert_eq!(mixed.len(), 7);
        assert!(mixed.iter().all(|it| same(it, COMPOSED) && it != COMPOSED && it != DECOMPOSED));
        assert_eq!(mixed_forms(DECOMPOSED, 7).unwrap(), mixed);
        assert_eq!(mixed_forms(COMPOSED, 6), None);
        assert_eq!(mixed_forms("dev", 0), Some(Vec::new()));
        assert_eq!(mixed_forms("caf\u{e9}", 0), Some(Vec::new()));
    }

    #[test]
    fn a_file_is_found_under_the_other_form_of_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join(DECOMPOSED).join("a.ics");
        std::fs::create_dir(there.parent().unwrap()).unwrap();
        std::fs::write(&there, "").unwrap();
        assert_eq!(on_disk(&folder.path().join(COMPOSED).join("a.ics")), there);
        assert_eq!(on_disk(&there), there);
        let missing = folder.path().join("없음").join("a.ics");
        assert_eq!(on_disk(&missing), missing);
    }
}
