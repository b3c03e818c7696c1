//! Owns the tree that XML and JSON have in common, its bounds, and its errors.
//!
//! `element` reads bodies into it.

use std::borrow::Cow;

/// The deepest nesting of an answer: three times the deepest of NAVER's reference.
pub const MOST_LEVELS: usize = 32;

/// The most elements of an answer. 10,000 servers of Classic have fewer than a million.
pub const MOST_ELEMENTS: usize = 2_000_000;

/// The reasons why a body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("it is empty")]
    Empty,
    /// A page for people, from a proxy or a gateway.
    #[error("it is an HTML page")]
    Html,
    /// Bytes that do not fit the declared encoding.
    #[error("its text is not {0}")]
    NotEncodedAs(String),
    #[error("its encoding `{0}` is unknown")]
    UnknownEncoding(String),
    /// `<!DOCTYPE`: no real answer has one, and entities can do harm.
    #[error("it declares a DOCTYPE")]
    Doctype,
    #[error("it is nested deeper than {MOST_LEVELS} levels")]
    TooDeep,
    #[error("it has more than {MOST_ELEMENTS} elements")]
    TooMany,
    #[error("it ends in the middle")]
    Torn,
    #[error("it is neither XML nor JSON")]
    Neither,
    #[error("it is not well-formed XML: {0}")]
    Xml(String),
    #[error("it is not well-formed JSON: {0}")]
    Json(String),
    /// Well-formed, but not the answer to the question.
    #[error("{0}")]
    Unexpected(String),
}

/// A named text or a named list of elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The name of the element or field. Empty for a row of a JSON list and for the document.
    pub name: Cow<'a, str>,
    pub content: Content<'a>,
}

/// The content of an element: never both, since text between children has no meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A text; nothing if the element is empty.
    Text(Cow<'a, str>),
    /// Elements, in the order of the body.
    // Not a `Vec`: its capacity would make every element of a long list a sixth larger.
    Children(Box<[Element<'a>]>),
}
