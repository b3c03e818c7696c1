//! Texts from elsewhere as they may be shown to a person: short, and without tricks.

/// `text` without characters that a terminal or a reader would obey instead of showing: controls
/// (escapes and line breaks among them) and those that turn the direction of writing. Cut where
/// it is longer than `most` characters.
pub(super) fn harmless(text: &str, most: usize) -> String {
    let shown = |c: char| if is_obeyed(c) { '\u{fffd}' } else { c };
    let mut short: String = text.chars().take(most).map(shown).collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    short
}

fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `1 firing`, `2 firings`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_a_terminal_obeys() {
        for (text, shown) in [
            ("web-1", "web-1"),
            ("서버 1", "서버 1"),
            ("a\u{1b}[31mb\nc", "a\u{fffd}[31mb\u{fffd}c"),
            ("a\u{9b}2Jb\u{7f}", "a\u{fffd}2Jb\u{fffd}"),
            ("exe.\u{202e}txt", "exe.\u{fffd}txt"),
            ("서버서버서버서버서", "서버서버서버서버서"),
            ("0123456789", "012345678…"),
        ] {
            assert_eq!(harmless(text, 9), shown, "{text:?}");
        }
    }
}
