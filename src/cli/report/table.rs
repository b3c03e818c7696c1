//! Prints a report on a terminal: the sentence, rules, servers, weeks, sums.

use textwrap::core::display_width;

use crate::cli::output::harmless;
use crate::cli::table;
use crate::model::language::Language;
use crate::report::Report;
use crate::report::text::{self, Table};

const WIDTH: usize = 100;
const EN: Language = Language::English;

/// A report as text, and the heads of the columns that are left out for want of room.
pub(super) fn text(report: &Report) -> (String, Vec<&'static str>) {
    let at = |at| report.zone.show(at).format("%F %H:%M%:z");
    let width = table::width();
    let mut parts = vec![
        format!("{} to {}", at(report.span.from), at(report.span.until)),
        table::wrap(&harmless(&report.sentence(EN)), width.unwrap_or(WIDTH).min(WIDTH)).join("\n"),
    ];
    let mut left_out = Vec::new();
    for table in [text::rules(report, EN), text::instances(report, EN), text::weeks(report, EN)] {
        let columns = fitting(&table, width);
        let heads = table.heads.concat();
        left_out.extend((0..heads.len()).filter(|it| !columns.contains(it)).map(|it| heads[it]));
        parts.extend(section(&table, &columns, width));
    }
    let totals = text::totals(report, EN).into_iter();
    let totals: Vec<String> = totals.map(|(what, sum)| format!("  {what:<9}{sum}")).collect();
    parts.push(format!("In all\n{}", totals.join("\n")));
    if !report.unknown.is_empty() {
        let unknown: Vec<String> =
            report.gaps(EN).iter().map(|line| format!("  {}", harmless(line))).collect();
        parts.push(format!("Not known\n{}", unknown.join("\n")));
    }
    (parts.join("\n\n") + "\n", left_out)
}

/// The columns with which a row takes one line. All of them where that cannot be.
fn fitting(table: &Table, width: Option<usize>) -> Vec<usize> {
    let heads = table.heads.concat();
    let all: Vec<usize> = (0..heads.len()).collect();
    let Some(width) = width.filter(|_| !table.rows.is_empty()) else { return all };
    let wide = |column: &usize| {
        let cells = table.rows.iter().map(|row| row[*column].as_str());
        cells.chain([heads[*column]]).map(display_width).max().unwrap_or(0)
    };
    let mut kept = all.clone();
    let mut spare = table.spare.iter();
    while kept.iter().map(wide).sum::<usize>() + table::GAP * (kept.len() - 1) > width {
        let Some(column) = spare.next() else { break };
        kept.retain(|it| it != column);
    }
    kept
}

/// A table with its heading; nothing when the table is empty.
fn section(table: &Table, columns: &[usize], width: Option<usize>) -> Option<String> {
    if table.rows.is_empty() && table.rest.is_empty() {
        return None;
    }
    let mut places = 0..;
    let groups: Vec<Vec<&str>> = table
        .heads
        .iter()
        .map(|group| {
            let heads = group.iter().zip(places.by_ref());
            heads.filter(|(_, place)| columns.contains(place)).map(|(head, _)| *head).collect()
        })
        .filter(|group: &Vec<&str>| !group.is_empty())
        .collect();
    let groups: Vec<&[&str]> = groups.iter().map(Vec::as_slice).collect();
    let kept = |row: &Vec<String>| columns.iter().map(|it| row[*it].clone()).collect();
    let rows: Vec<Vec<String>> = table.rows.iter().map(kept).collect();
    let mut text = format!("{}\n", table.title);
    if !rows.is_empty() {
        text += &table::render(&groups, &rows, width);
    }
    for line in &table.rest {
        text += line;
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    Some(text)
}
