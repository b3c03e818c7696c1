//! The flat lines of `status`, one for each thing, for CSV.

use schemars::JsonSchema;
use serde::Serialize;

use super::Standing;
use super::coming::ComingLine;
use super::nodes::NodeStatus;
use crate::audit::DaemonLife;

/// One thing, as a line of CSV.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct StatusLine {
    /// `last_night`, `tonight`, `this_month`, `daemon`, `node`, `account`, `calendar`, `looked`,
    /// `in_flight`, `held`, `owed`, `next`, `budget_start` or `disabled`.
    what: &'static str,
    /// The time that belongs to `what`: the start of the daemon or the firing; the last reading of
    /// an account, or the begin of its failure; the end of a hold; the due time of a deferred
    /// action or of the next firing; the day on which the rule was disabled.
    at: String,
    rule: Option<String>,
    firing: Option<i64>,
    account: Option<String>,
    region: Option<String>,
    instance_no: Option<String>,
    instance_name: Option<String>,
    pid: Option<i64>,
    version: Option<String>,
    file_path: Option<String>,
    file_sha256: Option<String>,
    because: Option<String>,
    action: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
}

/// One line for the daemon, and for each account, instance and firing.
pub(super) fn flat(standing: Standing) -> Vec<StatusLine> {
    let whats = ["last_night", "tonight", "this_month"];
    let verdict = whats.into_iter().zip(standing.verdict.told());
    let verdict = verdict.map(|(what, (_, _, sentence))| StatusLine {
        what,
        because: Some(sentence.to_string()),
        ..StatusLine::default()
    });
    let daemon = standing.daemon.into_iter().map(of_daemon);
    let accounts = standing.accounts.into_iter().map(|account| StatusLine {
        what: "account",
        at: account.unreadable_since.or(account.last_good_look).unwrap_or_default(),
        account: Some(account.account),
        because: account.reason,
        ..StatusLine::default()
    });
    let calendars = standing.calendars.into_iter().map(|calendar| StatusLine {
        what: "calendar",
        at: calendar.unreadable_since,
        because: Some(format!("{}: {}", calendar.calendar, calendar.reason)),
        ..StatusLine::default()
    });
    let looked = standing.looked.into_iter().map(|look| StatusLine {
        what: "looked",
        at: look.at,
        account: Some(look.account),
        ..StatusLine::default()
    });
    let in_flight = standing.in_flight.into_iter().map(|line| StatusLine {
        what: "in_flight",
        at: line.started_at,
        rule: Some(line.rule),
        firing: Some(line.firing),
        account: Some(line.account),
        region: line.region,
        instance_no: line.instance_no,
        instance_name: line.instance_name,
        ..StatusLine::default()
    });
    let holds = standing.holds.into_iter().map(|line| {
        let (rule, name) = match line.what {
            "rule" => (Some(line.subject), None),
            _ => (None, Some(line.subject)),
        };
        StatusLine {
            what: "held",
            at: line.until,
            rule,
            account: line.account,
            instance_no: line.instance_no,
            instance_name: name,
            because: line.why,
            ..StatusLine::default()
        }
    });
    let owed = standing.owed.into_iter().map(|owed| StatusLine {
        what: "owed",
        at: owed.due_at.unwrap_or_default(),
        rule: Some(owed.rule),
        firing: Some(owed.firing),
        account: Some(owed.account),
        instance_no: Some(owed.instance_no),
        instance_name: owed.instance_name,
        ..StatusLine::default()
    });
    let next = standing.next.into_iter().map(|upcoming| StatusLine {
        what: "next",
        at: upcoming.at,
        rule: Some(upcoming.rule),
        about: upcoming.about,
        action: Some(upcoming.action),
        ..StatusLine::default()
    });
    let starts = standing.coming.into_iter().filter_map(ComingLine::budget_start);
    let starts = starts.map(|(at, server)| StatusLine {
        what: "budget_start",
        at,
        instance_no: Some(server.instance_no),
        instance_name: Some(server.instance_name),
        action: Some("start"),
        ..StatusLine::default()
    });
    let disabled = standing.disabled.into_iter().map(|silenced| StatusLine {
        what: "disabled",
        at: silenced.since.unwrap_or_default(),
        rule: Some(silenced.rule),
        about: silenced.about,
        because: silenced.because,
        ..StatusLine::default()
    });
    let read = accounts.chain(calendars).chain(looked);
    let now = verdict
        .chain(daemon)
        .chain(standing.nodes.into_iter().map(of_node))
        .chain(read)
        .chain(in_flight);
    now.chain(holds).chain(owed).chain(next).chain(starts).chain(disabled).collect()
}

fn of_node(node: NodeStatus) -> StatusLine {
    StatusLine {
        what: "node",
        at: node.last_heard,
        version: Some(node.version),
        file_sha256: Some(node.file_sha256),
        because: Some(format!("{}: {}", node.node, node.standing.as_str())),
        ..StatusLine::default()
    }
}

fn of_daemon(daemon: DaemonLife) -> StatusLine {
    StatusLine {
        what: "daemon",
        at: daemon.since,
        pid: Some(daemon.pid),
        version: Some(daemon.version),
        file_path: daemon.file_path,
        file_sha256: daemon.file_sha256,
        ..StatusLine::default()
    }
}
