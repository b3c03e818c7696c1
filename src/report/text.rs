//! The tables of a report for people, on a terminal or in a wiki.
//!
//! [`super::markdown`] and `cli` lay them out.

use std::collections::BTreeSet;

use crate::report::summary::{said, saved};
use crate::report::{
    Ends, Firings, InstanceReport, Nights, Report, RuleReport, Spent, counted, hours_text, money,
    number,
};
use crate::text::sanitize::harmless;

/// The most servers without trouble that have a row each.
const QUIET: usize = 20;

/// A table: rows, and heads in groups that stay together on a line.
pub(crate) struct Table {
    pub(crate) title: &'static str,
    pub(crate) heads: Vec<Vec<&'static str>>,
    pub(crate) rows: Vec<Vec<String>>,
    /// The number of name columns at the left. Columns between them and the last hold numbers.
    pub(crate) names: usize,
    /// The columns that a narrow terminal can do without, the first of them first.
    pub(crate) spare: Vec<usize>,
    /// Remarks about things outside the table.
    pub(crate) rest: Vec<String>,
}

pub(crate) fn rules(report: &Report) -> Table {
    Table {
        title: "Rules",
        heads: vec![
            vec!["rule", "action"],
            vec!["due", "came true", "late", "missed"],
            vec!["besides"],
        ],
        rows: report.rules.iter().map(rule).collect(),
        names: 2,
        spare: Vec::new(),
        rest: Vec::new(),
    }
}

fn rule(rule: &RuleReport) -> Vec<String> {
    let Firings { due, came_true, late, missed, .. } = rule.firings;
    let mut cells = vec![rule.rule.clone(), rule.action.to_string()];
    cells.extend([due, came_true, late, missed].map(number));
    let besides = said!(Firings: rule.firings =>
        fell_short, guarded, failed, overlapped, empty, dry_run, open, skipped, held, made_up,
        by_hand);
    cells.push(besides.join(", "));
    cells
}

pub(crate) fn instances(report: &Report) -> Table {
    let accounts: BTreeSet<_> = report.instances.iter().map(|one| &one.account).collect();
    let is_of_many = accounts.len() > 1;
    let mut heads = vec![
        if is_of_many { vec!["account", "server", "number"] } else { vec!["server", "number"] },
        vec!["nights off", "ran", "unknown"],
        vec!["hours off", "running", "unknown"],
    ];
    heads.extend(report.currency.is_some().then(|| vec!["saved"]));
    heads.push(vec!["besides"]);
    let (meant, others): (Vec<_>, Vec<_>) = report.instances.iter().partition(|one| one.is_meant);
    let troubled = meant.iter().filter(|one| one.troubles() > 0).count();
    let shown = meant.len().min(troubled + QUIET);
    let quiet = &meant[shown..];
    let mut rest = Vec::new();
    rest.extend(together(quiet, "without trouble"));
    rest.extend(together(&others, "that no firing was about"));
    let names = heads[0].len();
    let row = |one: &&InstanceReport| {
        let account = is_of_many.then(|| one.account.to_string());
        account.into_iter().chain(instance(one, report)).collect()
    };
    let rows = meant[..shown].iter().map(row).collect();
    // The unknown and running hours, the unknown nights, the number.
    let spare = vec![names + 5, names + 4, names + 2, names - 1];
    Table { title: "Servers", heads, rows, names, spare, rest }
}

fn instance(one: &InstanceReport, report: &Report) -> Vec<String> {
    let Nights { off, running, unknown } = one.nights;
    let Spent { off: hours_off, running: hours_running, unknown: hours_unknown, .. } = one.spent;
    let mut cells = vec![harmless(&one.name), one.no.to_string()];
    cells.extend([off, running, unknown].map(number));
    cells.extend([hours_off, hours_running, hours_unknown].map(hours_text));
    cells.extend(report.currency.as_ref().map(|currency| saved(&one.saved, &one.spent, currency)));
    let besides = said!(Ends: one.ends => refused, timed_out, unknown, busy, held, left_alone);
    cells.push(besides.join(", "));
    cells
}

/// The servers without a row of their own.
fn together(instances: &[&InstanceReport], which: &str) -> Option<String> {
    let count = instances.len() as u64;
    let mut spent = Spent::default();
    for one in instances {
        spent += one.spent;
    }
    (count > 0).then(|| {
        let (off, running) = (hours_text(spent.off), hours_text(spent.running));
        format!(
            "{} more {which}: {off} server-hours off, {running} running",
            counted(count, "server")
        )
    })
}

pub(crate) fn weeks(report: &Report) -> Table {
    let mut heads =
        vec![vec!["week from"], vec!["hours off", "by lightsout", "running", "unknown"]];
    heads.extend(report.currency.is_some().then(|| vec!["saved"]));
    let week = |week: &crate::report::WeekReport| {
        let Spent { off, off_by_us, running, unknown } = week.spent;
        let mut cells = vec![report.week_name(week)];
        cells.extend([off, off_by_us, running, unknown].map(hours_text));
        cells.extend(report.currency.as_ref().map(|it| saved(&week.saved, &week.spent, it)));
        cells
    };
    let rows = report.weeks.iter().map(week).collect();
    Table { title: "Weeks", heads, rows, names: 1, spare: Vec::new(), rest: Vec::new() }
}

/// The sums with their labels.
pub(crate) fn totals(report: &Report) -> Vec<(&'static str, String)> {
    let total = &report.total;
    let Spent { off, off_by_us, running, unknown } = total.spent;
    let Nights { off: nights_off, running: ran, unknown: doubtful } = total.nights;
    let mut totals = vec![
        ("servers", format!("{}, {} of them meant", number(total.servers), number(total.meant))),
        ("stops", firings(&total.stops)),
        ("starts", firings(&total.starts)),
        (
            "nights",
            format!(
                "{} off, {} running, {} unknown",
                number(nights_off),
                number(ran),
                number(doubtful)
            ),
        ),
        (
            "hours",
            format!(
                "{} off ({} by lightsout), {} running, {} unknown",
                hours_text(off),
                hours_text(off_by_us),
                hours_text(running),
                hours_text(unknown),
            ),
        ),
    ];
    totals.extend(report.currency.as_ref().map(|currency| {
        let (all, by_us) =
            (money(total.saved.amount, currency), money(total.saved.by_us, currency));
        let unpriced = match total.unpriced {
            0 => String::new(),
            more => format!(", unknown for {}", counted(more, "server")),
        };
        ("saved", format!("{all} {currency} ({by_us} by lightsout){unpriced}"))
    }));
    totals
}

fn firings(firings: &Firings) -> String {
    let Firings { due, on_time, late, missed, came_true, .. } = *firings;
    format!(
        "{} due: {} on time, {} late, {} missed; {} came true",
        number(due),
        number(on_time),
        number(late),
        number(missed),
        number(came_true),
    )
}
