//! Prints listings: the same lines as a table, as JSON Lines or as CSV.
//!
//! [`super::table`] lays tables out.

use std::borrow::Borrow;

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;

use super::output::{self, Misuse};
use super::paint::Painted;
use super::table;
use crate::text::csv;

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
        short = 'o',
        long,
        alias = "output",
        value_enum,
        default_value_t = Format::Table,
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(super) format: Format,
}

/// A column of a table for people: its head, and its cell of a line.
pub(super) struct Column<'c, T> {
    head: &'static str,
    cell: Box<dyn Fn(&T) -> Painted + 'c>,
}

/// The columns of a table. Those of a group stay together on a line.
pub(super) type Columns<'c, T> = Vec<Vec<Column<'c, T>>>;

pub(super) fn column<'c, T>(head: &'static str, cell: impl Fn(&T) -> String + 'c) -> Column<'c, T> {
    painted(head, move |line| Painted::plain(&cell(line)))
}

/// A column whose texts may have colours.
pub(super) fn painted<'c, T>(
    head: &'static str,
    cell: impl Fn(&T) -> Painted + 'c,
) -> Column<'c, T> {
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
pub(super) fn print<T: Serialize + JsonSchema>(
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

/// Prints the sum of a listing: below its table; or as talk, so that data stays data.
pub(super) fn sum(sum: &str, format: Format) -> anyhow::Result<()> {
    match format {
        _ if sum.is_empty() => Ok(()),
        Format::Table => output::out(&format!("{sum}\n")),
        Format::Json | Format::Csv => {
            output::say(sum);
            Ok(())
        }
    }
}

/// A listing as the text of a table.
pub(super) fn as_table<T, L: Borrow<T>>(lines: &[L], columns: &Columns<'_, T>) -> String {
    as_table_within(lines, columns, table::width())
}

/// The same in this width.
pub(super) fn as_table_within<T, L: Borrow<T>>(
    lines: &[L],
    columns: &Columns<'_, T>,
    width: Option<usize>,
) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let heads: Vec<Vec<&str>> =
        columns.iter().map(|group| group.iter().map(|column| column.head).collect()).collect();
    let heads: Vec<&[&str]> = heads.iter().map(Vec::as_slice).collect();
    let cell = |line: &L, column: &Column<'_, T>| (column.cell)(line.borrow()).into_string();
    let row = |line| columns.iter().flatten().map(|column| cell(line, column)).collect();
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    table::render(&heads, &rows, width)
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
pub(super) fn csv<T: Serialize + JsonSchema>(lines: &[T]) -> anyhow::Result<()> {
    output::raw(&csv::text(lines)?).map(|_| ())
}

/// Begins CSV with the mark by which Excel knows UTF-8, where that is wanted.
pub(super) fn begin_for_excel(is_wanted: bool, is_csv: bool) -> anyhow::Result<()> {
    if !is_wanted {
        return Ok(());
    }
    if is_csv {
        return output::raw(csv::EXCEL_MARK.as_bytes()).map(|_| ());
    }
    let message = "`--excel` puts a mark before CSV, and this is not CSV".to_owned();
    Err(Misuse { message, hint: "`--format csv --excel`".to_owned() }.into())
}

/// The text of a cell whose value may be missing.
pub(super) fn or_empty(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}
