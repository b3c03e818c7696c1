//! The shape that XML and JSON have in common: a tree of named texts.

use std::borrow::Cow;

/// How deep an answer may be nested: three times the deepest that the reference shows.
pub const MOST_LEVELS: usize = 32;

/// How many elements an answer may have: 10,000 servers of Classic are fewer than a million.
pub const MOST_ELEMENTS: usize = 2_000_000;

/// Why a body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("it is empty")]
    Empty,
    /// Some proxy's or gateway's page for people.
    #[error("it is an HTML page")]
    Html,
    /// Bytes that are not in the encoding they are said to be in.
    #[error("its text is not {0}")]
    NotEncodedAs(String),
    #[error("its encoding `{0}` is unknown")]
    UnknownEncoding(String),
    /// `<!DOCTYPE`: no answer has one, and nothing good comes of it.
    #[error("it declares a DOCTYPE")]
    Doctype,
    /// More than [`MOST_LEVELS`].
    #[error("it is nested deeper than {MOST_LEVELS} levels")]
    TooDeep,
    /// More than [`MOST_ELEMENTS`].
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
    /// Well-formed, and not what was asked for.
    #[error("{0}")]
    Unexpected(String),
}

/// A named text or a named list of elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The element's name or the field's; empty for a row of a JSON list and for the document.
    pub name: Cow<'a, str>,
    pub content: Content<'a>,
}

/// What is inside an element. Never both: text between children is not worth anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// Text; nothing where the element is empty.
    Text(Cow<'a, str>),
    /// Elements, in the order of the body.
    // Not a `Vec`: with its capacity every element of a long list would be a sixth larger.
    Children(Box<[Element<'a>]>),
}
