//! Draws the pages for things that are missing, or missing now. What is missing now is asked for
//! again by itself, so that a page on a wall comes back.

use maud::html;

use super::frame::{Page, timeless};
use super::parts::Text;
use crate::audit::AuditError;
use crate::model::reason::Reason;
use crate::text::error_chain::chain;
use crate::web::words::Words;

pub(in crate::web) fn not_found(words: Words) -> Page {
    timeless(words, words.not_found(), html! { p { (words.not_found_hint()) } })
}

/// The log cannot be read. When it has an older version, the page says what helps.
pub(in crate::web) fn unreadable(words: Words, error: &AuditError) -> Page {
    let why = Reason::told(&chain(error), words.0);
    let content = html! {
        p.doubt { (words.log_unreadable()) " " code { (Text(&why)) } }
        @if matches!(error, AuditError::Older(_)) { p { (words.log_older()) } }
    };
    timeless(words, words.tonight(), content).refreshed(false)
}

pub(in crate::web) fn busy(words: Words) -> Page {
    timeless(words, words.tonight(), html! { p.doubt { (words.busy()) } }).refreshed(true)
}
