//! Owns the languages of people, and the form in which words stand: both languages side by side.
//!
//! A word that lacks a language does not compile. The rooms own their words.

/// A language of readers.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "ko")]
    Korean,
}

impl Language {
    /// The tag of the language, as in `lang` of HTML.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }

    /// The language's own name for itself.
    pub fn name(self) -> &'static str {
        self.either(["English", "한국어"])
    }

    /// The language of a tag such as `ko` or `ko-KR`; `None` for one that we do not have.
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "ko" => Some(Self::Korean),
            _ => None,
        }
    }

    pub fn either<T>(self, [english, korean]: [T; 2]) -> T {
        match self {
            Self::English => english,
            Self::Korean => korean,
        }
    }
}

/// Defines the words of a room: a type with a method for each word. English stands first, then
/// Korean. Words with parameters are formats or blocks.
///
/// ```ignore
/// words! { pub(crate) struct Words:
///     tonight: "Tonight", "오늘 밤";
///     firing(number: i64): "Firing {number}", "실행 {number}";
/// }
/// ```
macro_rules! words {
    ($seen:vis struct $name:ident: $(
        $(#[$doc:meta])* $word:ident $(($($given:ident: $of:ty),*))?: $en:tt, $ko:tt;
    )*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $seen struct $name(pub(crate) $crate::model::language::Language);

        impl $name {
            /// The source of each word: English, Korean.
            #[cfg(test)]
            pub(crate) const SOURCES: &[[&str; 2]] = &[$([stringify!($en), stringify!($ko)]),*];

            $($crate::model::language::words! {
                @word $(#[$doc])* $seen $word $(($($given: $of),*))?: $en, $ko
            })*
        }
    };
    (@word $(#[$doc:meta])* $seen:vis $word:ident: $en:literal, $ko:literal) => {
        $(#[$doc])*
        $seen fn $word(self) -> &'static str {
            self.0.either([$en, $ko])
        }
    };
    (@word $(#[$doc:meta])* $seen:vis $word:ident($($given:ident: $of:ty),*):
        $en:tt, $ko:tt) => {
        $(#[$doc])*
        $seen fn $word(self, $($given: $of),*) -> String {
            match self.0 {
                $crate::model::language::Language::English =>
                    $crate::model::language::words!(@text $en),
                $crate::model::language::Language::Korean =>
                    $crate::model::language::words!(@text $ko),
            }
        }
    };
    (@text $text:literal) => { format!($text) };
    (@text $text:block) => { $text };
}
pub(crate) use words;

/// Parameters whose text ends with a noun of ours, so that a particle suits it.
#[cfg(test)]
const NOUNS: [&str; 3] = ["account", "daemon", "what"];

/// The first parameter before a Korean particle that does not suit every name and number, such as
/// the `이` of `{rule}이`. A noun between them does: `{rule} 규칙이`.
#[cfg(test)]
pub(crate) fn unsuited(korean: &str) -> Option<&str> {
    korean.match_indices('}').map(|(end, _)| korean.split_at(end)).find_map(|(before, after)| {
        let name = before.rsplit('{').next()?;
        let mut rest = after.trim_start_matches(['}', '`']).chars();
        let is_particle = match (rest.next()?, rest.next()) {
            ('을' | '를' | '은' | '는' | '과' | '와', _)
            | ('으', Some('로'))
            | ('(', Some('가' | '는' | '를' | '와' | '으')) => true,
            ('이' | '가' | '로', next) => next.is_none_or(|next| !next.is_alphabetic()),
            _ => false,
        };
        (is_particle && !NOUNS.contains(&name)).then_some(before)
    })
}

/// Fails for a word that stands in the wrong language, whose languages have other parameters, or
/// whose particle suits only some names.
#[cfg(test)]
pub(crate) fn assert_both_say_the_same(sources: &[[&str; 2]]) {
    let is_korean = |c: char| ('\u{ac00}'..='\u{d7a3}').contains(&c);
    let given = |text: &str| {
        let given = text.split('{').skip(1).filter_map(|rest| rest.split(['}', ':']).next());
        let given = given.filter(|name| !name.contains(char::is_whitespace));
        given.map(ToOwned::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    for [english, korean] in sources {
        assert!(!english.contains(is_korean), "{english}");
        assert!(korean.contains(is_korean), "{korean}");
        assert_eq!(unsuited(korean), None, "{korean}");
        if english.starts_with('"') && korean.starts_with('"') {
            assert_eq!(given(english), given(korean), "{english}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_particle_behind_a_name_is_found_and_one_behind_a_noun_is_not() {
        for (korean, is_found) in [
            ("{rule}이 실행됨", true),
            ("`{1}`을 읽을 수 없음", true),
            ("{1}을(를) 읽을 수 없음", true),
            ("{status}로, 켜진 것도", true),
            ("{time}으로 바뀜", true),
            ("{rule} 규칙이 실행됨", false),
            ("{account}을 읽을 수 없음", false),
            ("{days}일, {count}가지", false),
        ] {
            assert_eq!(unsuited(korean).is_some(), is_found, "{korean}");
        }
    }
}
