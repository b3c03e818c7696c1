//! Draws a box for each doubt: what is wrong, and what to do next.

use maud::{Markup, html};

use super::frame::Look;
use super::parts::Text;
use crate::model::reason::Reason;
use crate::verdict::{Doubt, DoubtWords, Mark};

pub(super) fn doubts(look: Look, doubts: &[Doubt]) -> Markup {
    let words = DoubtWords(look.words.0);
    html! {
        @for doubt in doubts {
            @let step = words.next_step(doubt);
            div.doubt {
                p {
                    span.mark aria-hidden="true" { (Mark::Trouble.sign()) } " "
                    strong { (words.sentence(doubt, look.zone, look.now)) }
                }
                p { (step.words) ": " code { (Text(&step.command)) } }
                @if let Some(detail) = &doubt.detail {
                    details {
                        summary { (words.what_it_said()) }
                        code { (Text(&Reason::told(detail, look.words.0))) }
                    }
                }
            }
        }
    }
}
