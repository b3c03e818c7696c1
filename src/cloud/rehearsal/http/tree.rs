//! Owns a body before it is written: one tree, rendered as XML or as JSON.

use std::borrow::Cow;

use quick_xml::escape::escape;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// `responseFormatType`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    #[default]
    Xml,
    Json,
}

impl Format {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Xml => "application/xml;charset=UTF-8",
            Self::Json => "application/json;charset=UTF-8",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Node<'a> {
    Text(Cow<'a, str>),
    /// Our own words, which need no escapes. Most of a list consists of them.
    Words(&'static str),
    Number(u64),
    Flag(bool),
    Fields(Vec<(&'static str, Node<'a>)>),
    /// The entries, with the name of each in XML.
    List(&'static str, Vec<Node<'a>>),
}

impl From<&'static str> for Node<'_> {
    fn from(words: &'static str) -> Self {
        Self::Words(words)
    }
}

impl From<String> for Node<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> Node<'a> {
    pub(super) fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl Node<'_> {
    /// The whole body, under the name of its root.
    pub(super) fn render(&self, format: Format, root: &str) -> String {
        match format {
            Format::Xml => {
                let mut out = String::with_capacity(4096);
                self.write_xml(root, &mut out);
                out
            }
            Format::Json => serde_json::to_string(&Rooted(root, self)).expect("a tree of texts"),
        }
    }

    fn write_xml(&self, name: &str, out: &mut String) {
        if let Self::List(_, entries) = self
            && entries.is_empty()
        {
            tag(out, ["<", name, "/>"]);
            return;
        }
        tag(out, ["<", name, ">"]);
        match self {
            Self::Text(text) => out.push_str(&in_xml(text)),
            Self::Words(words) => out.push_str(words),
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Fields(fields) => {
                for (name, node) in fields {
                    node.write_xml(name, out);
                }
            }
            Self::List(entry, nodes) => {
                for node in nodes {
                    node.write_xml(entry, out);
                }
            }
        }
        tag(out, ["</", name, ">"]);
    }
}

fn tag(out: &mut String, parts: [&str; 3]) {
    for part in parts {
        out.push_str(part);
    }
}

/// Escapes markup, and replaces characters that XML 1.0 cannot hold in any form.
fn in_xml(text: &str) -> Cow<'_, str> {
    let forbidden = |c: char| {
        c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{FFFE}' | '\u{FFFF}')
    };
    if text.contains(forbidden) {
        return Cow::Owned(escape(text.replace(forbidden, "\u{FFFD}")).into_owned());
    }
    escape(text)
}

struct Rooted<'a>(&'a str, &'a Node<'a>);

impl Serialize for Rooted<'_> {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        let mut map = into.serialize_map(Some(1))?;
        map.serialize_entry(self.0, self.1)?;
        map.end()
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => into.serialize_str(text),
            Self::Words(words) => into.serialize_str(words),
            Self::Number(number) => into.serialize_u64(*number),
            Self::Flag(flag) => into.serialize_bool(*flag),
            Self::Fields(fields) => {
                into.collect_map(fields.iter().map(|(name, node)| (name, node)))
            }
            Self::List(_, entries) => into.collect_seq(entries),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Node<'static> {
        Node::Fields(vec![
            ("returnCode", "0".into()),
            ("totalRows", Node::Number(1)),
            ("nameList", Node::List("name", vec![Node::text("a<b>&\"c\"\u{1}]]>")])),
            ("instanceTagList", Node::List("instanceTag", Vec::new())),
            ("userData", "".into()),
        ])
    }

    #[test]
    fn a_hostile_name_stays_text_in_xml() {
        assert_eq!(
            tree().render(Format::Xml, "r"),
            "<r><returnCode>0</returnCode><totalRows>1</totalRows><nameList><name>a&lt;b&gt;\
             &amp;&quot;c&quot;\u{FFFD}]]&gt;</name></nameList><instanceTagList/><userData>\
             </userData></r>"
        );
    }

    #[test]
    fn the_same_tree_is_json_without_the_names_of_entries() {
        assert_eq!(
            tree().render(Format::Json, "r"),
            r#"{"r":{"returnCode":"0","totalRows":1,"nameList":["a<b>&\"c\"\u0001]]>"],"instanceTagList":[],"userData":""}}"#
        );
    }
}
