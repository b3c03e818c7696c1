//! A report for programs: JSON lines of four kinds.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Ends, Firings, InstanceReport, Nights, Report, RuleReport, Saved, Spent, WeekReport, hours,
};
use crate::model::instance::{AccountName, Action, InstanceNo, Product};
use crate::model::language::Language;
use crate::time::zone::Zone;

/// A line of a report: its sums, a rule, a server or a week.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Line {
    Total(Box<TotalLine>),
    Rule(RuleLine),
    Instance(Box<InstanceLine>),
    Week(WeekLine),
}

/// The sums of the whole period. Times are in the file's zone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "total")]
pub(crate) struct TotalLine {
    #[schemars(extend("const" = "total"))]
    kind: &'static str,
    since: String,
    until: String,
    /// The servers that were seen or meant.
    servers: u64,
    /// The servers that a firing was about.
    meant: u64,
    /// The firings of stops.
    stops: Firings,
    /// The firings of starts.
    starts: Firings,
    /// The outcomes of servers in all these firings.
    outcomes: Ends,
    /// The nights of servers that should be off.
    nights: Nights,
    /// The servers that were off and have no price; their savings are missing.
    unpriced_servers: u64,
    /// The sum that matters, in one sentence.
    sentence: String,
    /// What the log does not know of the period, in words.
    not_known: Vec<String>,
    #[serde(flatten)]
    sums: Sums,
}

/// The sums of one rule, or of half of a window.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "rule_sums")]
pub(crate) struct RuleLine {
    #[schemars(extend("const" = "rule"))]
    kind: &'static str,
    rule: String,
    action: Action,
    /// Its firings.
    firings: Firings,
    /// The outcomes of servers in its firings.
    outcomes: Ends,
}

/// The sums of one server.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "server_sums")]
pub(crate) struct InstanceLine {
    #[schemars(extend("const" = "instance"))]
    kind: &'static str,
    account: AccountName,
    region: String,
    instance_no: InstanceNo,
    /// The last name that was seen; empty when the log has lost it.
    instance_name: String,
    /// `serverProductCode`, the key of price lists.
    product_code: Option<String>,
    /// `serverSpecCode`, of VPC alone.
    spec_code: Option<String>,
    /// The code of `serverInstanceType`.
    server_type: Option<String>,
    /// Whether a firing was about it.
    meant: bool,
    /// Its outcomes in firings.
    outcomes: Ends,
    /// Its nights in which it should be off.
    nights: Nights,
    #[serde(flatten)]
    sums: Sums,
}

/// The sums of one week, as far as it lies in the period.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "week_sums")]
pub(crate) struct WeekLine {
    #[schemars(extend("const" = "week"))]
    kind: &'static str,
    /// The first day of the week.
    monday: NaiveDate,
    #[serde(flatten)]
    sums: Sums,
}

/// Hours and money.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Sums {
    /// How long servers ran and were off.
    hours: Hours,
    /// The known share of the hours, from 0 to 1; null where there is no hour.
    known: Option<f64>,
    /// The unit of money; null without `[prices]`.
    currency: Option<String>,
    /// The money saved while servers were off; null where no price is known.
    saved: Option<f64>,
    /// The part of it that lightsout saved.
    saved_by_us: Option<f64>,
    /// The hours off at an unknown price.
    unpriced_hours: f64,
}

/// Server-hours.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "hours")]
struct Hours {
    /// Seen running.
    running: f64,
    /// Seen off.
    off: f64,
    /// The part of `off` that began with a stop of lightsout.
    off_by_us: f64,
    /// Nobody saw the state.
    unknown: f64,
}

/// All lines: the total, rules, instances, weeks.
pub(crate) fn all(report: &Report) -> Vec<Line> {
    let rules = report.rules.iter().map(|one| Line::Rule(rule(one)));
    let instances = report.instances.iter().map(|one| Line::Instance(instance(one, report).into()));
    let weeks = report.weeks.iter().map(|one| Line::Week(week(one, report)));
    let total = Line::Total(total(report).into());
    std::iter::once(total).chain(rules).chain(instances).chain(weeks).collect()
}

pub(crate) fn total(report: &Report) -> TotalLine {
    let total = &report.total;
    TotalLine {
        kind: "total",
        since: rfc3339(report.span.from, report.zone),
        until: rfc3339(report.span.until, report.zone),
        servers: total.servers,
        meant: total.meant,
        stops: total.stops,
        starts: total.starts,
        outcomes: total.ends,
        nights: total.nights,
        unpriced_servers: total.unpriced,
        sentence: report.sentence(Language::English),
        not_known: report.gaps(Language::English),
        sums: Sums::of(&total.spent, &total.saved, report),
    }
}

pub(crate) fn rule(rule: &RuleReport) -> RuleLine {
    RuleLine {
        kind: "rule",
        rule: rule.rule.clone(),
        action: rule.action,
        firings: rule.firings,
        outcomes: rule.ends,
    }
}

pub(crate) fn instance(one: &InstanceReport, report: &Report) -> InstanceLine {
    let Product { product_code, spec_code, server_type } = one.product.clone();
    InstanceLine {
        kind: "instance",
        account: one.account.clone(),
        region: one.region.clone(),
        instance_no: one.no.clone(),
        instance_name: one.name.clone(),
        product_code,
        spec_code,
        server_type,
        meant: one.is_meant,
        outcomes: one.ends,
        nights: one.nights,
        sums: Sums::of(&one.spent, &one.saved, report),
    }
}

pub(crate) fn week(week: &WeekReport, report: &Report) -> WeekLine {
    let sums = Sums::of(&week.spent, &week.saved, report);
    WeekLine { kind: "week", monday: week.monday, sums }
}

impl Sums {
    /// Money is null when none of it is known.
    fn of(spent: &Spent, saved: &Saved, report: &Report) -> Self {
        let is_known = report.currency.is_some()
            && (saved.unpriced < spent.off || spent.off == TimeDelta::zero());
        Self {
            hours: Hours {
                running: thousandths(hours(spent.running)),
                off: thousandths(hours(spent.off)),
                off_by_us: thousandths(hours(spent.off_by_us)),
                unknown: thousandths(hours(spent.unknown)),
            },
            known: spent.known().map(thousandths),
            currency: report.currency.clone(),
            saved: is_known.then(|| saved.amount.units()),
            saved_by_us: is_known.then(|| saved.by_us.units()),
            unpriced_hours: thousandths(hours(saved.unpriced)),
        }
    }
}

fn thousandths(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

fn rfc3339(at: DateTime<Utc>, zone: Zone) -> String {
    zone.show(at).to_rfc3339_opts(SecondsFormat::Millis, false)
}
