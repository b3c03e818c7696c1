//! The request for a page, and the type of its result. [`super::view`] makes the page.

use chrono::{DateTime, Utc};
use hyper::StatusCode;

use super::forms::Forms;
use super::page::{Look, Page};
use super::words::Words;
use crate::audit::AuditError;
use crate::time::zone::Zone;

/// The wanted page, its language, and the state of its forms.
#[derive(Debug)]
pub(super) struct PageRequest<'a> {
    pub(super) words: Words,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) forms: Forms,
    pub(super) now: DateTime<Utc>,
}

impl PageRequest<'_> {
    pub(super) fn look(&self, zone: Zone) -> Look {
        Look { words: self.words, zone, now: self.now }
    }

    /// The address of the page, with its query.
    pub(super) fn address(&self) -> String {
        match self.query {
            "" => self.path.to_owned(),
            query => format!("{}?{query}", self.path),
        }
    }
}

pub(super) type Viewed = Result<Option<(StatusCode, Page)>, AuditError>;
