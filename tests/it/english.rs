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

/// All that a page says to people: its texts, also those of pictures, and the attributes that are
/// shown or read out. Code of a file stands in `pre` and is left out.
pub fn said(html: &str) -> String {
    let mut said = String::new();
    let mut silent = None;
    for part in html.split('<') {
        let (tag, text) = part.split_once('>').unwrap_or(("", part));
        let name = tag.split_whitespace().next().unwrap_or_default();
        match silent {
            Some(end) if name == end => silent = None,
            Some(_) => continue,
            None if name == "style" => silent = Some("/style"),
            None if name == "pre" => silent = Some("/pre"),
            None => {}
        }
        if silent.is_some() {
            continue;
        }
        for attribute in ["title", "aria-label", "data-head", "placeholder", "alt"] {
            let value = tag.split_once(&format!(" {attribute}=\"")).map(|(_, rest)| rest);
            let value = value.and_then(|rest| rest.split('"').next());
            said.extend(value.map(|value| format!("{value} | ")));
        }
        said.push_str(text);
        said.push(' ');
    }
    let marks = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    marks.iter().fold(said, |said, (mark, text)| said.replace(mark, text))
}

#[test]
fn words_are_found_and_names_are_not() {
    let text = "night: 서버 3대 중 1대 정지: 거부됨 1대(web-3: HTTP 400, `tags`, KR); \
        timed out; https://a.example/b";
    assert_eq!(english(text, &["night"]), ["timed", "out"]);
}
