//! The content lines of an iCalendar file (RFC 5545, 3.1): unfolded, and taken apart.

use super::{EXPORT, IcsError, TAKE_OUT};

/// `NAME;PARAMETER=…:VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The number of the line on which it begins, from 1.
    pub(super) number: usize,
    /// In upper case.
    pub(super) name: String,
    /// Names in upper case, values without quotes.
    parameters: Vec<(String, String)>,
    pub(super) value: String,
}

impl Line {
    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a text, with its escapes undone, on one line.
    pub(super) fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut chars = self.value.chars();
        while let Some(c) = chars.next() {
            let escaped = if c == '\\' { chars.next() } else { None };
            text.push(match (c, escaped) {
                (_, Some('n' | 'N')) => ' ',
                (_, Some(escaped)) => escaped,
                (c, None) => c,
            });
        }
        let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// An error about this line.
    pub(super) fn error(&self, message: impl Into<String>) -> IcsError {
        IcsError { line: self.number, event: None, message: message.into(), hint: TAKE_OUT }
    }
}

/// The bytes of a file, with each fold that is in the middle of a character moved behind it: lines
/// are folded by their bytes (RFC 5545, 3.1), and no text can be folded there.
#[must_use]
pub fn whole_characters(bytes: &[u8]) -> Vec<u8> {
    let is_continued = |byte: &&u8| matches!(**byte, 0x80..=0xBF);
    let mut whole = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, more @ ..] = rest {
        let fold = [&b"\r\n "[..], b"\r\n\t", b"\n ", b"\n\t"];
        let fold = fold.into_iter().find(|fold| rest.starts_with(fold)).unwrap_or_default();
        let torn = rest[fold.len()..].iter().take_while(is_continued).count();
        if fold.is_empty() || torn == 0 {
            whole.push(*first);
            rest = more;
        } else {
            whole.extend(&rest[fold.len()..fold.len() + torn]);
            whole.extend(fold);
            rest = &rest[fold.len() + torn..];
        }
    }
    whole
}

/// The lines of a file, one by one.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Result<Line, IcsError>> {
    let mut physical = text.split('\n').enumerate().peekable();
    std::iter::from_fn(move || {
        loop {
            let (index, first) = physical.next()?;
            let mut whole = first.trim_end_matches('\r').to_owned();
            while let Some((_, more)) = physical.next_if(|(_, it)| it.starts_with([' ', '\t'])) {
                whole += more[1..].trim_end_matches('\r');
            }
            if !whole.trim().is_empty() {
                let unread = || IcsError {
                    line: index + 1,
                    event: None,
                    message: "is no line of an iCalendar file".to_owned(),
                    hint: EXPORT,
                };
                return Some(parse(index + 1, &whole).ok_or_else(unread));
            }
        }
    })
}

fn parse(number: usize, whole: &str) -> Option<Line> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let (name, mut rest) = whole.split_at(whole.find(|c| !is_name(c))?);
    if name.is_empty() {
        return None;
    }
    let mut parameters = Vec::new();
    while let Some(more) = rest.strip_prefix(';') {
        let (parameter, behind) = more.split_at(end_of_parameter(more)?);
        let (key, value) = parameter.split_once('=')?;
        parameters.push((key.to_ascii_uppercase(), value.replace('"', "")));
        rest = behind;
    }
    let value = rest.strip_prefix(':')?.to_owned();
    Some(Line { number, name: name.to_ascii_uppercase(), parameters, value })
}

/// Where the next `;` or `:` stands that is not between quotes.
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

    #[test]
    fn lines_are_unfolded_and_taken_apart() {
        let text = "BEGIN:VEVENT\r\n\r\nsummary;LANGUAGE=\"ko:x\";A=b,\"c;d\":Chu\r\n se\r\n\tok\\, \
                    day\\none\r\nEND:VEVENT";
        let lines: Vec<Line> = lines(text).map(Result::unwrap).collect();
        let shown: Vec<_> =
            lines.iter().map(|line| (line.number, line.name.as_str(), line.text())).collect();
        let summary = "Chuseok, day one".to_owned();
        assert_eq!(
            shown,
            [
                (1, "BEGIN", "VEVENT".to_owned()),
                (3, "SUMMARY", summary),
                (6, "END", "VEVENT".to_owned())
            ]
        );
        assert_eq!(lines[1].parameter("LANGUAGE"), Some("ko:x"));
    }

    #[test]
    fn a_fold_in_the_middle_of_a_character_is_moved_behind_it() {
        let day = "휴일".as_bytes();
        for fold in ["\r\n ", "\n\t"] {
            for at in 0..day.len() {
                let folded = [&day[..at], fold.as_bytes(), &day[at..]].concat();
                let text = String::from_utf8(whole_characters(&folded)).unwrap();
                assert_eq!(text.replacen(fold, "", 1), "휴일", "{at}");
            }
        }
        for text in ["휴\r\n \r\n일 \n", "", "\n ", "\r\n a"] {
            assert_eq!(whole_characters(text.as_bytes()), text.as_bytes());
        }
    }

    #[test]
    fn what_is_no_line_is_refused_with_its_number() {
        for text in ["\n\nhello", "\n\n:x", "\n\nA;B:c", "\n\nA;B=\"c:d", "\n\nA;B=c", "\n\nA B:c"]
        {
            let error = lines(text).next().unwrap().unwrap_err();
            assert_eq!(error.line, 3, "{text}");
        }
    }
}
