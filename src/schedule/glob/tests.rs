//! Tests of globs, right and wrong.

use proptest::prelude::*;

use super::*;

#[test]
fn a_glob_matches_the_whole_text_by_characters() {
    for (glob, text, expected) in [
        ("dev-*", "dev-api-1", true),
        ("dev-*", "my-dev-1", false),
        ("*prod*", "prod", true),
        ("*prod*", "x-PROD-1", false),
        ("개발-?", "개발-서", true),
        ("개발-?", "개발-서버", false),
        ("[가-힣]x", "서x", true),
        ("[!a-c]x", "dx", true),
        ("[!a-c]x", "bx", false),
        ("[]]", "]", true),
        ("[a-]", "-", true),
        ("caf?", "cafe\u{301}", true),
        ("caf[\u{e8}-e\u{301}]", "caf\u{e9}", true),
        ("개발-?", "\u{1100}\u{1162}\u{1107}\u{1161}\u{11af}-\u{1109}\u{1165}", true),
        ("\u{1100}\u{1162}\u{1107}\u{1161}\u{11af}-*", "개발-서버", true),
        ("{dev,qa}-{1,2}", "qa-2", true),
        ("{dev,qa{1,2}}", "qa2", true),
        ("{dev,qa{1,2}}", "qa", false),
        ("{a,b}{c,d}e", "bde", true),
        ("{a,b}{c,d}e", "bbe", false),
        ("{*a,b*}c", "xxac", true),
        ("{*a,b*}c", "bxxc", true),
        ("{*a,b*}c", "xxc", false),
        ("{a,*}*", "ab", true),
        ("{{{a}}}", "a", true),
        ("{}a", "a", true),
        ("{dev,qa}", "de", false),
        ("a{,b}", "a", true),
        (r"a\*", "a*", true),
        (r"a\*", "ab", false),
        ("a,b", "a,b", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-b-b", false),
        ("*", "", true),
        ("?", "", false),
        ("", "", true),
        ("", "a", false),
    ] {
        let matched = Glob::new(glob).unwrap().matches(text);
        assert_eq!(matched, expected, "{glob} on {text}");
    }
}

#[test]
fn a_broken_glob_says_what_is_open() {
    for (glob, expected) in [
        ("a[b", GlobError::UnclosedClass),
        ("[]", GlobError::EmptyClass),
        ("[z-a]", GlobError::BackwardRange('z', 'a')),
        ("{a,b", GlobError::UnclosedBrace),
        ("a}", GlobError::UnopenedBrace),
        ("a\\", GlobError::TrailingBackslash),
        (&"{a,b}".repeat(10), GlobError::TooManyAlternatives),
        (&"{a,b}".repeat(2_000), GlobError::TooManyAlternatives),
        (&("{".repeat(21) + &"}".repeat(21)), GlobError::TooDeep),
        (&"{".repeat(9_999), GlobError::TooDeep),
        (&"가".repeat(10_001), GlobError::TooLong),
    ] {
        assert_eq!(Glob::new(glob), Err(expected), "{glob}");
    }
}

#[test]
fn literals_are_known_where_there_is_no_wildcard() {
    let literals = |glob: &str| Glob::new(glob).unwrap().literals();
    assert_eq!(literals("dev"), Some(vec!["dev".to_owned()]));
    assert_eq!(literals("{a,b}c"), Some(vec!["ac".to_owned(), "bc".to_owned()]));
    assert_eq!(literals("{a,{b,}c}{d,e}").unwrap().join(" "), "ad ae bcd bce cd ce");
    assert_eq!(literals("dev*"), None);
    assert_eq!(literals(&("{a,b}".repeat(9) + &"x".repeat(9_000))), None);
    assert_eq!(literals(""), Some(vec![String::new()]));
    for (glob, expected) in
        [("**", true), ("{a,*}", true), ("{*,}{,*}", true), ("{a,b}", false), ("", false)]
    {
        assert_eq!(Glob::new(glob).unwrap().matches_everything(), expected, "{glob}");
    }
}

proptest! {
    #[test]
    fn an_escaped_text_matches_itself_and_nothing_else(
        text in ".{0,12}", other in ".{0,12}"
    ) {
        let escaped: String = text.chars().flat_map(|c| ['\\', c]).collect();
        let glob = Glob::new(&escaped).unwrap();
        prop_assert!(glob.matches(&text));
        prop_assert_eq!(glob.matches(&other), text == other);
    }

    #[test]
    fn reading_rubbish_never_panics(text in ".{0,40}", subject in ".{0,40}") {
        if let Ok(glob) = Glob::new(&text) {
            let _ = glob.matches(&subject);
        }
    }
}
