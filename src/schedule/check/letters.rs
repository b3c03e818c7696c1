//! Warns of deceptive letters in a selector: unseen ones, blanks at the edges, and letters of
//! another script or width that look like ASCII.

use std::ops::RangeInclusive;

use unicode_normalization::UnicodeNormalization;

use super::Check;
use super::selector::Part;
use crate::schedule::raw::Text;
use crate::text::sanitize::{harmless, is_unseen};

/// The most characters of one text in a warning.
const MOST_TOLD: usize = 3;

/// Letters of Cyrillic, Greek and Armenian, each before the ASCII letter that it looks like.
const ALIKE: &str = "аaеeоoрpсcуyхxіiѕsјjԁdһhԛqԝwѵvӏlԍgАAВBЕEКKМMНHОOРPСCТTУYХXІIЅSЈJԌGԜW\
    αaοoνvρpυuιiκkχxγyϲcϳjΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX\
    օoսuհhոnցgզqԼLՕOՍU";

/// Dashes that look like the ASCII one.
const DASHES: &str = "\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}";

/// The alphabets with letters that look like ASCII.
const ALPHABETS: [(&str, &[RangeInclusive<char>]); 4] = [
    ("Cyrillic", &['\u{400}'..='\u{52f}', '\u{1c80}'..='\u{1c8f}', '\u{a640}'..='\u{a69f}']),
    ("Greek", &['\u{370}'..='\u{3ff}', '\u{1f00}'..='\u{1fff}']),
    ("Armenian", &['\u{530}'..='\u{58f}']),
    ("Cherokee", &['\u{13a0}'..='\u{13ff}', '\u{ab70}'..='\u{abbf}']),
];

impl Check<'_> {
    /// Warns of characters in a text that nobody sees, or that look like others. `part` is the
    /// place of the text.
    pub(super) fn warn_of_letters(&mut self, text: &Text, part: Part) {
        let said = text.get_ref();
        let shown = harmless(said);
        let edge = edge(said);
        if let Some(blank) = edge {
            let message = format!("{part}: `{shown}` has a blank at an edge, {}", named(blank));
            let hint = "a blank counts like any letter: remove it; one that is meant stands behind \
                        a backslash";
            self.warning(text, message, hint);
        }
        if said.is_ascii() && !said.contains(|c: char| c.is_control()) {
            return;
        }
        let unseen = list(unseen(said).filter(|c| edge != Some(*c)).map(named));
        if !unseen.is_empty() {
            let message = format!("{part}: `{shown}` holds {unseen}, which nobody sees");
            self.warning(text, message, "type it anew without; `?` stands for one that is meant");
        }
        let alike = list(alike(said).into_iter());
        if !alike.is_empty() {
            let message = format!("{part}: `{shown}` holds {alike}");
            let hint = "type it anew; it matches only what is written with the same letter";
            self.warning(text, message, hint);
        }
    }

    pub(super) fn warning(&mut self, text: &Text, message: String, hint: &str) {
        self.problems.push(self.source.warning(text.span(), message, hint));
    }
}

/// A blank at the edge of a text, or of a part between commas or braces.
fn edge(text: &str) -> Option<char> {
    let is_plain = |blank: &char| blank.is_whitespace();
    let (first, last) = (text.chars().next().filter(is_plain), text.chars().next_back());
    let is_escaped = text.chars().rev().nth(1) == Some('\\');
    let last = last.filter(is_plain).filter(|_| !is_escaped);
    let mut depth = 0_usize;
    let mut before = '\0';
    let mut inner = None;
    for c in text.chars() {
        let was_blank = before.is_whitespace() && depth > 0;
        match c {
            _ if before == '\\' => {}
            ',' | '}' if was_blank => inner = inner.or(Some(before)),
            _ if is_plain(&c) && depth > 0 && matches!(before, '{' | ',') => {
                inner = inner.or(Some(c));
            }
            _ => {}
        }
        depth = match c {
            '{' => depth + 1,
            '}' => depth.saturating_sub(1),
            _ => depth,
        };
        before = if before == '\\' && c == '\\' { '\0' } else { c };
    }
    first.or(last).or(inner)
}

/// Characters that nobody sees, and blanks that look like the usual one. A joiner between pictures
/// does not count.
fn unseen(text: &str) -> impl Iterator<Item = char> {
    let mut before = 'a';
    text.chars().filter(move |&c| {
        let joins = matches!(c, '\u{200d}' | '\u{fe0f}');
        let is_odd_blank = c.is_whitespace() && c != ' ';
        let is_selector = ('\u{fe00}'..='\u{fe0f}').contains(&c);
        let is_in_picture = joins && !before.is_ascii() && !before.is_alphanumeric();
        before = c;
        (is_unseen(c) || is_odd_blank || is_selector) && !is_in_picture
    })
}

