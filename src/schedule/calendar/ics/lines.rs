//! Reads the content lines of an iCalendar file (RFC 5545, 3.1): unfolds them and takes them apart.
//!
//! `scan` and `event` read their meaning.

use std::borrow::Cow;

use encoding_rs::{EUC_KR, Encoding, UTF_16BE, UTF_16LE};

use super::IcsError;
use super::error::{EXPORT, TAKE_OUT};

/// The lines that decide on days. Mistakes in other lines do not matter.
const MATTER: [&str; 13] = [
    "BEGIN",
    "END",
    "UID",
    "SEQUENCE",
    "STATUS",
    "METHOD",
    "RECURRENCE-ID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
];

/// `NAME;PARAMETER=…:VALUE`.
#[derive(Clone, Debug)]
pub(super) struct Line<'t> {
    /// The number of its first physical line, from 1.
    pub(super) number: usize,
    whole: Cow<'t, str>,
    name_ends: usize,
    value_begins: usize,
}

impl<'t> Line<'t> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.whole[..self.name_ends].eq_ignore_ascii_case(name)
    }

    pub(super) fn name(&self) -> String {
        self.whole[..self.name_ends].to_ascii_uppercase()
    }

    /// The text after the colon, without the blanks around it.
    pub(super) fn value(&self) -> &str {
        self.whole[self.value_begins..].trim()
    }

    /// The same, with the lifetime of the file.
    pub(super) fn into_value(self) -> Cow<'t, str> {
        match self.whole {
            Cow::Borrowed(whole) => Cow::Borrowed(whole[self.value_begins..].trim()),
            Cow::Owned(whole) => Cow::Owned(whole[self.value_begins..].trim().to_owned()),
        }
    }

    /// Whether the line has this name and value, in any letter case.
    pub(super) fn says(&self, name: &str, value: &str) -> bool {
        self.is(name) && self.value().eq_ignore_ascii_case(value)
    }

    /// The value of a parameter, without quotes.
    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut rest = self.whole.get(self.name_ends + 1..self.value_begins - 1)?;
        while !rest.is_empty() {
            let end = end_of_parameter(rest).unwrap_or(rest.len());
            let (key, value) = rest[..end].split_once('=').unwrap_or((&rest[..end], ""));
            if key.trim().eq_ignore_ascii_case(name) {
                let is_quoted = value.contains('"');
                return Some(if is_quoted { value.replace('"', "").into() } else { value.into() });
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        None
    }

    /// The value of a text, without escapes.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(self.value().len());
        let mut chars = self.value().chars();
        while let Some(c) = chars.next() {
            let escaped = if c == '\\' { chars.next() } else { None };
            text.push(match (c, escaped) {
                (_, Some('n' | 'N')) => '\n',
                (_, Some(escaped)) => escaped,
                (c, None) => c,
            });
        }
        text
    }

    pub(super) fn error(&self, message: impl Into<String>) -> IcsError {
        IcsError::new(self.number, message, TAKE_OUT)
    }
}

/// The lines of a file, one by one. A copy continues from the place of the copy.
#[derive(Clone, Debug)]
pub(super) struct Lines<'t> {
    rest: &'t [u8],
    /// The number of the line before `rest`.
    number: usize,
    break_at: u8,
    /// Whether no day depends on the last line. A following piece that is no line then belongs to
    /// that line.
    is_in_text: bool,
}

impl<'t> Lines<'t> {
    pub(super) fn of(bytes: &'t [u8]) -> Self {
        // Lines end in CR LF, in LF, or on very old machines in CR.
        let break_at = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
        Self { rest: bytes, number: 0, break_at, is_in_text: false }
    }

    fn physical(&mut self) -> Option<&'t [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|byte| *byte == self.break_at);
        let (line, rest) = match end {
            Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
            None => (self.rest, &self.rest[..0]),
        };
        self.rest = rest;
        self.number += 1;
        let end = line.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
        Some(&line[..end])
    }

    /// A line with its folded parts. Lines are folded between bytes, so a fold can split a
    /// character.
    fn unfolded(&mut self) -> Option<(usize, Cow<'t, str>)> {
        let first = self.physical()?;
        let number = self.number;
        if !self.rest.starts_with(b" ") && !self.rest.starts_with(b"\t") {
            return Some((number, decoded(Cow::Borrowed(first))));
        }
        let mut whole = first.to_vec();
        while self.rest.starts_with(b" ") || self.rest.starts_with(b"\t") {
            whole.extend(self.physical().map(|more| more.get(1..).unwrap_or_default())?);
        }
        Some((number, decoded(Cow::Owned(whole))))
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Result<Line<'t>, IcsError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (number, whole) = self.unfolded()?;
            if whole.trim().is_empty() {
                continue;
            }
            let name_ends = end_of_name(&whole);
            if let Some(name_ends) = name_ends {
                let matters = MATTER.iter().any(|it| it.eq_ignore_ascii_case(&whole[..name_ends]));
                self.is_in_text = !matters;
                if let Some(value_begins) = value(&whole, name_ends) {
                    return Some(Ok(Line { number, whole, name_ends, value_begins }));
                }
            }
            if !self.is_in_text {
                return Some(Err(IcsError::new(number, "is no line of an iCalendar file", EXPORT)));
            }
        }
    }
}

