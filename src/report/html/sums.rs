//! Draws the sums. [`crate::report::summary`] makes them.

use maud::{Markup, html};

use crate::model::language::Language;
use crate::report::{Figure, Report};

pub(super) fn sums(report: &Report, language: Language) -> Markup {
    html! {
        dl.sums {
            @for Figure { name, figure, more } in report.figures(language) {
                div {
                    dt { (name) }
                    dd.figure { (figure) }
                    @if !more.is_empty() { dd.small { (more.join(", ")) } }
                }
            }
        }
    }
}
