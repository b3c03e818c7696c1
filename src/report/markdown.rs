//! A report for a wiki or a chat: Markdown tables whose columns line up in plain text, too.
//!
//! [`super::text`] makes the tables.

use textwrap::core::display_width;

use super::text::{self, Table};
use crate::model::language::Language;
use crate::report::Report;
use crate::text::sanitize::harmless;

/// The columns of names. People choose names, so their cells may contain Markdown.
const NAMES: [&str; 6] = ["account", "rule", "server", "계정", "규칙", "서버"];
/// The columns of remarks.
const REMARKS: [&str; 2] = ["besides", "그 밖"];

pub(crate) fn text(report: &Report, language: Language) -> String {
    let at = |at| report.zone.show(at).format("%F %H:%M%:z");
    let (from, until) = (at(report.span.from), at(report.span.until));
    let title = language
        .either([format!("# Report of {from} to {until}"), format!("# 보고서: {from} ~ {until}")]);
    let mut parts = vec![title, format!("**{}**", harmless(&report.sentence(language)))];
    for table in [text::rules, text::instances, text::weeks] {
        parts.extend(section(&table(report, language)));
    }
    let totals = text::totals(report, language).into_iter();
    let totals: Vec<String> = totals.map(|(what, sum)| format!("- {what}: {sum}")).collect();
    let in_all = language.either(["In all", "합계"]);
    parts.push(format!("## {in_all}\n\n{}", totals.join("\n")));
    if !report.unknown.is_empty() {
        let gaps = report.gaps(language);
        let unknown: Vec<String> =
            gaps.iter().map(|line| format!("- {}", harmless(line))).collect();
        let not_known = language.either(["Not known", "알 수 없는 것"]);
        parts.push(format!("## {not_known}\n\n{}", unknown.join("\n")));
    }
    parts.join("\n\n") + "\n"
}

/// A table with its heading; nothing when the table is empty.
fn section(table: &Table) -> Option<String> {
    if table.rows.is_empty() && table.rest.is_empty() {
        return None;
    }
    let mut parts = vec![format!("## {}", table.title)];
    parts.extend((!table.rows.is_empty()).then(|| pipes(table)));
    parts.extend(table.rest.clone());
    Some(parts.join("\n\n"))
}

/// The table with aligned columns: names to the left, numbers to the right.
fn pipes(table: &Table) -> String {
    let heads = table.heads.concat();
    let is_number = |column: usize| column >= table.names && !REMARKS.contains(&heads[column]);
    let head: Vec<String> = heads.iter().map(ToString::to_string).collect();
    let cell = |(column, text): (usize, &String)| {
        if NAMES.contains(&heads[column]) { code(text) } else { text.clone() }
    };
    let rows = table.rows.iter().map(|row| row.iter().enumerate().map(cell).collect());
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
    let widest = |column: usize| rows.iter().map(|row| display_width(&row[column])).max();
    let widths: Vec<usize> =
        (0..heads.len()).map(|column| widest(column).unwrap_or(0).max(3)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(column, text)| {
            let pad = " ".repeat(widths[column] - display_width(text));
            if is_number(column) { format!("{pad}{text}") } else { format!("{text}{pad}") }
        });
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let rules = widths.iter().enumerate().map(|(column, width)| {
        let (dashes, end) = ("-".repeat(width - 1), if is_number(column) { ":" } else { "-" });
        dashes + end
    });
    let rules = format!("| {} |", rules.collect::<Vec<_>>().join(" | "));
    let mut lines = vec![line(&rows[0]), rules];
    lines.extend(rows[1..].iter().map(line));
    lines.join("\n")
}

/// A name as code, so that no Markdown in it is obeyed.
fn code(name: &str) -> String {
    let runs = name.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0) + 1);
    let space = if name.starts_with('`') || name.ends_with('`') { " " } else { "" };
    match name {
        "" => String::new(),
        name => format!("{fence}{space}{}{space}{fence}", name.replace('|', "\\|")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_a_name_whatever_is_in_it() {
        for (name, written) in [
            ("dev-a", "`dev-a`"),
            ("개발 *1*", "`개발 *1*`"),
            ("a|b", "`a\\|b`"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            ("", ""),
        ] {
            assert_eq!(code(name), written);
        }
    }

    #[test]
    fn columns_line_up_with_korean_names_too() {
        let row = |cells: [&str; 3]| cells.map(ToOwned::to_owned).to_vec();
        let table = Table {
            title: "Servers",
            heads: vec![vec!["server"], vec!["nights"], vec!["besides"]],
            rows: vec![row(["개발-배치", "12", "1 refused"]), row(["dev-a", "1", ""])],
            names: 1,
            spare: Vec::new(),
            rest: Vec::new(),
        };
        assert_eq!(
            pipes(&table),
            "| server      | nights | besides   |\n\
             | ----------- | -----: | --------- |\n\
             | `개발-배치` |     12 | 1 refused |\n\
             | `dev-a`     |      1 |           |"
        );
    }
}
