//! Globs over names and tag values: `*`, `?`, `[…]`, `{a,b}`, backslash to escape.
//!
//! Works on characters, not bytes (`?` is one Korean syllable), has no idea of paths, and the
//! whole text must match. Alternatives are expanded when the glob is read, so that matching
//! never backtracks over more than one `*` at a time. Globs and texts are compared in normal
//! form C: decomposed Hangul is one character a syllable as well.

use std::fmt;

use crate::normal::nfc;

/// How many plain patterns the braces of one glob may expand to.
const MOST_ALTERNATIVES: usize = 1_000;

/// A glob that was read without error.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Glob {
    text: Box<str>,
    alternatives: Box<[Box<[Token]>]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Token {
    Char(char),
    AnyChar,
    AnyRun,
    // In a box: it is rare, and would double the size of every other token.
    Class(Box<Class>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Class {
    negated: bool,
    ranges: Vec<(char, char)>,
}

/// Why a text is not a glob.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// `[` without its `]`.
    #[error("`[` is not closed")]
    UnclosedClass,
    /// `[]`.
    #[error("`[]` holds no character")]
    EmptyClass,
    /// `[z-a]`.
    #[error("the range `{0}-{1}` runs backwards")]
    BackwardRange(char, char),
    /// `{` without its `}`.
    #[error("`{{` is not closed")]
    UnclosedBrace,
    /// `}` without its `{`.
    #[error("`}}` closes nothing")]
    UnopenedBrace,
    /// A backslash at the end.
    #[error("the backslash at the end escapes nothing")]
    TrailingBackslash,
    /// Braces that expand to more patterns than a thousand.
    #[error("the braces stand for more than {MOST_ALTERNATIVES} patterns")]
    TooManyAlternatives,
}

impl Glob {
    /// Reads a glob. An empty one matches the empty text only.
    ///
    /// # Errors
    /// When a bracket, brace or backslash is left open, or the braces explode.
    pub fn new(text: &str) -> Result<Self, GlobError> {
        let text = &*nfc(text);
        let mut reader = Reader { left: text.chars().collect(), at: 0 };
        let alternatives = reader.sequence(false)?;
        if reader.at < reader.left.len() {
            return Err(GlobError::UnopenedBrace);
        }
        let alternatives = alternatives.into_iter().map(Vec::into_boxed_slice).collect();
        Ok(Self { text: text.into(), alternatives })
    }

    /// The glob as it was written, in normal form C.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the whole of `text` matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = nfc(text);
        self.alternatives.iter().any(|pattern| matches(pattern, &text))
    }

    /// Whether this is `*`, which every text matches.
    #[must_use]
    pub fn matches_everything(&self) -> bool {
        self.alternatives.iter().any(|pattern| {
            !pattern.is_empty() && pattern.iter().all(|token| *token == Token::AnyRun)
        })
    }

    /// The texts this glob stands for when it holds no wildcard: one for a plain text, each of
    /// `{a,b}`; `None` when it holds one.
    #[must_use]
    pub fn literals(&self) -> Option<Vec<String>> {
        let literal = |pattern: &[Token]| {
            pattern
                .iter()
                .map(|token| match token {
                    Token::Char(c) => Some(*c),
                    _ => None,
                })
                .collect()
        };
        self.alternatives.iter().map(|pattern| literal(pattern)).collect()
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

struct Reader {
    left: Vec<char>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> Option<char> {
        let c = self.left.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    /// Reads up to the end, or up to `,` or `}` inside braces (which stays unread).
    fn sequence(&mut self, in_braces: bool) -> Result<Vec<Vec<Token>>, GlobError> {
        let mut patterns = vec![Vec::new()];
        while let Some(&c) = self.left.get(self.at) {
            if c == '}' || (in_braces && c == ',') {
                break;
            }
            self.at += 1;
            if c == '{' {
                patterns = append_each(&patterns, &self.braces()?)?;
                continue;
            }
            let token = match c {
                '*' => Token::AnyRun,
                '?' => Token::AnyChar,
                '[' => self.class()?,
                '\\' => Token::Char(self.next().ok_or(GlobError::TrailingBackslash)?),
                c => Token::Char(c),
            };
            for pattern in &mut patterns {
                if token != Token::AnyRun || pattern.last() != Some(&Token::AnyRun) {
                    pattern.push(token.clone());
                }
            }
        }
        Ok(patterns)
    }

    fn braces(&mut self) -> Result<Vec<Vec<Token>>, GlobError> {
        let mut patterns = Vec::new();
        loop {
            patterns.extend(self.sequence(true)?);
            match self.next() {
                Some(',') => {}
                Some('}') => return Ok(patterns),
                _ => return Err(GlobError::UnclosedBrace),
            }
        }
    }

    fn class(&mut self) -> Result<Token, GlobError> {
        let negated = matches!(self.left.get(self.at), Some('!' | '^'));
        self.at += usize::from(negated);
        let mut ranges = Vec::new();
        loop {
            let first = match self.next().ok_or(GlobError::UnclosedClass)? {
                // As in every shell, a bracket right at the start is a character of the class.
                ']' if !ranges.is_empty() => {
                    return Ok(Token::Class(Box::new(Class { negated, ranges })));
                }
                ']' if !self.left[self.at..].contains(&']') => return Err(GlobError::EmptyClass),
                '\\' => self.next().ok_or(GlobError::UnclosedClass)?,
                c => c,
            };
            let is_range = self.left.get(self.at) == Some(&'-')
                && self.left.get(self.at + 1).is_some_and(|&c| c != ']');
            if !is_range {
                ranges.push((first, first));
                continue;
            }
            self.at += 1;
            let last = match self.next().ok_or(GlobError::UnclosedClass)? {
                '\\' => self.next().ok_or(GlobError::UnclosedClass)?,
                c => c,
            };
            if last < first {
                return Err(GlobError::BackwardRange(first, last));
            }
            ranges.push((first, last));
        }
    }
}

fn append_each(heads: &[Vec<Token>], tails: &[Vec<Token>]) -> Result<Vec<Vec<Token>>, GlobError> {
    if heads.len() * tails.len() > MOST_ALTERNATIVES {
        return Err(GlobError::TooManyAlternatives);
    }
    let joined = |head: &Vec<Token>, tail: &Vec<Token>| head.iter().chain(tail).cloned().collect();
    Ok(heads.iter().flat_map(|head| tails.iter().map(move |tail| joined(head, tail))).collect())
}

fn matches(pattern: &[Token], text: &str) -> bool {
    let (mut token, mut rest) = (0, text);
    // Where to go on when the present attempt fails: behind the last `*`, one character later.
    let mut retry: Option<(usize, &str)> = None;
    loop {
        if pattern.get(token) == Some(&Token::AnyRun) {
            token += 1;
            retry = Some((token, rest));
            continue;
        }
        let mut after = rest.chars();
        match (pattern.get(token), after.next()) {
            (None, None) => return true,
            (Some(expected), Some(c)) if takes(expected, c) => {
                token += 1;
                rest = after.as_str();
            }
            _ => {
                let Some((behind_star, from)) = retry else { return false };
                let mut from = from.chars();
                if from.next().is_none() {
                    return false;
                }
                (token, rest) = (behind_star, from.as_str());
                retry = Some((behind_star, rest));
            }
        }
    }
}

fn takes(token: &Token, c: char) -> bool {
    match token {
        Token::Char(expected) => *expected == c,
        Token::AnyChar => true,
        Token::AnyRun => unreachable!("a run is taken before its characters are"),
        Token::Class(class) => {
            class.ranges.iter().any(|&(first, last)| (first..=last).contains(&c)) != class.negated
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
        ] {
            assert_eq!(Glob::new(glob), Err(expected), "{glob}");
        }
    }

    #[test]
    fn literals_are_known_where_there_is_no_wildcard() {
        let literals = |glob: &str| Glob::new(glob).unwrap().literals();
        assert_eq!(literals("dev"), Some(vec!["dev".to_owned()]));
        assert_eq!(literals("{a,b}c"), Some(vec!["ac".to_owned(), "bc".to_owned()]));
        assert_eq!(literals("dev*"), None);
        assert_eq!(literals(""), Some(vec![String::new()]));
        assert!(Glob::new("**").unwrap().matches_everything());
        assert!(!Glob::new("{a,b}").unwrap().matches_everything());
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
}
