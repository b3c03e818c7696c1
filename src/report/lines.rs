//! A report for programs: JSON lines of four kinds.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::{InstanceReport, Report, RuleReport, Saved, Spent, WeekReport, hours};
use crate::model::language::Language;
use crate::time::zone::Zone;

/// All lines: the total, rules, instances, weeks.
pub(crate) fn all(report: &Report) -> Vec<Value> {
    let mut lines = vec![total(report)];
    lines.extend(report.rules.iter().map(rule));
    lines.extend(report.instances.iter().map(|one| instance(one, report)));
    lines.extend(report.weeks.iter().map(|one| week(one, report)));
    lines
}

pub(crate) fn total(report: &Report) -> Value {
    let total = &report.total;
    let mut line = json!({
        "kind": "total",
        "since": rfc3339(report.span.from, report.zone),
        "until": rfc3339(report.span.until, report.zone),
        "servers": total.servers,
        "meant": total.meant,
        "stops": total.stops,
        "starts": total.starts,
        "outcomes": total.ends,
        "nights": total.nights,
        "unpriced_servers": total.unpriced,
        "sentence": report.sentence(Language::English),
        "not_known": report.gaps(Language::English),
    });
    add_sums(&mut line, &total.spent, &total.saved, report);
    line
}

pub(crate) fn rule(rule: &RuleReport) -> Value {
    json!({
        "kind": "rule",
        "rule": rule.rule,
        "action": rule.action,
        "firings": rule.firings,
        "outcomes": rule.ends,
    })
}

pub(crate) fn instance(one: &InstanceReport, report: &Report) -> Value {
    let mut line = json!({
        "kind": "instance",
        "account": one.account,
        "region": one.region,
        "instance_no": one.no,
        "instance_name": one.name,
        "product_code": one.product.product_code,
        "spec_code": one.product.spec_code,
        "server_type": one.product.server_type,
        "meant": one.is_meant,
        "outcomes": one.ends,
        "nights": one.nights,
    });
    add_sums(&mut line, &one.spent, &one.saved, report);
    line
}

pub(crate) fn week(week: &WeekReport, report: &Report) -> Value {
    let mut line = json!({ "kind": "week", "monday": week.monday });
    add_sums(&mut line, &week.spent, &week.saved, report);
    line
}

/// Hours and money; money is null when none of it is known.
#[derive(Serialize)]
struct Sums<'r> {
    hours: Hours,
    known: Option<f64>,
    currency: Option<&'r str>,
    saved: Option<f64>,
    saved_by_us: Option<f64>,
    unpriced_hours: f64,
}

#[derive(Serialize)]
struct Hours {
    running: f64,
    off: f64,
    off_by_us: f64,
    unknown: f64,
}

fn add_sums(line: &mut Value, spent: &Spent, saved: &Saved, report: &Report) {
    let is_known =
        report.currency.is_some() && (saved.unpriced < spent.off || spent.off == TimeDelta::zero());
    let sums = Sums {
        hours: Hours {
            running: thousandths(hours(spent.running)),
            off: thousandths(hours(spent.off)),
            off_by_us: thousandths(hours(spent.off_by_us)),
            unknown: thousandths(hours(spent.unknown)),
        },
        known: spent.known().map(thousandths),
        currency: report.currency.as_deref(),
        saved: is_known.then(|| saved.amount.units()),
        saved_by_us: is_known.then(|| saved.by_us.units()),
        unpriced_hours: thousandths(hours(saved.unpriced)),
    };
    if let (Value::Object(line), Ok(Value::Object(sums))) = (line, serde_json::to_value(sums)) {
        line.extend(sums);
    }
}

fn thousandths(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

fn rfc3339(at: DateTime<Utc>, zone: Zone) -> String {
    zone.show(at).to_rfc3339_opts(SecondsFormat::Millis, false)
}
