//! The tables of a report for people, on a terminal or in a wiki.
//!
//! [`super::markdown`] and `cli` lay them out.

use std::collections::BTreeSet;

use crate::model::language::Language;
use crate::report::summary::{said, saved};
use crate::report::{
    Ends, Firings, InstanceReport, Nights, Report, RuleReport, Spent, counted, hours_text, money,
    number, paid,
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

pub(crate) fn rules(report: &Report, language: Language) -> Table {
    let [english, korean] = [
        [&["rule", "action"][..], &["due", "came true", "late", "missed"], &["besides"]],
        [&["규칙", "동작"][..], &["예정", "성공", "늦음", "놓침"], &["그 밖"]],
    ];
    Table {
        title: language.either(["Rules", "규칙"]),
        heads: language.either([english, korean]).map(<[_]>::to_vec).to_vec(),
        rows: report.rules.iter().map(|one| rule(one, language)).collect(),
        names: 2,
        spare: Vec::new(),
        rest: Vec::new(),
    }
}

fn rule(rule: &RuleReport, language: Language) -> Vec<String> {
    let Firings { due, came_true, late, missed, .. } = rule.firings;
    let mut cells = vec![rule.rule.clone(), rule.action.in_language(language).to_owned()];
    cells.extend([due, came_true, late, missed].map(number));
    let besides = said!(Firings: rule.firings, language =>
        fell_short, guarded, failed, overlapped, empty, dry_run, open, skipped, held, made_up,
        by_hand);
    cells.push(besides.join(", "));
    cells
}

pub(crate) fn instances(report: &Report, language: Language) -> Table {
    let accounts: BTreeSet<_> = report.instances.iter().map(|one| &one.account).collect();
    let is_of_many = accounts.len() > 1;
    let account = is_of_many.then(|| language.either(["account", "계정"]));
    let names = language.either([["server", "number"], ["서버", "번호"]]);
    let mut heads = vec![
        account.into_iter().chain(names).collect(),
        language
            .either([["nights off", "ran", "unknown"], ["꺼진 밤", "켜진 밤", "알 수 없음"]])
            .to_vec(),
        language
            .either([["hours off", "running", "unknown"], ["꺼진 시간", "켜진 시간", "알 수 없음"]])
            .to_vec(),
    ];
    heads.extend(report.currency.is_some().then(|| vec![language.either(["saved", "절약"])]));
    heads.push(vec![language.either(["besides", "그 밖"])]);
    let (meant, others): (Vec<_>, Vec<_>) = report.instances.iter().partition(|one| one.is_meant);
    let troubled = meant.iter().filter(|one| one.troubles() > 0).count();
    let shown = meant.len().min(troubled + QUIET);
    let quiet = &meant[shown..];
    let mut rest = Vec::new();
    rest.extend(together(quiet, ["without trouble", "문제없는"], language));
    rest.extend(together(
        &others,
        ["that no firing was about", "실행의 대상이 아니었던"],
        language,
    ));
    let names = heads[0].len();
    let row = |one: &&InstanceReport| {
        let account = is_of_many.then(|| one.account.to_string());
        account.into_iter().chain(instance(one, report, language)).collect()
    };
    let rows = meant[..shown].iter().map(row).collect();
    // The unknown and running hours, the unknown nights, the number.
    let spare = vec![names + 5, names + 4, names + 2, names - 1];
    Table { title: language.either(["Servers", "서버"]), heads, rows, names, spare, rest }
}

fn instance(one: &InstanceReport, report: &Report, language: Language) -> Vec<String> {
    let Nights { off, running, unknown } = one.nights;
    let Spent { off: hours_off, running: hours_running, unknown: hours_unknown, .. } = one.spent;
    let mut cells = vec![harmless(&one.name), one.no.to_string()];
    cells.extend([off, running, unknown].map(number));
    cells.extend([hours_off, hours_running, hours_unknown].map(hours_text));
    let currency = report.currency.as_ref();
    cells.extend(currency.map(|currency| saved(&one.saved, &one.spent, currency, language)));
    let besides =
        said!(Ends: one.ends, language => refused, timed_out, unknown, busy, held, left_alone);
    cells.push(besides.join(", "));
    cells
}

/// The servers without a row of their own.
fn together(
    instances: &[&InstanceReport],
    [english, korean]: [&str; 2],
    language: Language,
) -> Option<String> {
    let count = instances.len() as u64;
    let mut spent = Spent::default();
    for one in instances {
        spent += one.spent;
    }
    (count > 0).then(|| {
        let (off, running) = (hours_text(spent.off), hours_text(spent.running));
        language.either([
            format!(
                "{} more {english}: {off} server-hours off, {running} running",
                counted(count, "server")
            ),
            format!(
                "그 밖의 {korean} 서버 {}대: 꺼진 시간 {off}시간, 켜진 시간 {running}시간",
                number(count)
            ),
        ])
    })
}

pub(crate) fn weeks(report: &Report, language: Language) -> Table {
    let hours = language.either([
        ["hours off", "by lightsout", "running", "unknown"],
        ["꺼진 시간", "lightsout이 정지", "켜진 시간", "알 수 없음"],
    ]);
    let mut heads = vec![vec![language.either(["week from", "주 시작일"])], hours.to_vec()];
    heads.extend(report.currency.is_some().then(|| vec![language.either(["saved", "절약"])]));
    let week = |week: &crate::report::WeekReport| {
        let Spent { off, off_by_us, running, unknown } = week.spent;
        let mut cells = vec![report.week_name(week, language)];
        cells.extend([off, off_by_us, running, unknown].map(hours_text));
        let currency = report.currency.as_ref();
        cells.extend(currency.map(|it| saved(&week.saved, &week.spent, it, language)));
        cells
    };
    let rows = report.weeks.iter().map(week).collect();
    let title = language.either(["Weeks", "주"]);
    Table { title, heads, rows, names: 1, spare: Vec::new(), rest: Vec::new() }
}

/// The sums with their labels.
pub(crate) fn totals(report: &Report, language: Language) -> Vec<(&'static str, String)> {
    let total = &report.total;
    let [off, by_us, running, unknown] = {
        let Spent { off, off_by_us, running, unknown } = total.spent;
        [off, off_by_us, running, unknown].map(hours_text)
    };
    let (servers, meant) = (number(total.servers), number(total.meant));
    let [nights_off, ran, doubtful] = {
        let Nights { off, running, unknown } = total.nights;
        [off, running, unknown].map(number)
    };
    let mut totals = vec![
        (
            language.either(["servers", "서버"]),
            language.either([
                format!("{servers}, {meant} of them meant"),
                format!("{servers}대, 그중 규칙의 대상 {meant}대"),
            ]),
        ),
        (language.either(["stops", "정지"]), firings(&total.stops, language)),
        (language.either(["starts", "시작"]), firings(&total.starts, language)),
        (
            language.either(["nights", "밤"]),
            language.either([
                format!("{nights_off} off, {ran} running, {doubtful} unknown"),
                format!("꺼짐 {nights_off}건, 밤새 켜짐 {ran}건, 알 수 없음 {doubtful}건"),
            ]),
        ),
        (
            language.either(["hours", "시간"]),
            language.either([
                format!("{off} off ({by_us} by lightsout), {running} running, {unknown} unknown"),
                format!(
                    "꺼진 시간 {off}시간(그중 lightsout이 정지 {by_us}시간), 켜진 시간 {running}시간, \
                     알 수 없음 {unknown}시간"
                ),
            ]),
        ),
    ];
    totals.extend(report.currency.as_ref().map(|currency| {
        let by_us = money(total.saved.by_us, currency);
        let all = paid(total.saved.amount, currency, language);
        let saved = match total.unpriced {
            0 => language.either([
                format!("{all} ({by_us} by lightsout)"),
                format!("{all}(그중 lightsout {by_us})"),
            ]),
            more => language.either([
                format!("{all} ({by_us} by lightsout), unknown for {}", counted(more, "server")),
                format!("{all}(그중 lightsout {by_us}), 서버 {}대는 알 수 없음", number(more)),
            ]),
        };
        (language.either(["saved", "절약"]), saved)
    }));
    totals
}

fn firings(firings: &Firings, language: Language) -> String {
    let Firings { due, on_time, late, missed, came_true, .. } = *firings;
    let [due, on_time, late, missed, came_true] =
        [due, on_time, late, missed, came_true].map(number);
    language.either([
        format!(
            "{due} due: {on_time} on time, {late} late, {missed} missed; {came_true} came true"
        ),
        format!(
            "예정 {due}건: 제시각 {on_time}건, 늦음 {late}건, 놓침 {missed}건; 성공 {came_true}건"
        ),
    ])
}
