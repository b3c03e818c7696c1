//! The lines of `status` about what comes.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::agenda::{Coming, ComingWhat, ComingWords, NamedServer};
use crate::cli::local_time::Spoken;
use crate::model::language::Language;
use crate::schedule::beside;

/// One thing that comes. Times are RFC 3339.
#[derive(Debug, Serialize)]
pub(crate) struct ComingLine {
    at: String,
    /// `firing`, `deferred`, `budget_start` or `hold_end`.
    pub(super) kind: &'static str,
    rule: Option<String>,
    action: Option<&'static str>,
    /// The further firings of the rule within the day that have no lines of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<usize>,
    held_until: Option<String>,
    /// The servers that the last firing of the rule meant.
    servers_last_time: Option<u64>,
    /// The servers that are certainly meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    servers: Vec<ServerLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<i64>,
    #[serde(skip)]
    pub(super) told: String,
}

#[derive(Debug, Serialize)]
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
        };
        let what = match &coming.what {
            ComingWhat::Firing(firing) => {
                let rule = &firing.rule;
                line.at = rule.timezone.show(coming.at).to_rfc3339();
                line.rule = Some(rule.name.to_string());
                line.action = Some(rule.action.as_str());
                line.more = Some(firing.more).filter(|more| *more > 0);
                line.held_until = firing.held_until.map(time);
                line.servers_last_time = firing.last_time;
                let name = beside(rule.name.as_str(), rule.about.as_deref());
                let held =
                    firing.held_until.map(|until| format!("held until {}", spoken.at(until)));
                let dry_run = rule.dry_run.then(|| "dry run".to_owned());
                let last = [Some(words.last_of(firing)), words.more(firing), held, dry_run];
                let last: Vec<String> = last.into_iter().flatten().collect();
                format!("{name} ({}), {}", rule.action.as_str(), last.join(", "))
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
        line.told = format!("{} ({ahead})  {what}", spoken.at(coming.at));
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

impl ServerLine {
    fn of(server: &NamedServer) -> Self {
        Self { instance_no: server.no.to_string(), instance_name: server.name.clone() }
    }
}
