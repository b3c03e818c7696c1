//! Makes texts from elsewhere safe to show to a person: no character of them is obeyed or stays
//! unseen.

use std::ops::RangeInclusive;

/// Characters that nobody sees and that change the text around them: line breaks, directions of
/// writing, marks and fillers without width, tags.
const UNSEEN: [RangeInclusive<char>; 16] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff9}'..='\u{fffb}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// A text from the cloud, safe to show. Characters that move the cursor, break the line, turn the
/// direction of writing or stay unseen are shown as escapes.
pub fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unseen(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whether a terminal obeys this character, or a reader cannot see it. A blank counts as seen.
pub fn is_unseen(c: char) -> bool {
    c.is_control() || (!c.is_ascii() && UNSEEN.iter().any(|range| range.contains(&c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_and_names_are_as_they_are() {
        for (text, shown) in [
            ("개발-배치 \u{1f600} é", "개발-배치 \u{1f600} é"),
            ("\u{1b}[2Jdev", "\\u{1b}[2Jdev"),
            ("\u{9b}2Jdev", "\\u{9b}2Jdev"),
            ("a\r\nb\u{7}\0", "a\\r\\nb\\u{7}\\u{0}"),
            ("dev-\u{202e}dorp", "dev-\\u{202e}dorp"),
            ("a\u{200b}b\u{2028}c", "a\\u{200b}b\\u{2028}c"),
            ("\u{e0041}", "\\u{e0041}"),
            ("de\u{ad}v\u{3164}", "de\\u{ad}v\\u{3164}"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }
}
