//! Prints listings: the same lines as a table, as JSON Lines or as CSV.
//!
//! [`super::table`] lays tables out.

use std::borrow::Borrow;

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::Value;

use super::{output, table};

/// Spreadsheets take these as the beginning of a formula, in both widths.
const BEGINS_A_FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// How a listing is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Columns that fit the terminal
    Table,
    /// JSON Lines: one object a line
    Json,
    /// Comma-separated, with a head line
    Csv,
}

/// Which form a listing takes.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Listing {
    /// Print as `table`, as `json` (one object a line) or as `csv` [default: table]
    #[arg(
        long,
        value_enum,
        default_value_t = Format::Table,
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(super) format: Format,
}

/// A line of a listing: a flat object.
pub(super) trait Line: Serialize {
    /// The names of its fields, in the order of serialisation.
    const KEYS: &'static [&'static str];
}

/// A column of a table for people: its head, and its cell of a line.
pub(super) struct Column<'c, T> {
    head: &'static str,
    cell: Box<dyn Fn(&T) -> String + 'c>,
}

/// The columns of a table. Those of a group stay together on a line.
pub(super) type Columns<'c, T> = Vec<Vec<Column<'c, T>>>;

pub(super) fn column<'c, T>(head: &'static str, cell: impl Fn(&T) -> String + 'c) -> Column<'c, T> {
    Column { head, cell: Box::new(cell) }
}

/// A column with a text that may be missing.
pub(super) fn optional<'c, T>(
    head: &'static str,
    text: impl Fn(&T) -> Option<&String> + 'c,
) -> Column<'c, T> {
    column(head, move |line| or_empty(text(line)))
}

/// Prints a listing to stdout. A table without lines is nothing at all.
pub(super) fn print<T: Line>(
    format: Format,
    lines: &[T],
    columns: &Columns<'_, T>,
) -> anyhow::Result<()> {
    match format {
        Format::Table => output::out(&as_table(lines, columns)),
        Format::Json => json(lines),
        Format::Csv => csv(lines),
    }
}

/// A listing as the text of a table.
pub(super) fn as_table<T, L: Borrow<T>>(lines: &[L], columns: &Columns<'_, T>) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let heads: Vec<Vec<&str>> =
        columns.iter().map(|group| group.iter().map(|column| column.head).collect()).collect();
    let heads: Vec<&[&str]> = heads.iter().map(Vec::as_slice).collect();
    let cell = |line: &L, column: &Column<'_, T>| output::harmless(&(column.cell)(line.borrow()));
    let row = |line| columns.iter().flatten().map(|column| cell(line, column)).collect();
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    table::render(&heads, &rows, table::width())
}

pub(super) fn json<T: Serialize>(lines: &[T]) -> anyhow::Result<()> {
    let mut text = String::new();
    for line in lines {
        text += &serde_json::to_string(line)?;
        text.push('\n');
    }
    output::out(&text)
}

/// Prints CSV, with its head line even when nothing follows.
pub(super) fn csv<T: Line>(lines: &[T]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(T::KEYS)?;
    for line in lines {
        let fields = serde_json::to_value(line)?;
        writer.write_record(T::KEYS.iter().map(|key| csv_cell(&fields[key])))?;
    }
    output::raw(&writer.into_inner()?).map(|_| ())
}

/// A cell that a spreadsheet may open safely. A text that looks like a formula gets a quote before
/// it, so that it stays a text (OWASP). Control characters are shown, as in a table.
pub(super) fn csv_cell(field: &Value) -> String {
    match field {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(BEGINS_A_FORMULA) => {
            format!("'{}", output::harmless(text))
        }
        Value::String(text) => output::harmless(text),
        other => other.to_string(),
    }
}

/// The text of a cell whose value may be missing.
pub(super) fn or_empty(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_of_csv_is_never_a_formula_and_otherwise_as_it_is() {
        for (field, cell) in [
            (Value::Null, ""),
            (Value::from(-1), "-1"),
            (Value::from(true), "true"),
            (Value::from("dev-a = 1"), "dev-a = 1"),
            (Value::from("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0"),
            (Value::from("+1"), "'+1"),
            (Value::from("-1"), "'-1"),
            (Value::from("@SUM(A1)"), "'@SUM(A1)"),
            (Value::from("\t=1"), "'\\t=1"),
            (Value::from("\r=1"), "'\\r=1"),
            (Value::from("dev\u{9b}2J"), "dev\\u{9b}2J"),
            (Value::from("\u{ff1d}1"), "'\u{ff1d}1"),
        ] {
            assert_eq!(csv_cell(&field), cell);
        }
    }
}
