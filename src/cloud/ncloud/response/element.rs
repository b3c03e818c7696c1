//! Reads a body into one tree, and gives access to its parts.
//!
//! XML and JSON give the same tree: `<zoneList><zone/></zoneList>` and `"zoneList": [{}]` are an
//! element whose children are the rows. Numbers and texts become texts. `null` and an empty element
//! become nothing. `xml` and `json` parse; `tree` has the types.

use super::tree::{Content, Element, Malformed};

impl<'a> Element<'a> {
    pub fn children(&self) -> &[Element<'a>] {
        match &self.content {
            Content::Text(_) => &[],
            Content::Children(children) => children,
        }
    }

    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children().iter().find(|child| child.name == name)
    }

    /// The rows of a list; none if the list is absent or empty.
    pub fn rows(&self, list: &str) -> &[Self] {
        self.child(list).map_or(&[], Self::children)
    }

    /// The text of a child, unchanged; `None` if it is absent or empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        match &self.child(name)?.content {
            Content::Text(text) => Some(&**text).filter(|text| !text.is_empty()),
            Content::Children(_) => None,
        }
    }

    /// The text of a child without the blanks around it; `None` if nothing is left.
    pub fn word(&self, name: &str) -> Option<&str> {
        self.text(name).map(str::trim).filter(|text| !text.is_empty())
    }
}

/// Reads a body as XML or JSON, by its first character. `Content-Type` is not reliable, and the
/// gateway may answer in JSON when XML was asked for. Returns the document, whose only child is the
/// root.
///
/// # Errors
/// The body is neither, or is not complete.
pub fn read(body: &str) -> Result<Element<'_>, Malformed> {
    let body = body.trim_start();
    match body.as_bytes().first() {
        None => Err(Malformed::Empty),
        Some(b'<') if is_html(body) => Err(Malformed::Html),
        Some(b'<') => super::xml::read(body),
        Some(b'{') => super::json::read(body),
        Some(_) => Err(Malformed::Neither),
    }
}

fn is_html(body: &str) -> bool {
    ["<!doctype html", "<html"]
        .iter()
        .any(|start| body.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::ncloud::response::tree::MOST_ELEMENTS;
    use crate::cloud::ncloud::response::tree::MOST_LEVELS;
    use crate::cloud::ncloud::response::tree::Malformed;
    use proptest::prelude::*;

    #[test]
    fn xml_and_json_of_one_answer_read_alike() {
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- x -->\n<r>\n  <no>1</no>\
                   <n>a&amp;<![CDATA[<b>]]>&#xAC00;</n><e/><l><row><k>가 </k></row></l><none></none>\
                   </r>\n";
        let json = r#" {"r": {"no": 1, "n": "a&<b>가", "e": null,
                        "l": [{"k": "가 "}], "none": []}}"#;
        let (xml, json) = (read(xml).unwrap(), read(json).unwrap());
        for document in [&xml, &json] {
            let root = document.child("r").unwrap();
            assert_eq!(root.word("no"), Some("1"));
            assert_eq!(root.text("n"), Some("a&<b>가"));
            assert_eq!((root.text("e"), root.text("none"), root.text("gone")), (None, None, None));
            assert_eq!(root.rows("l").len(), 1);
            assert_eq!(root.rows("l")[0].text("k"), Some("가 "));
            assert_eq!(root.rows("l")[0].word("k"), Some("가"));
            assert!(root.rows("none").is_empty() && root.rows("gone").is_empty());
        }
    }

    #[test]
    fn a_body_that_is_not_all_there_or_not_all_well_is_refused() {
        let deep = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        let deep_json = |n: usize| format!("{}1{}", "{\"a\":".repeat(n), "}".repeat(n));
        let many = format!("<l>{}</l>", "<a/>".repeat(MOST_ELEMENTS));
        let many_json = format!("{{\"l\":[{}0]}}", "0,".repeat(MOST_ELEMENTS));
        let bomb = "<!DOCTYPE r [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]><r>&b;</r>";
        for (body, expected) in [
            ("", Malformed::Empty),
            (" \n", Malformed::Empty),
            ("<!DOCTYPE HTML><html>", Malformed::Html),
            ("<HTML><body>", Malformed::Html),
            (bomb, Malformed::Doctype),
            (&*deep(MOST_LEVELS + 1), Malformed::TooDeep),
            (&deep(1_000_000), Malformed::TooDeep),
            (&deep_json(MOST_LEVELS + 1), Malformed::TooDeep),
            (&many, Malformed::TooMany),
            (&many_json, Malformed::TooMany),
            ("<a><b>", Malformed::Torn),
            ("<a", Malformed::Torn),
            ("<a>x&am", Malformed::Torn),
            ("{\"a\":", Malformed::Torn),
            ("upstream error", Malformed::Neither),
        ] {
            let start: String = body.chars().take(60).collect();
            assert_eq!(read(body), Err(expected), "{start}");
        }
        for body in ["<a></b>", "<a/>x", "<a/><b/>", "<a>&nosuch;</a>", "<a>&#0;</a>", "</a>"] {
            assert!(matches!(read(body), Err(Malformed::Xml(_))), "{body}: {:?}", read(body));
        }
        for body in ["{\"a\":1}x", "{a:1}", "{\"a\":01}"] {
            assert!(matches!(read(body), Err(Malformed::Json(_))), "{body}: {:?}", read(body));
        }
        assert!(read(&deep(MOST_LEVELS)).is_ok() && read(&deep_json(MOST_LEVELS)).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(
            body in r#"[ <]?[{\[<>a-z/&;#!?"':,0-9\]}-]{0,60}"#
        ) {
            let _ = read(&body);
        }
    }
}
