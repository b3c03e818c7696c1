//! The reader's language: chosen by the switch in the foot of each page, or preferred by the
//! browser.
//!
//! [`super::words`] has the words. [`super::set_language`] answers the switch.

use hyper::HeaderMap;
use hyper::header::ACCEPT_LANGUAGE;
use url::form_urlencoded;

use super::cookie;
use crate::model::language::Language;

/// The path of the switch. It is a GET, since a link can be followed without a script, and
/// changes nothing but the reader's own cookie.
pub(super) const PATH: &str = "/lang";

const COOKIE: &str = "lang";

/// The language that the reader chose, else the one that the browser prefers; English when we have
/// none of those.
pub(super) fn of(headers: &HeaderMap) -> Language {
    let chosen = cookie::values(headers, COOKIE).find_map(Language::of_tag);
    chosen.unwrap_or_else(|| preferred(headers))
}

fn preferred(headers: &HeaderMap) -> Language {
    let liked = headers.get_all(ACCEPT_LANGUAGE).into_iter();
    let liked = liked.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
    let mut best = (Language::English, 0);
    for (language, weight) in liked.filter_map(liking) {
        if weight > best.1 {
            best = (language, weight);
        }
    }
    best.0
}

/// `ko-KR;q=0.8` as a language and thousandths; `None` for a language that we do not have.
fn liking(text: &str) -> Option<(Language, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next()?;
    let language = if tag == "*" { Language::English } else { Language::of_tag(tag)? };
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

/// The address that switches to a language and leads back to a page.
pub(super) fn address(language: Language, page: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("to", language.tag()).append_pair("back", page);
    format!("{PATH}?{}", query.finish())
}

/// The value of `Set-Cookie` that keeps a choice.
pub(super) fn cookie(language: Language) -> String {
    cookie::kept(COOKIE, language.tag())
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(of(&headers), language, "{wanted}");
        }
    }
}
