//! Holds the log against the cloud's own ledger, and its firings against the rules.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use lightsout::cloud::rehearsal::{Record, RehearsalCloud};
use lightsout::model::instance::InstanceNo;
use lightsout::schedule::Schedules;

use super::log::{FiringRow, OutcomeRow, RequestRow};

/// What is asked, and of whom.
type Key = (String, Vec<String>);

/// What took effect: on whom, by which firing.
#[derive(Debug, Default)]
pub(crate) struct Effects(HashSet<(i64, String)>);

/// Finds the row of each request that the cloud saw. Each must have exactly one, written before
/// it arrived, whose answer is what the cloud says it answered.
pub(crate) fn requests(
    rows: &[RequestRow],
    records: &[Record],
    problems: &mut Vec<String>,
) -> anyhow::Result<Effects> {
    let mut by_key: BTreeMap<Key, Vec<&RequestRow>> = BTreeMap::new();
    let mut last_of: HashMap<String, &RequestRow> = HashMap::new();
    for row in rows {
        let key = row.key()?;
        for no in &key.1 {
            if let Some(last) = last_of.insert(no.clone(), row)
                && last.answered_at.is_some_and(|at| at > row.asked_at)
            {
                problems.push(format!("{no} was asked by {row:?} while {last:?} was open"));
            }
        }
        by_key.entry(key).or_default().push(row);
    }
    let mut effects = Effects::default();
    let mut sent = HashSet::new();
    let mut done: HashMap<&InstanceNo, &Record> = HashMap::new();
    for record in records {
        let Some(action) = record.action.strip_suffix("ServerInstances") else { continue };
        let mut numbers: Vec<String> = record.instances.iter().map(ToString::to_string).collect();
        numbers.sort();
        let at = record.at.timestamp_millis();
        let asks = by_key.get(&(action.to_owned(), numbers)).into_iter().flatten();
        let open = asks.filter(|row| {
            row.asked_at <= at && row.answered_at.is_none_or(|answered_at| at <= answered_at)
        });
        // A dead process leaves its last request without an answer: the latest is meant.
        let Some(row) = open.max_by_key(|row| row.seq) else {
            problems.push(format!("there is no row of {record:?}"));
            continue;
        };
        if !sent.insert(row.seq) {
            problems.push(format!("{row:?} was sent again: {record:?}"));
        }
        if let Some(problem) = contradiction(row, record) {
            problems.push(format!("{problem}: {row:?}, {record:?}"));
        }
        let before = record.instances.iter().find_map(|no| done.get(no));
        if let Some(before) = before.filter(|before| before.action == record.action) {
            problems.push(format!("done before by {before:?}: {row:?}, {record:?}"));
        }
        done.extend(record.effects.iter().map(|no| (no, record)));
        effects.0.extend(record.effects.iter().map(|no| (row.firing, no.to_string())));
    }
    for row in rows.iter().filter(|row| !sent.contains(&row.seq)) {
        if !matches!(row.result.as_deref(), None | Some("not_sent" | "unanswered")) {
            problems.push(format!("the cloud never saw {row:?}"));
        }
    }
    Ok(effects)
}

/// Where a row says something else than the cloud does.
fn contradiction(row: &RequestRow, record: &Record) -> Option<&'static str> {
    let done = record.effects.len();
    let differs = match row.result.as_deref() {
        Some("accepted") => done != record.instances.len(),
        Some("refused") => done == record.instances.len(),
        Some("throttled" | "denied" | "not_sent") => done > 0,
        _ => false,
    };
    if differs {
        return Some("the answer and its effect differ");
    }
    if row.result.as_deref() == Some("not_sent") {
        return Some("what was not sent arrived");
    }
    let status = record.http_status.map(i64::from);
    if row.http_status.is_some() && row.http_status != status {
        return Some("the status differs");
    }
    if row.request_id.is_some() && row.request_id != record.request_id {
        return Some("the request id differs");
    }
    None
}

/// Holds what was said of instances against what took effect, and against how servers are now
/// that nothing is open.
pub(crate) fn outcomes(
    rows: &[OutcomeRow],
    effects: &Effects,
    cloud: &RehearsalCloud,
    problems: &mut Vec<String>,
) -> anyhow::Result<()> {
    let mut last_words: BTreeMap<&str, &OutcomeRow> = BTreeMap::new();
    for row in rows {
        let had_effect = effects.0.contains(&(row.firing, row.instance_no.clone()));
        let goal = if row.action == "stop" { "NSTOP" } else { "RUN" };
        let is_true = match row.outcome.as_str() {
            "stopped" | "started" => had_effect && row.status_after.as_deref() == Some(goal),
            "already" => !had_effect && row.status_after.as_deref() == Some(goal),
            "skipped" if !had_effect => true,
            // A server that failed on the way was asked; that is the reason it was left.
            "skipped" => row.reason.as_deref().is_some_and(|reason| reason.contains("_FL")),
            "dry_run" | "refused" => !had_effect,
            "timed_out" => had_effect,
            _ => true,
        };
        if !is_true {
            problems.push(format!("the cloud says otherwise (effect: {had_effect}): {row:?}"));
        }
        if had_effect || matches!(row.outcome.as_str(), "stopped" | "started" | "already") {
            last_words.insert(&row.instance_no, row);
        }
    }
    for (no, row) in last_words {
        let is_final = matches!(row.outcome.as_str(), "stopped" | "started" | "already");
        let status = cloud.server(&InstanceNo::new(no)?).map(|server| server.status.to_string());
        if is_final && status != row.status_after {
            problems.push(format!("the server is in {status:?} now: {row:?}"));
        }
    }
    Ok(())
}

/// Every instant at which a rule falls due, in order.
pub(crate) fn occurrences(
    schedules: &Schedules,
    begin: DateTime<Utc>,
    end: DateTime<Utc>,
) -> BTreeSet<(DateTime<Utc>, String)> {
    let enabled = schedules.rules.iter().filter(|rule| rule.enabled);
    let of_rule = enabled.flat_map(|rule| {
        let occurrences = rule.occurrences(begin);
        let within = occurrences.take_while(move |occurrence| occurrence.at <= end);
        within.map(|occurrence| (occurrence.at, rule.name.to_string()))
    });
    of_rule.collect()
}

/// Each of them must be in the log once, ended or missed with a reason, and nothing else.
pub(crate) fn firings(
    rows: &[FiringRow],
    expected: &BTreeSet<(DateTime<Utc>, String)>,
    problems: &mut Vec<String>,
) {
    let mut seen = HashSet::new();
    for row in rows {
        let (rule, at) = row.is_for();
        let is_expected = at.is_some_and(|at| expected.contains(&(at, rule.clone())));
        if !is_expected || !seen.insert((rule, at)) {
            problems.push(format!("firing {} is one too many: {row:?}", row.seq));
        }
        let is_told = match row.take {
            0 => row.outcome.as_deref() == Some("missed") && row.reason.is_some(),
            _ => row.has_ended && row.words > 0 && row.forgotten == 0,
        };
        if !is_told {
            problems.push(format!("what became of firing {} is not told: {row:?}", row.seq));
        }
    }
    for (at, rule) in expected {
        if !seen.contains(&(rule.clone(), Some(*at))) {
            problems.push(format!("the firing of {rule} at {at} is lost"));
        }
    }
}
