//! What is asked of a page, and what comes of it.

use hyper::StatusCode;
use maud::Markup;

use super::forms::Desk;
use super::words::Words;
use crate::audit::AuditError;

/// Which page is wanted, in which language, and the state of its forms.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) words: &'static Words,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) desk: Desk,
}

/// A page, and how it is answered.
pub(super) type Viewed = Result<Option<(StatusCode, Markup)>, AuditError>;
