//! Draws the form for the token.

use maud::html;

use super::frame::{Page, timeless};
use crate::web::words::Words;

/// `to` is the page that the reader wanted.
pub(in crate::web) fn sign_in(words: Words, to: &str, was_wrong: bool) -> Page {
    let described = if was_wrong { "token-hint token-wrong" } else { "token-hint" };
    let content = html! {
        form action="/sign-in" method="post" {
            input type="hidden" name="to" value=(to);
            div.field {
                label for="token" { (words.token()) }
                input #token name="token" type="password" required
                    autocomplete="current-password" aria-describedby=(described)
                    aria-invalid=[was_wrong.then_some("true")];
                p #token-hint.hint { (words.sign_in_hint()) }
                @if was_wrong { p #token-wrong.wrong role="alert" { (words.wrong_token()) } }
            }
            div.buttons { button type="submit" { (words.sign_in()) } }
        }
    };
    timeless(words, words.sign_in(), content)
}
