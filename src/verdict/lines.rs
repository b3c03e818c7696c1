//! The verdict for programs: the value of `verdict` in JSON.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::tonight::Hindrance;
use super::{ComingStop, Mark, NightResult, Tonight, Verdict, Words};
use crate::model::language::Language;
use crate::model::period::Period;
use crate::report::hours;
use crate::time::zone::Zone;

/// The three lines as one object. Times are RFC 3339 in `zone`; sentences are English.
pub(crate) fn all(verdict: &Verdict, zone: Zone) -> Value {
    let words = Words(Language::English);
    let Verdict { last_night, rest, tonight, month } = verdict;
    let mut of_last_night = night(last_night, zone, &words.of_last_night(verdict, zone));
    of_last_night["coming"] = coming(rest, zone);
    let saved = month.as_ref().and_then(|month| month.saved.as_ref());
    json!({
        "last_night": of_last_night,
        "tonight": of_tonight(tonight, zone, &words.of_tonight(tonight, zone)),
        "month": month.as_ref().map(|it| json!({
            "since": rfc3339(it.span.from, zone),
            "until": rfc3339(it.span.until, zone),
            "off_hours": hours(it.off),
            "saved": saved.map(|saved| saved.amount.units()),
            "saved_is_least": saved.map(|saved| saved.is_least),
            "currency": saved.map(|saved| &saved.currency),
            "unpriced_servers": it.unpriced,
            "sentence": words.month(Some(it)),
        })),
    })
}

fn night(night: &NightResult, zone: Zone, sentence: &str) -> Value {
    let Period { from, until } = night.night;
    json!({
        "mark": night.mark(),
        "since": rfc3339(from, zone),
        "until": rfc3339(until, zone),
        "stops": night.stops,
        "servers": night.servers,
        "off": night.off,
        "waiting": night.waiting,
        "trouble": night.troubled,
        "failed_firings": night.failed,
        "sentence": sentence,
    })
}

fn of_tonight(tonight: &Tonight, zone: Zone, sentence: &str) -> Value {
    let hindrance = tonight.hindrance.as_ref().map(|it| match it {
        Hindrance::NoLog => "no_log",
        Hindrance::NoDaemon => "no_daemon",
        Hindrance::Silent => "daemon_silent",
        Hindrance::Account(_) => "account_unreadable",
        Hindrance::File => "file_refused",
    });
    let mut line = night(&tonight.so_far, zone, sentence);
    line["mark"] = json!(tonight.mark());
    line["coming"] = coming(&tonight.coming, zone);
    line["coming_servers"] = json!(tonight.servers);
    line["held"] = json!(tonight.held);
    line["read_at"] = json!(tonight.read_at.map(|at| rfc3339(at, zone)));
    line["hindrance"] = json!(hindrance);
    line
}

fn coming(stops: &[ComingStop], zone: Zone) -> Value {
    stops.iter().map(|it| json!({"rule": it.rule, "at": rfc3339(it.at, zone)})).collect()
}

fn rfc3339(at: DateTime<Utc>, zone: Zone) -> String {
    zone.show(at).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// The lines for people, each with its label and its mark: last night, tonight, this month.
pub(crate) fn told(
    verdict: &Verdict,
    zone: Zone,
    words: Words,
) -> [(&'static str, Mark, String); 3] {
    [
        (words.last_night(), verdict.last_night.mark(), words.of_last_night(verdict, zone)),
        (words.tonight(), verdict.tonight.mark(), words.of_tonight(&verdict.tonight, zone)),
        (words.this_month(), Mark::Quiet, words.month(verdict.month.as_ref())),
    ]
}
