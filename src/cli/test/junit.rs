//! Writes results in the XML of `JUnit`, which CI servers show.

use std::io;
use std::path::Path;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::line::TestLine;
use crate::cli::output::harmless;

/// One suite for the file, one case for each expectation.
pub(super) fn report(path: &Path, lines: &[TestLine]) -> io::Result<String> {
    let path = harmless(&path.to_string_lossy());
    let (tests, failed) = (lines.len(), lines.iter().filter(|line| !line.holds).count());
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = [("tests", tests.to_string()), ("failures", failed.to_string())];
    let counts = || counts.iter().map(|(key, value)| (*key, value.as_str()));
    writer.create_element("testsuites").with_attributes(counts()).write_inner_content(
        |writer| {
            let suite = writer.create_element("testsuite").with_attributes(counts());
            let suite = suite.with_attribute(("name", path.as_str()));
            suite.write_inner_content(|writer| {
                lines.iter().try_for_each(|line| case(writer, &path, line))
            })?;
            Ok(())
        },
    )?;
    Ok(String::from_utf8_lossy(&writer.into_inner()).into_owned() + "\n")
}

fn case(writer: &mut Writer<Vec<u8>>, path: &str, line: &TestLine) -> io::Result<()> {
    let (title, row) = (harmless(&line.title()), line.line.to_string());
    let attributes = [("classname", path), ("name", &title), ("file", path), ("line", &row)];
    let case = writer.create_element("testcase").with_attributes(attributes);
    if line.holds {
        case.write_empty()?;
        return Ok(());
    }
    let verdict = harmless(&line.verdict());
    case.write_inner_content(|writer| {
        let failure = writer.create_element("failure").with_attribute(("message", &*verdict));
        failure.write_text_content(BytesText::new(&harmless(&line.why())))?;
        Ok(())
    })?;
    Ok(())
}
