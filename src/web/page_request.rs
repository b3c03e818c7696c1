//! The request for a page, and the type of its result. [`super::view`] makes the page.

use super::forms::Forms;
use super::page::Page;
use super::words::Words;
use crate::audit::AuditError;
use hyper::StatusCode;

/// The wanted page, its language, and the state of its forms.
#[derive(Debug)]
pub(super) struct PageRequest<'a> {
    pub(super) words: Words,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) forms: Forms,
}

impl PageRequest<'_> {
    /// The address of the page, with its query.
    pub(super) fn address(&self) -> String {
        match self.query {
            "" => self.path.to_owned(),
            query => format!("{}?{query}", self.path),
        }
    }
}

pub(super) type Viewed = Result<Option<(StatusCode, Page)>, AuditError>;
