//! The verdict for programs: the value of `verdict` in JSON.

use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::tonight::Hindrance;
use super::{
    ComingStop, Mark, NightResult, Sentence, Tonight, Troubled, TroubledFiring, Verdict, Words,
};
use crate::model::language::Language;
use crate::model::period::Period;
use crate::report::hours;
use crate::time::zone::Zone;

/// How last night went, what is to come tonight, what this month saved. Times are in the file's
/// zone. A night runs from noon to noon.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "verdict")]
pub(crate) struct VerdictLines {
    /// Last night.
    last_night: LastNightLine,
    /// Tonight, so far and to come.
    tonight: TonightLine,
    /// Null where nothing is known of this month.
    month: Option<MonthLine>,
}

/// The stops of a night.
#[derive(Debug, Serialize, JsonSchema)]
struct NightLine {
    mark: Mark,
    since: String,
    until: String,
    /// The stops that ran or were due.
    stops: u64,
    /// The servers that they meant, each once.
    servers: u64,
    /// Those of them that are off.
    off: u64,
    /// Those of them that are still followed.
    waiting: u64,
    /// The stops that are still looking for their servers: the other counts are of the servers that
    /// were found so far.
    searching: u64,
    /// The servers that did not stop, the gravest first.
    trouble: Vec<Troubled>,
    /// The firings that failed as a whole.
    failed_firings: Vec<TroubledFiring>,
    /// All of it in one sentence.
    sentence: String,
}

/// The stops of last night.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "last_night")]
struct LastNightLine {
    #[serde(flatten)]
    night: NightLine,
    /// Its stops that are still to come.
    coming: Vec<StopLine>,
}

/// The stops of tonight: the counts are those so far.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "tonight")]
struct TonightLine {
    #[serde(flatten)]
    night: NightLine,
    /// Its stops that are still to come.
    coming: Vec<StopLine>,
    /// The servers that the last stops of these rules meant, each once.
    coming_servers: u64,
    /// Those of them that a hold keeps as they are.
    held: u64,
    /// Those of them that did not stop last night, nor since.
    tried_again: u64,
    /// The oldest of the last good readings of these rules' accounts.
    read_at: Option<String>,
    /// Why nothing will be stopped; null: nothing is in the way.
    #[schemars(extend("x-words" = [
        "no_log", "no_daemon", "daemon_silent", "account_unreadable", "file_refused",
    ]))]
    hindrance: Option<&'static str>,
}

/// A stop that is to come.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "coming_stop")]
struct StopLine {
    rule: String,
    at: String,
}

/// This month.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "month")]
struct MonthLine {
    since: String,
    until: String,
    /// The hours that servers were off.
    off_hours: f64,
    /// The money saved, in `currency`; null without `[prices]`.
    saved: Option<f64>,
    /// Whether it is more than that, since some servers have no price.
    saved_is_least: Option<bool>,
    /// The unit of money.
    currency: Option<String>,
    /// The servers that were off and have no price; null while prices cannot be read.
    unpriced_servers: Option<u64>,
    /// All of it in one sentence.
    sentence: String,
}

/// The three lines as one object. Sentences are English.
pub(crate) fn all(verdict: &Verdict, zone: Zone) -> VerdictLines {
    let words = Words(Language::English);
    let Verdict { last_night, rest, tonight, month } = verdict;
    VerdictLines {
        last_night: LastNightLine {
            night: night(last_night, zone, &words.of_last_night(verdict, zone)),
            coming: coming(rest, zone),
        },
        tonight: of_tonight(tonight, zone, &words.of_tonight(tonight, zone)),
        month: month.as_ref().map(|it| {
            let saved = it.saved.as_ref();
            MonthLine {
                since: rfc3339(it.span.from, zone),
                until: rfc3339(it.span.until, zone),
                off_hours: hours(it.off),
                saved: saved.map(|saved| saved.amount.units()),
                saved_is_least: saved.map(|saved| saved.is_least),
                currency: saved.map(|saved| saved.currency.clone()),
                unpriced_servers: it.unpriced,
                sentence: words.month(Some(it)).to_string(),
            }
        }),
    }
}

fn night(night: &NightResult, zone: Zone, sentence: &Sentence) -> NightLine {
    let Period { from, until } = night.night;
    NightLine {
        mark: night.mark(),
        since: rfc3339(from, zone),
        until: rfc3339(until, zone),
        stops: night.stops,
        servers: night.servers,
        off: night.off,
        waiting: night.waiting,
        searching: night.searching,
        trouble: night.troubled.clone(),
        failed_firings: night.failed.clone(),
        sentence: sentence.to_string(),
    }
}

fn of_tonight(tonight: &Tonight, zone: Zone, sentence: &Sentence) -> TonightLine {
    let so_far = night(&tonight.so_far, zone, sentence);
    TonightLine {
        night: NightLine { mark: tonight.mark(), ..so_far },
        coming: coming(&tonight.coming, zone),
        coming_servers: tonight.servers,
        held: tonight.held,
        tried_again: tonight.tried_again,
        read_at: tonight.read_at.map(|at| rfc3339(at, zone)),
        hindrance: tonight.hindrance.as_ref().map(|it| match it {
            Hindrance::NoLog => "no_log",
            Hindrance::NoDaemon => "no_daemon",
            Hindrance::Silent => "daemon_silent",
            Hindrance::Account { .. } => "account_unreadable",
            Hindrance::File => "file_refused",
        }),
    }
}

fn coming(stops: &[ComingStop], zone: Zone) -> Vec<StopLine> {
    let stop = |it: &ComingStop| StopLine { rule: it.rule.clone(), at: rfc3339(it.at, zone) };
    stops.iter().map(stop).collect()
}

fn rfc3339(at: DateTime<Utc>, zone: Zone) -> String {
    zone.show(at).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// The lines for people, each with its label and its mark: last night, tonight, this month.
pub(crate) fn told(
    verdict: &Verdict,
    zone: Zone,
    words: Words,
) -> [(&'static str, Mark, Sentence); 3] {
    [
        (words.last_night(), verdict.last_night.mark(), words.of_last_night(verdict, zone)),
        (words.tonight(), verdict.tonight.mark(), words.of_tonight(&verdict.tonight, zone)),
        (words.this_month(), Mark::Quiet, words.month(verdict.month.as_ref())),
    ]
}
