//! The lines of `status` about what comes.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::agenda::{Coming, ComingFiring, ComingWhat, ComingWords, LastTime, NamedServer};
use crate::cli::local_time::Spoken;
use crate::model::instance::Action;
use crate::model::language::Language;
use crate::report::number;
use crate::schedule::beside;

/// One thing that comes within 24 hours.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "coming")]
pub(crate) struct ComingLine {
    at: String,
    /// A firing, a deferred action, a start before a limit of the stop budget, the end of a hold.
    #[schemars(extend("x-words" = ["firing", "deferred", "budget_start", "hold_end"]))]
    pub(super) kind: &'static str,
    rule: Option<String>,
    #[schemars(with = "Option<Action>")]
    action: Option<&'static str>,
    /// The further firings of the rule within the day that have no lines of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<usize>,
    /// Until when a hold keeps the rule back.
    held_until: Option<String>,
    /// The number of servers that the last firing of the rule meant.
    servers_last_time: Option<u64>,
    /// The servers that are certainly meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    servers: Vec<ServerLine>,
    /// The number of the hold that ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<i64>,
    #[serde(skip)]
    told: String,
    /// The firing, if it can be told with others of its instant.
    #[serde(skip)]
    plain: Option<Plain>,
}

/// A firing without anything to be said of it alone.
#[derive(Debug)]
struct Plain {
    at: DateTime<Utc>,
    action: Action,
    rule: String,
}

/// The most rules that are named in one line.
const MOST_TOGETHER: usize = 2;

/// A server by number and name.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "server_name")]
pub(super) struct ServerLine {
    pub(super) instance_no: String,
    pub(super) instance_name: String,
}

impl ComingLine {
    pub(super) fn of(coming: &Coming, spoken: Spoken) -> Self {
        let zone = spoken.zone;
        let time = |at: DateTime<Utc>| zone.show(at).to_rfc3339_opts(SecondsFormat::Secs, false);
        let words = ComingWords(Language::English);
        let mut line = Self {
            at: time(coming.at),
            kind: "firing",
            rule: None,
            action: None,
            more: None,
            held_until: None,
            servers_last_time: None,
            servers: Vec::new(),
            hold: None,
            told: String::new(),
            plain: None,
        };
        let what = match &coming.what {
            ComingWhat::Firing(firing) => {
                let rule = &firing.rule;
                line.at = rule.timezone.show(coming.at).to_rfc3339();
                line.rule = Some(rule.name.to_string());
                line.action = Some(rule.action.as_str());
                line.more = Some(firing.more).filter(|more| *more > 0);
                line.held_until = firing.held_until.map(time);
                line.servers_last_time = match firing.last_time {
                    LastTime::Meant { servers, .. } => Some(servers),
                    _ => None,
                };
                line.plain = Plain::of(coming.at, firing);
                let name = beside(rule.name.as_str(), rule.about.as_deref());
                let held =
                    firing.held_until.map(|until| format!("held until {}", spoken.at(until)));
                let dry_run = rule.dry_run.then(|| "dry run".to_owned());
                let last = [Some(words.last_of(firing)), words.more(firing), held, dry_run];
                let last: Vec<String> = last.into_iter().flatten().collect();
                format!("{} {name}, {}", rule.action, last.join(", "))
            }
            ComingWhat::Deferred { rule, action, servers } => {
                line.kind = "deferred";
                line.rule = Some(rule.clone());
                line.action = Some(action.as_str());
                line.servers = servers.iter().map(ServerLine::of).collect();
                format!("{rule} {}", words.deferred(*action, &words.names(servers)))
            }
            ComingWhat::BudgetStart(server) => {
                line.kind = "budget_start";
                line.action = Some("start");
                line.servers = vec![ServerLine::of(server)];
                format!("lightsout {}", words.budget_start(&server.name))
            }
            ComingWhat::HoldEnd(entry) => {
                line.kind = "hold_end";
                line.hold = Some(entry.id.into());
                words.hold_ends(&entry.hold.subject.to_string())
            }
        };
        let ahead = words.in_time(coming.at - spoken.now);
        line.told = format!("{}  {what}, {ahead}", spoken.at(coming.at));
        line
    }
}

impl ComingLine {
    /// The time and the server of a start before a limit of the stop budget.
    pub(super) fn budget_start(self) -> Option<(String, ServerLine)> {
        let server = self.servers.into_iter().next()?;
        (self.kind == "budget_start").then_some((self.at, server))
    }
}

impl Plain {
    fn of(at: DateTime<Utc>, firing: &ComingFiring) -> Option<Self> {
        let rule = &firing.rule;
        let is_plain = firing.more == 0 && firing.held_until.is_none() && !rule.dry_run;
        is_plain.then(|| Self { at, action: rule.action, rule: rule.name.to_string() })
    }
}

/// Each thing on a line of its own.
pub(super) fn each(coming: &[ComingLine]) -> Vec<String> {
    coming.iter().map(|line| line.told.clone()).collect()
}

/// Firings of one instant with the same action on one line, in the place of the first.
pub(super) fn together(coming: &[ComingLine], spoken: Spoken) -> Vec<String> {
    let mut groups: BTreeMap<(DateTime<Utc>, &str), Vec<&Plain>> = BTreeMap::new();
    for it in coming.iter().filter_map(|line| line.plain.as_ref()) {
        groups.entry((it.at, it.action.as_str())).or_default().push(it);
    }
    let told = |line: &ComingLine| {
        let Some(this) = &line.plain else { return Some(line.told.clone()) };
        let same = &groups[&(this.at, this.action.as_str())];
        match same.len() {
            1 => Some(line.told.clone()),
            _ if !std::ptr::eq(same[0], this) => None,
            count => {
                let rules = same.iter().take(MOST_TOGETHER).map(|it| it.rule.as_str());
                let (rules, more) = (rules.collect::<Vec<_>>().join(", "), count - MOST_TOGETHER);
                let more = if more == 0 {
                    String::new()
                } else {
                    format!(" and {} more", number(more as u64))
                };
                let ahead = ComingWords(Language::English).in_time(this.at - spoken.now);
                Some(format!("{}  {} {rules}{more}, {ahead}", spoken.at(this.at), this.action))
            }
        }
    };
    coming.iter().filter_map(told).collect()
}

impl ServerLine {
    fn of(server: &NamedServer) -> Self {
        Self { instance_no: server.no.to_string(), instance_name: server.name.clone() }
    }
}
