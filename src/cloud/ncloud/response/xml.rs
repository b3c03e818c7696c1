//! Reads XML into elements. Knows only the five entities that every XML has.
//!
//! `tree` has the bounds.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::tree::{Content, Element, MOST_ELEMENTS, MOST_LEVELS, Malformed};

pub(super) fn read(source: &str) -> Result<Element<'_>, Malformed> {
    let mut reader = Reader::from_str(source);
    let mut open = Open::new();
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

/// The elements that have begun and not ended. The first is the document.
struct Open<'a> {
    levels: Vec<Level<'a>>,
    /// Elements that have ended, with a parent that has not. A parent takes its children all at
    /// once, which halves the memory for a list of 10,000 servers.
    ended: Vec<Element<'a>>,
    left: usize,
}

#[derive(Default)]
struct Level<'a> {
    name: Cow<'a, str>,
    text: Cow<'a, str>,
    /// The place in [`Open::ended`] at which the children begin.
    children: usize,
}

impl<'a> Open<'a> {
    fn new() -> Self {
        Self { levels: vec![Level::default()], ended: Vec::new(), left: MOST_ELEMENTS }
    }

    fn begin(&mut self, name: Cow<'a, str>) -> Result<(), Malformed> {
        if self.levels.len() > MOST_LEVELS {
            return Err(Malformed::TooDeep);
        }
        self.left = self.left.checked_sub(1).ok_or(Malformed::TooMany)?;
        self.levels.push(Level { name, children: self.ended.len(), ..Level::default() });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Malformed> {
        let Some(Level { name, text, children }) = self.levels.pop() else {
            return Err(Malformed::Xml("an end without its beginning".to_owned()));
        };
        let content = if children == self.ended.len() {
            Content::Text(text)
        } else {
            Content::Children(self.ended.split_off(children).into())
        };
        self.ended.push(Element { name, content });
        Ok(())
    }

    fn write(&mut self, text: Cow<'a, str>) {
        let Some(level) = self.levels.last_mut() else { return };
        // Text between children is indentation. A copy of it would be waste.
        if level.children < self.ended.len() && text.trim().is_empty() {
            return;
        }
        if level.text.is_empty() {
            level.text = text;
        } else {
            level.text.to_mut().push_str(&text);
        }
    }

    fn close(self) -> Result<Element<'a>, Malformed> {
        let [document] = &*self.levels else { return Err(Malformed::Torn) };
        if self.ended.len() != 1 || !document.text.trim().is_empty() {
            return Err(Malformed::Xml("it is not one element".to_owned()));
        }
        let name = Cow::Borrowed("");
        Ok(Element { name, content: Content::Children(self.ended.into()) })
    }
}

/// The name of a tag that begins at `at`, borrowed from the source and not from the event.
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
        Error::Syntax(SyntaxError::UnclosedDoctype) => Malformed::Doctype,
        Error::Syntax(error) if error != SyntaxError::InvalidBangMarkup => Malformed::Torn,
        Error::IllFormed(IllFormedError::MissingEndTag(_) | IllFormedError::UnclosedReference) => {
            Malformed::Torn
        }
        error => Malformed::Xml(error.to_string()),
    }
}
