//! All words of the page in each of its languages.

mod english;
mod korean;
mod language;
mod table;

pub(super) use language::Language;
pub(super) use table::Words;

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::HeaderMap;
    use hyper::header::ACCEPT_LANGUAGE;

    #[test]
    fn readers_get_the_language_they_like_best() {
        for (wanted, language) in [
            ("", Language::English),
            ("ko", Language::Korean),
            ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", Language::Korean),
            ("en-US,en;q=0.9,ko;q=0.8", Language::English),
            ("de, fr;q=0.9, KO;q=0.1", Language::Korean),
            ("ko;q=0", Language::English),
            ("ko;q=2", Language::English),
            ("ko;q=nan, en;q=0.1", Language::English),
            ("*, ko;q=0.5", Language::English),
            ("korean", Language::English),
            (";;;,,q=", Language::English),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, wanted.parse().unwrap())]);
            assert_eq!(Language::of(&headers), language, "{wanted}");
        }
    }

    #[test]
    fn both_languages_say_everything_and_none_says_it_in_the_other() {
        let said = |language: Language| format!("{:?}", language.words());
        let (english, korean) = (said(Language::English), said(Language::Korean));
        let is_korean = |c: char| ('\u{ac00}'..='\u{d7a3}').contains(&c);
        assert!(!english.contains(is_korean), "{english}");
        // Words that are the same in every language.
        let results = Language::Korean.words().results.map(|(name, _)| name);
        let names = [["ko", "schedule", "late", "manual"].as_slice(), &results].concat();
        for word in korean.split('"').skip(1).step_by(2) {
            let is_said = word.contains(is_korean) || names.contains(&word);
            assert!(is_said, "{word}");
        }
        for text in [english, korean] {
            assert!(!text.contains("\"\""), "{text}");
        }
    }
}
