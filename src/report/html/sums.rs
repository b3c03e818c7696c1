//! The sums, at a glance.

use maud::{Markup, html};

use crate::report::{Figure, Report};

/// The sums of the whole time.
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
