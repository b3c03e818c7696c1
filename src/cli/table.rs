//! Lays out tables for people: columns line up, even in Korean, and rows fold on a narrow terminal.

use std::borrow::Cow;
use std::io::{self, IsTerminal};
use std::ops::Range;

use textwrap::core::display_width;
use textwrap::{Options, WordSplitter};

/// The blanks between two columns.
pub(super) const GAP: usize = 2;
/// The indent of a folded row's further lines.
const INDENT: usize = 4;
/// The last column holds sentences. It may be wrapped, but not narrower than this.
const NARROWEST_TEXT: usize = 24;

/// The width for a table; `None` when long lines are fine.
pub(super) fn width() -> Option<usize> {
    let stdout = io::stdout();
    if stdout.is_terminal()
        && let Some((width, _)) = terminal_size::terminal_size_of(&stdout)
    {
        return Some(width.0.into());
    }
    std::env::var("COLUMNS").ok()?.parse().ok()
}

/// A table with a head line. A row that does not fit is folded between its groups of heads. Values
/// that equal those of the row above are not repeated there.
pub(super) fn render(groups: &[&[&str]], rows: &[Vec<String>], width: Option<usize>) -> String {
    let heads: Vec<String> = groups.concat().iter().map(|head| head.to_uppercase()).collect();
    let all = || std::iter::once(&heads).chain(rows);
    let widest = |column: usize| all().map(|row| display_width(&row[column])).max();
    let widths: Vec<usize> = (0..heads.len()).filter_map(widest).collect();
    let width = width.unwrap_or(usize::MAX);
    let lines = fold(groups, &widths, width);
    let mut text = String::new();
    let mut said = String::new();
    for row in all() {
        for (place, columns) in lines.iter().enumerate() {
            let indent = if place == 0 { 0 } else { INDENT };
            let line = line(row, columns.clone(), &widths, indent..width);
            if place == 0 && lines.len() > 1 {
                if line == said {
                    continue;
                }
                said.clone_from(&line);
            }
            if !line.trim().is_empty() {
                text += &line;
                text.push('\n');
            }
        }
    }
    text
}

/// The columns of each line. Filled from the end, so that the first line has as few as possible: it
/// holds the values that rows share.
fn fold(groups: &[&[&str]], widths: &[usize], width: usize) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut used = 0;
    let mut end = widths.len();
    for (place, group) in groups.iter().enumerate().rev() {
        let columns = end - group.len()..end;
        end = columns.start;
        let mut needed = widths[columns.clone()].iter().sum::<usize>() + GAP * (group.len() - 1);
        if columns.end == widths.len() {
            needed -= widths[columns.end - 1].saturating_sub(NARROWEST_TEXT);
        }
        let is_one_line = place == 0 && lines.len() == 1;
        let indent = if is_one_line { 0 } else { INDENT };
        match lines.last_mut() {
            Some(line) if indent + needed + GAP + used <= width => {
                line.start = columns.start;
                used += needed + GAP;
            }
            _ => {
                used = needed;
                lines.push(columns);
            }
        }
    }
    lines.reverse();
    lines
}

/// The lines of a text. Names are not torn at their hyphens.
pub(super) fn wrap(text: &str, room: usize) -> Vec<Cow<'_, str>> {
    let options = Options::new(room).word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options)
}

/// One line of a row, within these columns of the terminal. The table's last column is wrapped in
/// its place.
fn line(row: &[String], columns: Range<usize>, widths: &[usize], place: Range<usize>) -> String {
    let mut line = " ".repeat(place.start);
    for column in columns {
        let cell = &row[column];
        if column + 1 < row.len() {
            line += cell;
            line += &" ".repeat(widths[column] - display_width(cell) + GAP);
            continue;
        }
        let before = display_width(&line);
        let room = place.end.saturating_sub(before).max(NARROWEST_TEXT);
        line += &wrap(cell, room).join(&format!("\n{}", " ".repeat(before)));
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPS: [&[&str]; 3] = [&["firing", "rule"], &["name", "outcome"], &["reason"]];

    fn rows() -> Vec<Vec<String>> {
        let row = |row: [&str; 5]| row.map(ToOwned::to_owned).to_vec();
        vec![
            row(["43", "night", "개발-배치", "stopped", ""]),
            row([
                "43",
                "night",
                "dev-gpu",
                "refused",
                "asked 3 times; the storage is in operation",
            ]),
            row(["4", "night", "dev-db", "skipped", "excepted"]),
        ]
    }

    #[test]
    fn a_table_with_room_has_one_line_a_row_and_its_columns_line_up() {
        let expected = "\
FIRING  RULE   NAME       OUTCOME  REASON
43      night  개발-배치  stopped
43      night  dev-gpu    refused  asked 3 times; the storage is in operation
4       night  dev-db     skipped  excepted
";
        assert_eq!(render(&GROUPS, &rows(), None), expected);
        assert_eq!(render(&GROUPS, &rows(), Some(77)), expected);
    }

    #[test]
    fn the_last_column_is_wrapped_in_its_place() {
        let expected = "\
FIRING  RULE   NAME       OUTCOME  REASON
43      night  개발-배치  stopped
43      night  dev-gpu    refused  asked 3 times; the
                                   storage is in operation
4       night  dev-db     skipped  excepted
";
        assert_eq!(render(&GROUPS, &rows(), Some(60)), expected);
    }

    #[test]
    fn a_row_too_long_is_folded_between_groups_and_does_not_repeat_itself() {
        let expected = "\
FIRING  RULE
    NAME       OUTCOME  REASON
43      night
    개발-배치  stopped
    dev-gpu    refused  asked 3 times; the storage
                        is in operation
4       night
    dev-db     skipped  excepted
";
        assert_eq!(render(&GROUPS, &rows(), Some(50)), expected);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in 28..120 {
            let text = render(&GROUPS, &rows(), Some(width));
            let widest = text.lines().map(display_width).max();
            assert!(widest <= Some(width.max(INDENT + NARROWEST_TEXT)), "{width}:\n{text}");
        }
    }
}
