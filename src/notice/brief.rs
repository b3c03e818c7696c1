//! Makes texts from elsewhere safe and short enough for a notice.

use crate::text::sanitize::harmless;

/// `text` without harmful characters, cut to `most` characters.
pub(super) fn brief(text: &str, most: usize) -> String {
    // No character becomes shorter, so a cut before the cleaning loses nothing more.
    let shown = harmless(&text.chars().take(most + 1).collect::<String>());
    let mut brief: String = shown.chars().take(most).collect();
    if shown.chars().nth(most).is_some() {
        brief.push('…');
    }
    brief
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_cut_and_nothing_is_left_that_a_terminal_obeys() {
        for (text, shown) in [
            ("web-1", "web-1"),
            ("서버 1", "서버 1"),
            ("a\u{1b}b", "a\\u{1b}b"),
            ("a\u{200b}b", "a\\u{200b}…"),
            ("서버서버서버서버서", "서버서버서버서버서"),
            ("0123456789", "012345678…"),
        ] {
            assert_eq!(brief(text, 9), shown, "{text:?}");
        }
    }
}
