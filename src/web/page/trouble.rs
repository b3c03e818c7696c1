//! Draws the pages for things that are missing, or missing now.

use maud::{Markup, html};

use super::frame::timeless;
use super::parts::Text;
use crate::audit::AuditError;
use crate::text::error_chain::chain;
use crate::web::words::Words;

pub(in crate::web) fn not_found(words: Words) -> Markup {
    timeless(words, words.not_found(), &html! { p { (words.not_found_hint()) } })
}

/// The log cannot be read. When it has an older version, the page says what helps.
pub(in crate::web) fn unreadable(words: Words, error: &AuditError) -> Markup {
    let why = chain(error);
    let content = html! {
        p.doubt { (words.log_unreadable()) " " code { (Text(&why)) } }
        @if matches!(error, AuditError::Older(_)) { p { (words.log_older()) } }
    };
    timeless(words, words.tonight(), &content)
}

pub(in crate::web) fn busy(words: Words) -> Markup {
    timeless(words, words.tonight(), &html! { p.doubt { (words.busy()) } })
}
