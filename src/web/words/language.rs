//! Chooses a language from a request's headers.

use hyper::HeaderMap;
use hyper::header::ACCEPT_LANGUAGE;

use super::table::Words;
use super::{english, korean};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Korean,
}

impl Language {
    /// The reader's favourite among our languages; English when there is none.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let liked = headers.get_all(ACCEPT_LANGUAGE).into_iter();
        let liked = liked.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
        let mut best = (Self::English, 0);
        for (language, weight) in liked.filter_map(liking) {
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::English => &english::WORDS,
            Self::Korean => &korean::WORDS,
        }
    }
}

/// `ko-KR;q=0.8` as a language and thousandths; `None` for a language that we do not have.
pub(crate) fn liking(text: &str) -> Option<(Language, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next()?;
    let language = match tag.split('-').next()?.to_ascii_lowercase().as_str() {
        "ko" => Language::Korean,
        "en" | "*" => Language::English,
        _ => return None,
    };
    let weight = parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1");
    let weight: f32 = weight.parse().ok().filter(|weight| (0.0..=1.0).contains(weight))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 1000, by the line above"
    )]
    let thousandths = (weight * 1000.0) as u16;
    Some((language, thousandths))
}
