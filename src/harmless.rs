//! Texts from elsewhere as they may be shown to a person: nothing in them is obeyed or unseen.

use std::ops::RangeInclusive;

/// Characters that are not seen and change what is: line breaks, the directions of writing,
/// marks without width, tags.
const DECEPTIVE: [RangeInclusive<char>; 6] = [
    '\u{61c}'..='\u{61c}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
    '\u{e0000}'..='\u{e007f}',
];

/// A text from the cloud as it may be shown: what moves the cursor, breaks the line or turns
/// the writing round is made visible.
#[must_use]
pub fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || DECEPTIVE.iter().any(|range| range.contains(&c)) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
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
        ] {
            assert_eq!(harmless(text), shown);
        }
    }
}
