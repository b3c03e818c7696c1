//! A report as lines for programs: JSON Lines of four kinds, and CSV.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::super::listing::csv_cell;
use crate::report::{InstanceReport, Report, RuleReport, Saved, Spent, WeekReport, hours};
use crate::schedule::zone::Zone;

/// The heads of a line of CSV about an instance, and where its JSON has each.
const OF_INSTANCE: [(&str, &str); 31] = [
    ("account", "/account"),
    ("region", "/region"),
    ("instance_no", "/instance_no"),
    ("instance_name", "/instance_name"),
    ("product_code", "/product_code"),
    ("spec_code", "/spec_code"),
    ("server_type", "/server_type"),
    ("meant", "/meant"),
    ("stopped", "/outcomes/stopped"),
    ("started", "/outcomes/started"),
    ("already", "/outcomes/already"),
    ("dry_run", "/outcomes/dry_run"),
    ("refused", "/outcomes/refused"),
    ("timed_out", "/outcomes/timed_out"),
    ("unknown", "/outcomes/unknown"),
    ("held", "/outcomes/held"),
    ("left_alone", "/outcomes/left_alone"),
    ("busy", "/outcomes/busy"),
    ("unsettled", "/outcomes/unsettled"),
    ("nights_off", "/nights/off"),
    ("nights_running", "/nights/running"),
    ("nights_unknown", "/nights/unknown"),
    ("hours_running", "/hours/running"),
    ("hours_off", "/hours/off"),
    ("hours_off_by_us", "/hours/off_by_us"),
    ("hours_unknown", "/hours/unknown"),
    ("saved", "/saved"),
    ("saved_by_us", "/saved_by_us"),
    ("unpriced_hours", "/unpriced_hours"),
    ("currency", "/currency"),
    ("known", "/known"),
];

/// The same, about a rule.
const OF_RULE: [(&str, &str); 29] = [
    ("rule", "/rule"),
    ("action", "/action"),
    ("due", "/firings/due"),
    ("on_time", "/firings/on_time"),
    ("late", "/firings/late"),
    ("missed", "/firings/missed"),
    ("came_true", "/firings/came_true"),
    ("fell_short", "/firings/fell_short"),
    ("guarded", "/firings/guarded"),
    ("failed", "/firings/failed"),
    ("overlapped", "/firings/overlapped"),
    ("empty", "/firings/empty"),
    ("dry_run", "/firings/dry_run"),
    ("open", "/firings/open"),
    ("skipped", "/firings/skipped"),
    ("held", "/firings/held"),
    ("made_up", "/firings/made_up"),
    ("by_hand", "/firings/by_hand"),
    ("instances_stopped", "/outcomes/stopped"),
    ("instances_started", "/outcomes/started"),
    ("instances_already", "/outcomes/already"),
    ("instances_dry_run", "/outcomes/dry_run"),
    ("instances_refused", "/outcomes/refused"),
    ("instances_timed_out", "/outcomes/timed_out"),
    ("instances_unknown", "/outcomes/unknown"),
    ("instances_held", "/outcomes/held"),
    ("instances_left_alone", "/outcomes/left_alone"),
    ("instances_busy", "/outcomes/busy"),
    ("instances_unsettled", "/outcomes/unsettled"),
];

/// Every line: the total, rules, instances, weeks.
pub(super) fn all(report: &Report) -> Vec<Value> {
    let mut lines = vec![total(report)];
    lines.extend(report.rules.iter().map(rule));
    lines.extend(report.instances.iter().map(|one| instance(one, report)));
    lines.extend(report.weeks.iter().map(|one| week(one, report)));
    lines
}

/// CSV about each rule, or about each instance.
pub(super) fn csv(report: &Report, is_by_rule: bool) -> anyhow::Result<Vec<u8>> {
    let (heads, lines): (&[(&str, &str)], Vec<Value>) = if is_by_rule {
        (&OF_RULE, report.rules.iter().map(rule).collect())
    } else {
        (&OF_INSTANCE, report.instances.iter().map(|one| instance(one, report)).collect())
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(heads.iter().map(|(head, _)| head))?;
    for line in lines {
        let cell =
            |(_, place): &(&str, &str)| csv_cell(line.pointer(place).unwrap_or(&Value::Null));
        writer.write_record(heads.iter().map(cell))?;
    }
    Ok(writer.into_inner()?)
}

fn total(report: &Report) -> Value {
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
        "sentence": report.sentence(),
        "not_known": report.unknown,
    });
    add_sums(&mut line, &total.spent, &total.saved, report);
    line
}

fn rule(rule: &RuleReport) -> Value {
    json!({
        "kind": "rule",
        "rule": rule.rule,
        "action": rule.action,
        "firings": rule.firings,
        "outcomes": rule.ends,
    })
}

fn instance(one: &InstanceReport, report: &Report) -> Value {
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

fn week(week: &WeekReport, report: &Report) -> Value {
    let mut line = json!({ "kind": "week", "monday": week.monday });
    add_sums(&mut line, &week.spent, &week.saved, report);
    line
}

/// Hours and money; money is null where no part of it is known.
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