/// Characters that look like ASCII letters, in words.
fn alike(text: &str) -> Vec<String> {
    let mut said = Vec::new();
    for c in text.chars().filter(|c| !c.is_ascii()) {
        let plain: String = if DASHES.contains(c) { "-".into() } else { c.nfkc().collect() };
        if plain.is_ascii() && !is_unseen(c) && !c.is_whitespace() {
            said.push(format!("`{c}` ({}), which looks like `{plain}`", code(c)));
        }
    }
    for word in text.split(|c: char| !c.is_alphabetic()) {
        for (script, ranges) in ALPHABETS {
            let is_its = |c: &char| ranges.iter().any(|range| range.contains(c));
            let its: Vec<char> = word.chars().filter(is_its).collect();
            let is_mixed = word.chars().any(|c| c.is_ascii());
            let are_all_alike = its.iter().all(|c| twin(*c).is_some());
            let Some(first) =
                its.iter().copied().find(|c| twin(*c).is_some()).or(its.first().copied())
            else {
                continue;
            };
            if is_mixed || are_all_alike {
                let looks = twin(first).map(|twin| format!(", which looks like `{twin}`"));
                let mixed = || " among those of ASCII".to_owned();
                let how = looks.unwrap_or_else(mixed);
                said.push(format!("`{first}` ({}), a {script} letter{how}", code(first)));
            }
        }
    }
    said
}

/// The ASCII letter that another one looks like.
fn twin(c: char) -> Option<char> {
    let pairs: Vec<char> = ALIKE.chars().collect();
    pairs.chunks(2).find(|pair| pair[0] == c).map(|pair| pair[1])
}

fn code(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// A character by its number, and by its name if people know it.
fn named(c: char) -> String {
    let name = match c {
        ' ' => "space",
        '\t' => "tab",
        '\n' | '\r' => "line break",
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "direction of writing"
        }
        '\u{2060}' => "word joiner",
        '\u{3000}' => "ideographic space",
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => "Hangul filler",
        '\u{feff}' => "byte order mark",
        _ => return code(c),
    };
    format!("{} ({name})", code(c))
}

fn list(said: impl Iterator<Item = String>) -> String {
    let mut told: Vec<String> = Vec::new();
    for one in said {
        if !told.contains(&one) {
            told.push(one);
        }
    }
    let more = told.len().saturating_sub(MOST_TOLD);
    told.truncate(MOST_TOLD);
    let listed = told.join(", ");
    if more == 0 { listed } else { format!("{listed} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_at_an_edge_is_found_wherever_a_pattern_ends() {
        for (text, expected) in [
            ("dev-*", None),
            (" dev-*", Some(' ')),
            ("dev-*\t", Some('\t')),
            ("team a", None),
            ("{dev, qa}-*", Some(' ')),
            ("{dev ,qa}-*", Some(' ')),
            ("x{a,b }", Some(' ')),
            ("dev\\ ", None),
            ("{dev,\\ qa}", None),
            ("dev\u{3000}", Some('\u{3000}')),
        ] {
            assert_eq!(edge(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_nobody_sees_is_found_and_pictures_are_left_as_they_are() {
        for (text, expected) in [
            ("dev-*", ""),
            ("개발-배치", ""),
            ("\u{1f468}\u{200d}\u{1f4bb}-dev", ""),
            ("\u{2764}\u{fe0f}", ""),
            ("de\u{200d}v", "\u{200d}"),
            ("de\u{200b}v\u{feff}", "\u{200b}\u{feff}"),
            ("de\u{a0}v\u{ad}", "\u{a0}\u{ad}"),
            ("운영\u{3164}", "\u{3164}"),
            ("dev\u{202e}", "\u{202e}"),
        ] {
            assert_eq!(unseen(text).collect::<String>(), expected, "{text:?}");
        }
    }

    #[test]
    fn letters_that_look_like_others_are_named_and_whole_words_of_a_script_are_not() {
        for (text, expected) in [
            ("prod-*", vec![]),
            ("dev서버-運営-テスト", vec![]),
            ("прод-*", vec![]),
            ("δοκιμή", vec![]),
            ("caf\u{e9}", vec![]),
            ("pr\u{43e}d-*", vec!["`о` (U+043E), a Cyrillic letter, which looks like `o`"]),
            ("dev-\u{430}", vec!["`а` (U+0430), a Cyrillic letter, which looks like `a`"]),
            ("\u{3bf}ps", vec!["`ο` (U+03BF), a Greek letter, which looks like `o`"]),
            ("devж", vec!["`ж` (U+0436), a Cyrillic letter among those of ASCII"]),
            ("\u{ff44}ev", vec!["`\u{ff44}` (U+FF44), which looks like `d`"]),
            ("prod\u{2013}*", vec!["`–` (U+2013), which looks like `-`"]),
            ("prod-\u{ff0a}", vec!["`\u{ff0a}` (U+FF0A), which looks like `*`"]),
        ] {
            assert_eq!(alike(text), expected, "{text:?}");
        }
    }
}
