//! Finds servers by a part of their names, or by their numbers.

use crate::model::known_instance::KnownInstance;
use crate::schedule::glob::Glob;
use crate::text::normal_form::nfc;

/// The longest search that is understood as a glob. Its time grows with its length.
const LONGEST_GLOB: usize = 200;

/// A search as somebody typed it.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// In lower case and normal form C.
    text: String,
    glob: Option<Glob>,
}

impl Wanted {
    /// A part of names, in any case and with globs. A text that is no glob is searched for as it is.
    pub fn new(text: &str) -> Self {
        let text = folded(text.trim());
        let is_glob = text.contains(['*', '?', '[', '{', '\\']) && text.len() <= LONGEST_GLOB;
        let glob = is_glob.then(|| Glob::new(&format!("*{text}*")).ok()).flatten();
        Self { text, glob }
    }

    /// Whether a server is meant: by a part of its name, or by its whole number.
    pub fn is(&self, known: &KnownInstance) -> bool {
        let name = || folded(&known.name);
        known.no.as_str() == self.text
            || match &self.glob {
                Some(glob) => glob.matches(&name()),
                None => name().contains(&self.text),
            }
    }
}

/// Sorts servers for people: by name in any case, then by account and number.
pub fn in_order(mut known: Vec<KnownInstance>) -> Vec<KnownInstance> {
    known.sort_by_cached_key(|it| {
        let no = it.no.as_str();
        (folded(&it.name), it.account.clone(), no.len(), no.to_owned())
    });
    known
}

fn folded(text: &str) -> String {
    nfc(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::instance::{AccountName, InstanceNo};

    fn server(name: &str, no: &str) -> KnownInstance {
        let account = AccountName::new("main").unwrap();
        KnownInstance { account, no: InstanceNo::new(no).unwrap(), name: name.to_owned() }
    }

    #[test]
    fn a_part_of_a_name_is_found_in_any_case_and_with_globs() {
        for (wanted, name, is_it) in [
            ("", "dev-api-1", true),
            ("API", "dev-api-1", true),
            (" api ", "Dev-Api-1", true),
            ("d*1", "dev-api-1", true),
            ("dev-?pi", "dev-api-1", true),
            ("{db,api}", "dev-api-1", true),
            ("a?i-2", "dev-api-1", false),
            ("web", "dev-api-1", false),
            ("[", "odd[name", true),
            ("[", "dev-api-1", false),
            ("77", "dev-api-1", true),
            ("7", "dev-api-1", false),
            ("검색", "팀-검색-1", true),
            // Decomposed, as some systems type it.
            ("\u{1100}\u{1165}\u{11b7}", "팀-검색-1", true),
        ] {
            assert_eq!(Wanted::new(wanted).is(&server(name, "77")), is_it, "{wanted} {name}");
        }
    }

    #[test]
    fn servers_of_one_name_stand_together_whatever_their_case() {
        let all = [("dev-b", "2"), ("Dev-A", "10"), ("dev-a", "9"), ("qa", "1")];
        let ordered = in_order(all.iter().map(|(name, no)| server(name, no)).collect());
        let numbers: Vec<&str> = ordered.iter().map(|it| it.no.as_str()).collect();
        assert_eq!(numbers, ["9", "10", "2", "1"]);
    }
}
