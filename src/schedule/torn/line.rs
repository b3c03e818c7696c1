//! Repairs one line of a file: a header, a key with its value, or an entry of a list above it.

use toml::de::DeTable;

use super::value::{Key, entry, plain_marks, value};
use super::{LISTS, LONGEST_LINE};
use crate::schedule::toml_text::DEEPEST;
use crate::time::spoken::plain_char;

/// The part of the file that contains a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// No value: the line begins a header or a key.
    Top,
    /// A list that began on a line above.
    Within,
    Lost,
}

impl Place {
    pub(super) fn of(lines: &[String], at: usize) -> Self {
        let begins = |line: &str| {
            let line = plain_marks(line);
            is_header(&line) || key(&line).is_some()
        };
        if begins(&lines[at]) || remark(lines[at].trim()).is_some() {
            return Self::Top;
        }
        let begin = (0..at).rev().find(|at| begins(&lines[*at]));
        let open = begin.and_then(|begin| {
            let above: Vec<String> =
                lines[begin..at].iter().map(|line| plain_marks(line)).collect();
            open_brackets(&above.join("\n"))
        });
        if open.is_some_and(|open| open == "]") { Self::Within } else { Self::Lost }
    }
}

/// The line as it was meant; `None` if that is unclear, or if nothing is wrong.
pub(super) fn mended(line: &str, place: Place) -> Option<String> {
    let (line, end) = line.strip_suffix('\r').map_or((line, ""), |line| (line, "\r"));
    let indent = &line[..line.len() - line.trim_start().len()];
    let bare = line.trim();
    if bare.len() > LONGEST_LINE || is_too_deep(bare) {
        return None;
    }
    let new = match remark(bare) {
        Some(remark) => remark,
        None if place == Place::Lost => return None,
        None if place == Place::Within => within(bare)?,
        None if is_header(&plain_marks(bare)) => header(&plain_marks(bare))?,
        None => pair(bare)?,
    };
    let new = format!("{indent}{new}{end}");
    let parses = place == Place::Within || DeTable::parse(&new).is_ok();
    (new.trim() != bare && parses).then_some(new)
}

/// Whether the line opens more brackets than anybody can mean. Each of them costs a step.
fn is_too_deep(line: &str) -> bool {
    let mut open = 0_u32;
    line.chars().any(|c| {
        match plain_char(c) {
            '[' | '{' => open += 1,
            ']' | '}' => open = open.saturating_sub(1),
            _ => {}
        }
        open > DEEPEST
    })
}

/// `// a remark`, which begins with `#` in TOML.
fn remark(line: &str) -> Option<String> {
    let mark =
        ["//", "--", "＃", ";", "<!--", "/*", "%"].into_iter().find(|it| line.starts_with(it))?;
    let rest = line[mark.len()..].trim_end_matches("-->").trim_end_matches("*/");
    Some(format!("# {}", rest.trim()))
}

const TABLES: [&str; 13] = [
    "accounts",
    "audit",
    "budget",
    "calendars",
    "expect",
    "holds",
    "limits",
    "notify",
    "observe",
    "overrides",
    "prices",
    "protect",
    "rules",
];

/// Headers of other formats: `rules:`, `(accounts.main)`, `{{rules}}`, `<protect>`.
fn foreign_header(line: &str) -> bool {
    let line = line.trim();
    let name = line.trim_matches(|c: char| "[]{}()<>:\" ".contains(c));
    let has_marks = line.ends_with([':', '}', ')', '>']);
    let is_table = name.split(['.', ' ']).next().is_some_and(|first| TABLES.contains(&first));
    has_marks && is_table && name.chars().all(|c| c.is_ascii_alphanumeric() || "._- ".contains(c))
}

fn is_header(line: &str) -> bool {
    let line = line.trim_start();
    if foreign_header(line) {
        return true;
    }
    line.starts_with('[') && !line.contains(['"', '\'', ',']) || {
        let name = line.trim_end_matches(']');
        name.len() < line.trim_end().len()
            && name.chars().all(|c| c.is_alphanumeric() || ".-_ ".contains(c))
    }
}

/// A header with the right brackets.
fn header(line: &str) -> Option<String> {
    let (line, remark) = match line.find('#') {
        Some(at) => (line[..at].trim_end(), format!(" {}", &line[at..])),
        None => (line, String::new()),
    };
    let (line, remark) = match line.split_once("//") {
        Some((head, text)) => (head.trim_end(), format!("  # {}", text.trim())),
        None => (line, remark),
    };
    let name = line.trim_matches(|c: char| "[]{}()<>:\" ".contains(c));
    // `[accounts main]`
    let joined = name.split_whitespace().collect::<Vec<_>>().join(".");
    let name = if joined.matches('.').count() == 1 { &joined } else { name };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let header = if LISTS.contains(&name) { format!("[[{name}]]") } else { format!("[{name}]") };
    Some(header + &remark)
}

