//! Warns of globs that were probably meant as something else: a list in one text, a regular
//! expression, an exclusion.

use super::Check;
use super::selector::Part;
use crate::schedule::raw::Text;

/// The fault of a pattern, and the hint.
type Doubt = (String, &'static str);

const ONE_EACH: &str = "each pattern is a text of its own, and `{A,B}` is either; a comma that is meant \
                        stands behind a backslash";
const EITHER: &str = "`{A,B}` is either; a comma that is meant stands behind a backslash";
const NO_REGEX: &str = "in a glob `*` is any text, `?` one character, `{A,B}` either, and the whole text \
                        must match; what is meant as it is stands behind a backslash";
const EXCLUDE: &str = "`except` leaves out, and `[protect]` everywhere; a `!` that is meant stands \
                       behind a backslash";
const EXACT_KEY: &str = "only its value may be a glob: `*` there is a tag that says anything";

impl Check<'_> {
    /// Warns of a glob for names that probably means something else.
    pub(super) fn warn_of_name(&mut self, text: &Text, part: Part) {
        let said = text.get_ref();
        let doubt = list(said, ONE_EACH).or_else(|| other(said)).or_else(|| {
            let is_sql = said.starts_with('%') || said.ends_with('%');
            is_sql.then(|| ("`%` stands for nothing but itself".to_owned(), NO_REGEX))
        });
        self.doubt(text, part, doubt);
    }

    /// The same for the value of a tag, which has more meanings.
    pub(super) fn warn_of_value(&mut self, text: &Text, part: Part) {
        let said = text.get_ref();
        let doubt = list(said, EITHER).or_else(|| other(said));
        // `1.*` means every version 1.
        let doubt = doubt.filter(|_| !is_version(said));
        self.doubt(text, part, doubt);
    }

    /// Warns of a key that looks like a glob.
    pub(super) fn warn_of_key(&mut self, key: &Text, part: Part) {
        if key.get_ref().contains(['*', '?']) {
            let message =
                format!("{part}: the key `{}` is taken as it is, not as a glob", key.get_ref());
            self.warning(key, message, EXACT_KEY);
        }
    }

    fn doubt(&mut self, text: &Text, part: Part, doubt: Option<Doubt>) {
        if let Some((what, hint)) = doubt {
            let message = format!("{part}: in the glob `{}`, {what}", text.get_ref());
            self.warning(text, message, hint);
        }
    }
}

fn list(text: &str, hint: &'static str) -> Option<Doubt> {
    let (mut braces, mut is_escaped) = (0_usize, false);
    let mut is_list = false;
    for c in text.chars() {
        match c {
            _ if is_escaped => {}
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            ',' | ';' if braces == 0 => is_list = true,
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    is_list.then(|| ("a comma parts nothing: it is one pattern".to_owned(), hint))
}

/// The fault of a text that looks like an exclusion or a regular expression.
fn other(text: &str) -> Option<Doubt> {
    if text.starts_with('!') {
        return Some(("`!` leaves nothing out".to_owned(), EXCLUDE));
    }
    let mark = regex(text)?;
    let plain = mark.strip_prefix('\\').map_or("itself".to_owned(), |letter| format!("`{letter}`"));
    Some((format!("`{mark}` stands for nothing but {plain}"), NO_REGEX))
}

/// The first part with a meaning in a regular expression and none in a glob.
fn regex(text: &str) -> Option<String> {
    if text.starts_with('^') {
        return Some("^".to_owned());
    }
    let letters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while let Some(&c) = letters.get(at) {
        let next = letters.get(at + 1).copied();
        match (c, next) {
            ('\\', Some(class)) if "dwsDWSbB.".contains(class) => {
                return Some(format!("\\{class}"));
            }
            ('\\', _) => at += 1,
            ('.', Some('*' | '+')) | (']' | ')', Some('+')) | ('(', Some('?')) => {
                return Some(letters[at..at + 2].iter().collect());
            }
            ('|', _) => return Some("|".to_owned()),
            ('$', None) => return Some("$".to_owned()),
            _ => {}
        }
        at += 1;
    }
    None
}

fn is_version(text: &str) -> bool {
    let Some((before, _)) = text.split_once(".*") else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    before.trim_start_matches('v').split('.').all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_glob_is_known_by_what_it_would_mean_elsewhere() {
        for (text, expected) in [
            ("prod-*", None),
            ("dev-api.example", None),
            ("{a,b}-[0-9]", None),
            ("[!a]*", None),
            ("a\\,b", None),
            ("a\\|b", None),
            ("\\^a", None),
            ("^prod-.*$", Some("^")),
            ("prod$", Some("$")),
            ("prod-.*", Some(".*")),
            ("prod-.+", Some(".+")),
            ("prod-\\d", Some("\\d")),
            ("prod\\.kr", Some("\\.")),
            ("prod|stage", Some("|")),
            ("web-[0-9]+", Some("]+")),
            ("(?i)prod", Some("(?")),
        ] {
            assert_eq!(regex(text).as_deref(), expected, "{text}");
        }
        for (text, expected) in [
            ("a, b", true),
            ("a;b", true),
            ("{a,b}", false),
            ("x{a,{b,c}}", false),
            ("a\\,b", false),
        ] {
            assert_eq!(list(text, EITHER).is_some(), expected, "{text}");
        }
        for (text, expected) in [("1.*", true), ("v2.10.*", true), ("prod.*", false), ("", false)] {
            assert_eq!(is_version(text), expected, "{text}");
        }
    }
}
