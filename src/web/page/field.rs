//! Draws a field of a form with its label, its hint and its error.

use maud::{Markup, html};

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Field<'a> {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: Option<&'static str>,
    pub(super) value: &'a str,
    /// The error in the typed text.
    pub(super) wrong: Option<&'a str>,
    /// The id of a list to choose from.
    pub(super) list: Option<&'static str>,
    /// The most letters that may be typed.
    pub(super) longest: Option<usize>,
}

pub(super) fn input(field: &Field<'_>) -> Markup {
    let (hint, wrong) = (format!("{}-hint", field.name), format!("{}-wrong", field.name));
    let described: Vec<&str> = [(field.hint, &hint), (field.wrong, &wrong)]
        .iter()
        .filter_map(|(text, id)| text.map(|_| id.as_str()))
        .collect();
    html! {
        div.field {
            label for=(field.name) { (field.label) }
            input id=(field.name) name=(field.name) type="text" value=(field.value)
                autocomplete="off" autocapitalize="none" spellcheck="false" list=[field.list]
                maxlength=[field.longest]
                aria-invalid=[field.wrong.map(|_| "true")]
                aria-describedby=[(!described.is_empty()).then(|| described.join(" "))];
            @if let Some(text) = field.hint { p.hint id=(hint) { (text) } }
            @if let Some(text) = field.wrong { p.wrong id=(wrong) role="alert" { (text) } }
        }
    }
}
