//! Draws the sums. [`crate::report::summary`] makes them.

use maud::{Markup, html};

use crate::report::{Figure, Report};

pub(super) fn sums(report: &Report) -> Markup {
    html! {
        dl.sums {
            @for Figure { name, figure, more } in report.figures() {
                div {
                    dt { (name) }
                    dd.figure { (figure) }
                    @if !more.is_empty() { dd.small { (more.join(", ")) } }
                }
            }
        }
    }
}
