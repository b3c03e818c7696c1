//! The request for a page, and the type of its result. [`super::view`] makes the page.

use hyper::StatusCode;
use maud::Markup;

use super::forms::Forms;
use super::words::Words;
use crate::audit::AuditError;

/// The wanted page, its language, and the state of its forms.
#[derive(Debug)]
pub(super) struct PageRequest<'a> {
    pub(super) words: Words,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) forms: Forms,
}

pub(super) type Viewed = Result<Option<(StatusCode, Markup)>, AuditError>;
