//! What is asked of a page, and what comes of it.

use hyper::StatusCode;
use maud::Markup;

use super::forms::Forms;
use super::words::Words;
use crate::audit::AuditError;

/// Which page is wanted, in which language, and the state of its forms.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) words: &'static Words,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) forms: Forms,
}

/// A page, and how it is answered.
pub(super) type Viewed = Result<Option<(StatusCode, Markup)>, AuditError>;
