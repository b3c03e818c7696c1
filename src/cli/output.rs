//! Printing: listings as table, JSON Lines or CSV; warnings and failures on stderr.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::Exit;
use crate::audit::AuditError;
use crate::cloud::ncloud::ConnectError;
use crate::schedule::{Problem, ReadError};

/// How a listing is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// Columns that fit the terminal
    Table,
    /// JSON Lines: one object a line
    Json,
    /// Comma-separated, with a head line
    Csv,
}

/// Prints a listing to stdout. `columns` are the table's heads and how to fill them.
pub(super) fn listing<T: Serialize>(
    format: Format,
    lines: &[T],
    heads: &[&str],
    cells: impl Fn(&T) -> Vec<String>,
) -> anyhow::Result<()> {
    match format {
        Format::Table if lines.is_empty() => Ok(()),
        Format::Table => out(&format!("{}\n", table(lines, heads, cells))),
        Format::Json => {
            let lines: Result<Vec<_>, _> = lines.iter().map(serde_json::to_string).collect();
            let text: String = lines?.into_iter().map(|line| line + "\n").collect();
            out(&text)
        }
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(Vec::new());
            for line in lines {
                writer.serialize(line)?;
            }
            raw(&writer.into_inner()?).map(|_| ())
        }
    }
}

fn table<T>(lines: &[T], heads: &[&str], cells: impl Fn(&T) -> Vec<String>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if io::stdout().is_terminal()
        && let Some((width, _)) = terminal_size::terminal_size()
    {
        table.set_width(width.0);
    }
    table.set_header(heads.iter().map(|head| head.to_uppercase()));
    for line in lines {
        table.add_row(cells(line).iter().map(|cell| harmless(cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

/// A text from the cloud as it may be shown: control characters are made visible.
pub(super) fn harmless(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let shown: Vec<char> =
                if c.is_control() { c.escape_default().collect() } else { vec![c] };
            shown
        })
        .collect()
}

/// Prints text to stdout.
pub(super) fn out(text: &str) -> anyhow::Result<()> {
    match anstream::stdout().lock().write_all(text.as_bytes()) {
        // Whoever reads has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Prints bytes to stdout as they are.
pub(super) fn raw(bytes: &[u8]) -> anyhow::Result<Exit> {
    match io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Exit::Ok),
    }
}

/// Talks to the person: on stderr, so that stdout stays data.
pub(super) fn say(text: &str) {
    anstream::eprintln!("{text}");
}

/// Warns, with what to do next.
pub(super) fn warn(message: &str, hint: Option<&str>) {
    labelled("warning", AnsiColor::Yellow, message, hint);
}

/// Prints problems of schedules.toml.
pub(super) fn problems(problems: &[Problem]) {
    for problem in problems {
        anstream::eprintln!("{}\n", problem.render_styled());
    }
}

/// Prints a failure, with its causes and what to do next, and says how the process ends.
pub(super) fn failure(error: &anyhow::Error) -> Exit {
    let mut exit = Exit::Usage;
    let mut hint = None;
    for cause in error.chain() {
        if let Some(error) = cause.downcast_ref::<ReadError>() {
            if let ReadError::Invalid(found) = error {
                problems(found);
            }
            hint = error.hint().map(ToOwned::to_owned);
        } else if let Some(error) = cause.downcast_ref::<ConnectError>() {
            hint = Some(error.hint().to_owned());
        } else if let Some(error) = cause.downcast_ref::<AuditError>() {
            exit = Exit::AuditFailed;
            if matches!(error, AuditError::AnotherDaemon { .. }) {
                hint = Some("`lightsout status` shows what it does".to_owned());
            }
        }
    }
    labelled("error", AnsiColor::Red, &format!("{error:#}"), hint.as_deref());
    exit
}

fn labelled(label: &str, color: AnsiColor, message: &str, hint: Option<&str>) {
    let style = Style::new().bold().fg_color(Some(color.into()));
    let message = harmless(message);
    anstream::eprintln!("{style}{label}{style:#}: {message}");
    if let Some(hint) = hint {
        anstream::eprintln!("hint: {hint}");
    }
}

/// A line on the terminal that says what is being waited for, gone when it is over. Nothing in
/// a pipe.
pub(super) struct Progress(bool);

impl Progress {
    pub(super) fn start(what: &str) -> Self {
        let shown = io::stderr().is_terminal();
        if shown {
            anstream::eprint!("{what} …");
        }
        Self(shown)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.0 {
            anstream::eprint!("\r\x1b[2K");
        }
    }
}
