//! Reads JSON into elements.
//!
//! `tree` has the bounds.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::tree::{Content, Element, MOST_ELEMENTS, MOST_LEVELS, Malformed};

pub(super) fn read(source: &str) -> Result<Element<'_>, Malformed> {
    let bounds = Bounds { left: Cell::new(MOST_ELEMENTS), broken: Cell::new(None) };
    let document = Reading { name: Cow::Borrowed(""), level: 0, bounds: &bounds };
    let mut json = serde_json::Deserializer::from_str(source);
    let read = document.deserialize(&mut json).and_then(|element| json.end().map(|()| element));
    read.map_err(|error| match (bounds.broken.take(), error.classify()) {
        (Some(broken), _) => broken,
        (None, Category::Eof) => Malformed::Torn,
        (None, _) => Malformed::Json(error.to_string()),
    })
}

/// The rest of the bounds, and the bound that was broken.
struct Bounds {
    left: Cell<usize>,
    broken: Cell<Option<Malformed>>,
}

/// One element that is about to be read.
struct Reading<'de, 'b> {
    name: Cow<'de, str>,
    level: usize,
    bounds: &'b Bounds,
}

impl<'de> Reading<'de, '_> {
    fn child(&self, name: Cow<'de, str>) -> Self {
        Self { name, level: self.level + 1, bounds: self.bounds }
    }

    fn leaf(self, text: impl Into<Cow<'de, str>>) -> Element<'de> {
        Element { name: self.name, content: Content::Text(text.into()) }
    }

    fn parent(self, children: Vec<Element<'de>>) -> Element<'de> {
        Element { name: self.name, content: Content::Children(children.into()) }
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'de, '_> {
    type Value = Element<'de>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Element<'de>, D::Error> {
        let broken = match self.bounds.left.get().checked_sub(1) {
            _ if self.level > MOST_LEVELS => Malformed::TooDeep,
            None => Malformed::TooMany,
            Some(left) => {
                self.bounds.left.set(left);
                return from.deserialize_any(self);
            }
        };
        let error = D::Error::custom(&broken);
        self.bounds.broken.set(Some(broken));
        Err(error)
    }
}

impl<'de> Visitor<'de> for Reading<'de, '_> {
    type Value = Element<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Element<'de>, E> {
        Ok(self.leaf(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Element<'de>, E> {
        Ok(self.leaf(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Element<'de>, E> {
        Ok(self.leaf(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Element<'de>, E> {
        Ok(self.leaf(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Element<'de>, E> {
        Ok(self.leaf(number.to_string()))
    }

    fn visit_bool<E>(self, is: bool) -> Result<Element<'de>, E> {
        Ok(self.leaf(is.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Element<'de>, E> {
        Ok(self.leaf(""))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Element<'de>, A::Error> {
        let mut children = Vec::new();
        while let Some(row) = rows.next_element_seed(self.child(Cow::Borrowed("")))? {
            children.push(row);
        }
        Ok(self.parent(children))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Element<'de>, A::Error> {
        let mut children = Vec::new();
        while let Some(name) = fields.next_key::<String>()? {
            children.push(fields.next_value_seed(self.child(Cow::Owned(name)))?);
        }
        Ok(self.parent(children))
    }
}
