//! XML into elements. Knows no entity but the five that every XML has.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::element::{Element, MOST_ELEMENTS, MOST_LEVELS, Malformed};

/// Reads a whole document.
pub(super) fn read(source: &str) -> Result<Element<'_>, Malformed> {
    let mut reader = Reader::from_str(source);
    let mut open = Open { levels: vec![Element::default()], left: MOST_ELEMENTS };
    loop {
        let at = reader.buffer_position();
        match reader.read_event().map_err(ill_formed)? {
            Event::Start(tag) => open.begin(name_in(source, at, &tag))?,
            Event::Empty(tag) => {
                open.begin(name_in(source, at, &tag))?;
                open.end()?;
            }
            Event::End(_) => open.end()?,
            Event::Text(text) => open.write(text.xml10_content()),
            Event::CData(text) => open.write(text.xml10_content()),
            Event::GeneralRef(reference) => open.write(resolve(&reference)?),
            Event::DocType(_) => return Err(Malformed::Doctype),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return open.close(),
        }
    }
}

/// The elements that have begun and not ended; the first is the document.
struct Open<'a> {
    levels: Vec<Element<'a>>,
    left: usize,
}

impl<'a> Open<'a> {
    fn begin(&mut self, name: Cow<'a, str>) -> Result<(), Malformed> {
        if self.levels.len() > MOST_LEVELS {
            return Err(Malformed::TooDeep);
        }
        self.left = self.left.checked_sub(1).ok_or(Malformed::TooMany)?;
        self.levels.push(Element { name, ..Element::default() });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Malformed> {
        let ended = self.levels.pop();
        let parent = self.levels.last_mut();
        let (Some(ended), Some(parent)) = (ended, parent) else {
            return Err(Malformed::Xml("an end without its beginning".to_owned()));
        };
        parent.children.push(ended);
        Ok(())
    }

    fn write(&mut self, text: Cow<'a, str>) {
        let Some(element) = self.levels.last_mut() else { return };
        // Text between children is indentation, and would be copied for nothing.
        if !element.children.is_empty() && text.trim().is_empty() {
            return;
        }
        if element.text.is_empty() {
            element.text = text;
        } else {
            element.text.to_mut().push_str(&text);
        }
    }

    fn close(mut self) -> Result<Element<'a>, Malformed> {
        if self.levels.len() != 1 {
            return Err(Malformed::Torn);
        }
        let document = self.levels.remove(0);
        if document.children.len() != 1 || !document.text.trim().is_empty() {
            return Err(Malformed::Xml("it is not one element".to_owned()));
        }
        Ok(document)
    }
}

/// The name of a tag that begins at `at`, borrowed from the source instead of from the event.
fn name_in<'a>(source: &'a str, at: u64, tag: &BytesStart<'_>) -> Cow<'a, str> {
    let name = tag.name();
    let name: &str = name.as_ref();
    let in_source = usize::try_from(at)
        .ok()
        .and_then(|at| source.get(at + '<'.len_utf8()..)?.get(..name.len()))
        .filter(|found| *found == name);
    in_source.map_or_else(|| Cow::Owned(name.to_owned()), Cow::Borrowed)
}

fn resolve<'a>(reference: &BytesRef<'_>) -> Result<Cow<'a, str>, Malformed> {
    if let Some(c) = reference.resolve_char_ref().map_err(ill_formed)? {
        return Ok(Cow::Owned(c.to_string()));
    }
    resolve_predefined_entity(reference)
        .map(Cow::Borrowed)
        .ok_or_else(|| Malformed::Xml("an entity that was never declared".to_owned()))
}

fn ill_formed(error: impl Into<Error>) -> Malformed {
    match error.into() {
        Error::Syntax(SyntaxError::InvalidBangMarkup) => {
            Malformed::Xml(SyntaxError::InvalidBangMarkup.to_string())
        }
        Error::Syntax(SyntaxError::UnclosedDoctype) => Malformed::Doctype,
        Error::Syntax(_)
        | Error::IllFormed(IllFormedError::MissingEndTag(_) | IllFormedError::UnclosedReference) => {
            Malformed::Torn
        }
        error => Malformed::Xml(error.to_string()),
    }
}
