//! Keeps the reader's choice of a language, and leads back to the page on which it was made.
//!
//! [`super::language`] reads the choice.

use hyper::{StatusCode, header};
use url::form_urlencoded;

use super::answer::PageAnswer;
use super::language::cookie;
use super::sign_in::local;
use crate::model::language::Language;

pub(super) fn answer(query: &str) -> PageAnswer {
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(query.as_bytes());
        fields.find(|(field, _)| field == name).map(|(_, value)| value).unwrap_or_default()
    };
    let answer = PageAnswer::text(StatusCode::SEE_OTHER, "")
        .with_text(header::LOCATION, local(&field("back")));
    match Language::of_tag(&field("to")) {
        Some(language) => answer.with_text(header::SET_COOKIE, &cookie(language)),
        None => answer,
    }
}