/// The bytes of a file in the form that is read here. Most encodings agree in all bytes that
/// matter.
pub(super) fn readable(bytes: Vec<u8>) -> Vec<u8> {
    let wide = match bytes.as_slice() {
        [b'B', 0, ..] => Some((UTF_16LE, 0)),
        [0, b'B', ..] => Some((UTF_16BE, 0)),
        bytes => Encoding::for_bom(bytes),
    };
    match wide {
        Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => {
            encoding.decode(&bytes).0.into_owned().into_bytes()
        }
        Some((_, mark)) => bytes[mark..].to_vec(),
        None => bytes,
    }
}

/// A line as text: UTF-8, or the encoding in which older programs write Korean. Other bytes can
/// only be in a name, not in a date; they are shown as well as possible.
fn decoded(line: Cow<'_, [u8]>) -> Cow<'_, str> {
    if let Cow::Borrowed(line) = line
        && let Ok(line) = std::str::from_utf8(line)
    {
        return Cow::Borrowed(line);
    }
    let line = match String::from_utf8(line.into_owned()) {
        Ok(line) => return Cow::Owned(line),
        Err(error) => error.into_bytes(),
    };
    let korean = EUC_KR.decode_without_bom_handling_and_without_replacement(&line);
    Cow::Owned(korean.unwrap_or_else(|| String::from_utf8_lossy(&line)).into_owned())
}

/// The end of the name of a line, if it has one.
fn end_of_name(whole: &str) -> Option<usize> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let end = whole.find(|c| !is_name(c))?;
    (end > 0 && whole[end..].starts_with([':', ';'])).then_some(end)
}

/// The beginning of the value of a line.
fn value(whole: &str, name_ends: usize) -> Option<usize> {
    let mut at = name_ends;
    while whole[at..].starts_with(';') {
        at += 1 + end_of_parameter(&whole[at + 1..])?;
    }
    Some(at + 1)
}

/// The place of the next `;` or `:` outside of quotes.
fn end_of_parameter(text: &str) -> Option<usize> {
    let mut is_quoted = false;
    text.find(|c| {
        is_quoted ^= c == '"';
        !is_quoted && (c == ';' || c == ':')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Lines<'_> {
        Lines::of(text.as_bytes())
    }

    #[test]
    fn lines_are_unfolded_and_taken_apart() {
        let text = "BEGIN:VEVENT\r\n\r\nsummary;LANGUAGE=\"ko:x\";X;A=b,\"c;d\":Chu\r\n se\r\n\tok\\, \
                    day\\none\r\nEND:VEVENT";
        for text in [text, &text.replace("\r\n", "\n"), &text.replace("\r\n", "\r")] {
            let lines: Vec<Line<'_>> = lines(text).map(Result::unwrap).collect();
            let shown: Vec<_> = lines.iter().map(|line| (line.number, line.text())).collect();
            let summary = "Chuseok, day\none".to_owned();
            assert_eq!(shown, [(1, "VEVENT".to_owned()), (3, summary), (6, "VEVENT".to_owned())]);
            assert!(lines[1].is("SUMMARY"));
            for (name, value) in
                [("LANGUAGE", Some("ko:x")), ("X", Some("")), ("A", Some("b,c;d")), ("B", None)]
            {
                assert_eq!(lines[1].parameter(name).as_deref(), value, "{name}");
            }
            assert_eq!(lines[0].parameter("A"), None);
        }
    }

    #[test]
    fn a_fold_in_the_middle_of_a_character_is_undone() {
        let line = "SUMMARY:휴일";
        for (bytes, of) in [(line.as_bytes(), 8..14), (&EUC_KR.encode(line).0, 8..12)] {
            for at in of {
                let folded = [&bytes[..at], b"\r\n ", &bytes[at..]].concat();
                let line = Lines::of(&folded).next().unwrap().unwrap();
                assert_eq!(line.value(), "휴일", "{at}");
            }
        }
    }

    #[test]
    fn a_file_in_another_encoding_is_read() {
        let text = "BEGIN:VCALENDAR\r\nSUMMARY:휴일\r\n";
        let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect();
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        let [little, big]: [Vec<u8>; 2] = [wide(u16::to_le_bytes), wide(u16::to_be_bytes)];
        for bytes in [
            text.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", text.as_bytes()),
            marked(b"\xff\xfe", &little),
            marked(b"\xfe\xff", &big),
            little,
            big,
            EUC_KR.encode(text).0.into_owned(),
        ] {
            let bytes = readable(bytes);
            let lines: Vec<_> = Lines::of(&bytes).map(|it| it.unwrap().text()).collect();
            assert_eq!(lines, ["VCALENDAR", "휴일"]);
        }
        let line = b"SUMMARY:\xff\xff\nDTSTART:20261224\n";
        let values: Vec<_> = Lines::of(line).map(|it| it.unwrap().text()).collect();
        assert_eq!(values, ["\u{fffd}\u{fffd}", "20261224"]);
    }

    #[test]
    fn what_is_no_line_is_refused_with_its_number_unless_no_day_depends_on_it() {
        for text in [
            "\n\nhello",
            "\n\n:x",
            "\n\nA B:c",
            "\n\nDTSTART;B=\"c:d",
            "\n\nDTSTART;B=c",
            "RRULE:FREQ=WEEKLY;BYDAY=MO,\n\nTU",
        ] {
            let error = lines(text).find_map(Result::err).unwrap();
            assert_eq!(error.line, 3, "{text}");
        }
        for text in ["DESCRIPTION:first\nsecond line\nUID:1", "ATTENDEE;CN=\"Kim:x\nUID:1"] {
            let last = lines(text).map(Result::unwrap).last().unwrap();
            assert!(last.says("uid", "1"), "{text}");
        }
    }
}
