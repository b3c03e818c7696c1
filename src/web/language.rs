//! The reader's choice of a language: the switch in the foot of each page, and its cookie.
//!
//! [`super::words`] has the words, and reads what browsers prefer. [`super::set_language`] answers
//! the switch.

use hyper::HeaderMap;
use url::form_urlencoded;

use super::cookie;
use crate::model::language::Language;

/// The path of the switch. It is a GET, since a link can be followed without a script, and
/// changes nothing but the reader's own cookie.
pub(super) const PATH: &str = "/lang";

const COOKIE: &str = "lang";

/// The language that the reader chose.
pub(super) fn chosen(headers: &HeaderMap) -> Option<Language> {
    cookie::values(headers, COOKIE).find_map(Language::of_tag)
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
