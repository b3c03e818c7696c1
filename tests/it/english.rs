//! Finds English words in a Korean text.

/// The words of a text that are English and not among the allowed ones: letters alone, two at
/// least, and not capitals alone. Names such as `web-3`, codes and addresses are none.
pub fn english(text: &str, allowed: &[&str]) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_./:@`".contains(c);
    let words = text.split(|c: char| !is_part(c)).map(|word| word.trim_matches(['.', ':', '/']));
    let is_english = |word: &&str| {
        word.len() > 1
            && word.chars().all(|c| c.is_ascii_alphabetic())
            && word.chars().any(|c| c.is_ascii_lowercase())
            && !allowed.contains(word)
    };
    words.filter(is_english).map(ToOwned::to_owned).collect()
}

#[test]
fn words_are_found_and_names_are_not() {
    let text = "night: 서버 3대 중 1대 정지: 거부됨 1대(web-3: HTTP 400, `tags`, KR); \
        timed out; https://a.example/b";
    assert_eq!(english(text, &["night"]), ["timed", "out"]);
}
