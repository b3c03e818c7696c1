//! The choice of a language.

use super::*;
use crate::model::language::assert_both_say_the_same;

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
        assert_eq!(Words::of(&headers), Words(language), "{wanted}");
    }
}

#[test]
fn both_languages_say_everything_and_none_says_it_in_the_other() {
    assert_both_say_the_same(Words::SOURCES);
}