/// The key at the beginning of a line, and the text of its value. Another mark than `=` may stand
/// between them, or none.
fn key(line: &str) -> Option<(String, &str)> {
    let line = line.trim_start();
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && !"_-.\"".contains(c))?;
    let (name, rest) = line.split_at(end);
    let name = name.trim_matches('"');
    if name.is_empty() || name.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let behind = rest.trim_start();
    for mark in [":=", "==", "=>", "=", ":"] {
        if let Some(value) = behind.strip_prefix(mark) {
            return Some((name.to_owned(), value.trim()));
        }
    }
    // `max instances = 5`
    if let Some((more, value)) = behind.split_once('=')
        && more.trim().chars().all(|c| c.is_ascii_alphabetic())
        && !more.trim().is_empty()
    {
        // `export` and its like, from shells.
        let is_of_shell = matches!(name, "export" | "set" | "let" | "var" | "const" | "local");
        let more = more.trim();
        let name = if is_of_shell { more.to_owned() } else { format!("{name}_{more}") };
        return Some((name, value.trim()));
    }
    let is_value = behind.starts_with(['"', '\'', '[', '{']) && behind.len() < rest.len();
    is_value.then(|| (name.to_owned(), behind))
}

fn pair(line: &str) -> Option<String> {
    let marked = plain_marks(line);
    let (name, rest) = key(&marked)?;
    let (rest, remark) = without_remark(rest)?;
    let rest = rest.trim_end_matches([';', ',']).trim_end();
    let lower = name.to_lowercase();
    if ["key", "password", "secret", "token"].iter().any(|part| lower.contains(part)) {
        return None;
    }
    let value = value(Key(name.rsplit('.').next().unwrap_or(&name)), rest)?;
    Some(format!("{name} = {value}{remark}"))
}

/// An entry of a list that began above.
fn within(line: &str) -> Option<String> {
    let marked = plain_marks(line);
    let (rest, remark) = without_remark(&marked)?;
    let bare = rest.trim_end_matches([',', ';', ' ']);
    let comma = if bare.len() < rest.len() || !bare.ends_with(']') { "," } else { "" };
    if bare.is_empty() || bare.contains('=') {
        return None;
    }
    let (bare, close) = bare.strip_suffix(']').map_or((bare, ""), |bare| (bare, "]"));
    Some(format!(
        "{}{close}{}{remark}",
        entry(bare.trim())?,
        if close.is_empty() { comma } else { "" }
    ))
}

/// The text before a remark, and the remark with a blank before it. `None` if a quote is open: a
/// `#` may then be part of the text.
fn without_remark(text: &str) -> Option<(&str, String)> {
    let mut open: Option<char> = None;
    for (at, c) in text.char_indices() {
        let is_remark = c == '#' || text[at..].starts_with("// ");
        match open {
            Some(quote) if c == quote => open = None,
            None if c == '"' || c == '\'' => open = Some(c),
            None if is_remark => {
                let remark = text[at..].trim_start_matches(['#', '/']).trim();
                return Some((text[..at].trim_end(), format!("  # {remark}")));
            }
            _ => {}
        }
    }
    (open.is_none() || !text.contains('#')).then(|| (text.trim_end(), String::new()))
}

/// Closes the value that a line above `at` opened, if nothing closes it before the next key or
/// header.
pub(super) fn closed(lines: &[String], at: usize) -> Option<(usize, String)> {
    let begins = |at: &usize| {
        let line = &lines[*at];
        is_header(line) || key(line).is_some()
    };
    let begin = (0..=at).rev().find(|at| begins(at) && is_open(&lines[*at]))?;
    let end = (begin + 1..lines.len()).find(|at| begins(at)).unwrap_or(lines.len());
    let is_empty = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let last = (begin..end).rev().find(|at| !is_empty(&lines[*at]))?;
    let all = lines[begin..=last].join("\n");
    let missing = open_brackets(&all)?;
    let (line, return_) =
        lines[last].strip_suffix('\r').map_or((&*lines[last], ""), |it| (it, "\r"));
    let closers: String = missing.chars().rev().collect();
    (!closers.is_empty()).then(|| (last, format!("{}{closers}{return_}", line.trim_end())))
}

fn is_open(line: &str) -> bool {
    open_brackets(line).is_none_or(|open| !open.is_empty())
}

/// The missing closing brackets, the outermost first; `None` if quotes or brackets do not fit
/// together.
fn open_brackets(text: &str) -> Option<String> {
    let (mut open, mut quote) = (String::new(), None);
    let mut is_remark = false;
    for c in text.chars() {
        if c == '\n' && quote.is_none() {
            is_remark = false;
        } else if let Some(begun) = quote {
            quote = Some(begun).filter(|begun| *begun != c);
        } else if !is_remark {
            match c {
                '"' | '\'' => quote = Some(c),
                '#' => is_remark = true,
                '[' => open.push(']'),
                '{' => open.push('}'),
                ']' | '}' => (open.pop() == Some(c)).then_some(())?,
                _ => {}
            }
        }
    }
    quote.is_none().then_some(open)
}
