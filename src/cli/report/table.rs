//! Prints a report on a terminal: the sentence, rules, servers, weeks, sums.

use crate::cli::output::harmless;
use crate::cli::table;
use crate::report::Report;
use crate::report::text::{self, Table};

const WIDTH: usize = 100;

pub(super) fn text(report: &Report) -> String {
    let at = |at| report.zone.show(at).format("%F %H:%M%:z");
    let width = table::width();
    let mut parts = vec![
        format!("{} to {}", at(report.span.from), at(report.span.until)),
        table::wrap(&harmless(&report.sentence()), width.unwrap_or(WIDTH).min(WIDTH)).join("\n"),
    ];
    for table in [text::rules(report), text::instances(report), text::weeks(report)] {
        parts.extend(section(&table, width));
    }
    let totals = text::totals(report).into_iter();
    let totals: Vec<String> = totals.map(|(what, sum)| format!("  {what:<9}{sum}")).collect();
    parts.push(format!("In all\n{}", totals.join("\n")));
    if !report.unknown.is_empty() {
        let unknown: Vec<String> =
            report.unknown.iter().map(|line| format!("  {}", harmless(line))).collect();
        parts.push(format!("Not known\n{}", unknown.join("\n")));
    }
    parts.join("\n\n") + "\n"
}

/// A table with its heading; nothing when the table is empty.
fn section(table: &Table, width: Option<usize>) -> Option<String> {
    if table.rows.is_empty() && table.rest.is_empty() {
        return None;
    }
    let heads: Vec<&[&str]> = table.heads.iter().map(Vec::as_slice).collect();
    let mut text = format!("{}\n", table.title);
    if !table.rows.is_empty() {
        text += &table::render(&heads, &table.rows, width);
    }
    for line in &table.rest {
        text += line;
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    Some(text)
}
