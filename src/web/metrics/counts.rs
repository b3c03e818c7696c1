//! Counters: everything that has happened since this process began.
//!
//! The log is counted by `audit::query`; gauges are in [`super::states`].

use std::cmp::max_by_key;
use std::collections::{BTreeMap, BTreeSet};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::audit::{AnswerCount, EndedOutcome, Tally};
use crate::model::instance::Action;
use crate::model::outcome::{Effort, Outcome};

/// The most return codes that get a label. The cloud may invent new ones for ever.
const MOST_CODES: usize = 100;
/// The upper bounds of the lateness buckets, in seconds.
const LATENESS: [f64; 9] = [0.01, 0.1, 0.5, 1.0, 5.0, 30.0, 300.0, 3_600.0, 86_400.0];

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    action: String,
    outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    action: String,
    result: String,
    http_status: String,
    return_code: String,
}

#[derive(Debug)]
pub(super) struct Counts {
    firings: Family<OutcomeLabels, Counter>,
    settled: Family<OutcomeLabels, Counter>,
    requests: Family<RequestLabels, Counter>,
    lateness: Histogram,
    /// The return codes that have a label.
    codes: BTreeSet<String>,
}

impl Counts {
    /// Registers counters under the names in docs/metrics.md. A counter that first appears with its
    /// first event shows no increase, so the counters that alerts use begin at zero.
    pub(super) fn registered_in(registry: &mut Registry) -> Self {
        let it = Self {
            firings: Family::default(),
            settled: Family::default(),
            requests: Family::default(),
            lateness: Histogram::new(LATENESS),
            codes: BTreeSet::new(),
        };
        registry.register("firings", "Firings by the gravest outcome", it.firings.clone());
        let help = "Instances by what became of them";
        registry.register("instances_settled", help, it.settled.clone());
        registry.register("requests", "Answered requests", it.requests.clone());
        let (help, lateness) = ("How late firings began", it.lateness.clone());
        registry.register_with_unit("firing_lateness", help, Unit::Seconds, lateness);
        for action in [Action::Stop, Action::Start] {
            for outcome in Outcome::ALL {
                drop(it.firings.get_or_create(&labels(action.as_str(), outcome)));
            }
            let is_asked =
                |it: &Outcome| it.effort() == Effort::Asked && it.concern(None).is_some();
            for outcome in Outcome::ALL.into_iter().filter(is_asked) {
                drop(it.settled.get_or_create(&labels(action.as_str(), outcome)));
            }
        }
        it
    }

    pub(super) fn add(&mut self, tally: &Tally) {
        for (labels, firings) in gravest(&tally.ended) {
            self.firings.get_or_create(&labels).inc_by(firings);
        }
        for settled in &tally.settled {
            let labels =
                OutcomeLabels { action: settled.action.clone(), outcome: settled.outcome.clone() };
            self.settled.get_or_create(&labels).inc_by(settled.instances.unsigned_abs());
        }
        for answered in &tally.answered {
            let labels = self.request_labels(answered);
            self.requests.get_or_create(&labels).inc_by(answered.requests.unsigned_abs());
        }
        for late in &tally.lateness_ms {
            let late = u32::try_from((*late).max(0)).unwrap_or(u32::MAX);
            self.lateness.observe(f64::from(late) / 1_000.0);
        }
    }

    fn request_labels(&mut self, answered: &AnswerCount) -> RequestLabels {
        let code = answered.return_code.clone().unwrap_or_default();
        let has_room = self.codes.len() < MOST_CODES || self.codes.contains(&code);
        let return_code = if has_room && is_code(&code) { code } else { "other".to_owned() };
        self.codes.insert(return_code.clone());
        RequestLabels {
            action: answered.action.clone(),
            result: answered.result.clone(),
            http_status: answered.http_status.map(|it| it.to_string()).unwrap_or_default(),
            return_code,
        }
    }
}

fn labels(action: &str, outcome: Outcome) -> OutcomeLabels {
    OutcomeLabels { action: action.to_owned(), outcome: outcome.as_str().to_owned() }
}

/// The number of firings by their gravest outcome.
fn gravest(ended: &[EndedOutcome]) -> BTreeMap<OutcomeLabels, u64> {
    let mut firings: BTreeMap<i64, (&str, Outcome)> = BTreeMap::new();
    for line in ended {
        let outcome = line.outcome.as_deref().and_then(|word| word.parse().ok());
        let outcome = outcome.unwrap_or(Outcome::NothingMatched);
        let gravest = firings.entry(line.firing).or_insert((&line.action, outcome));
        gravest.1 = max_by_key(gravest.1, outcome, |it| it.gravity());
    }
    let mut counts = BTreeMap::new();
    for (action, outcome) in firings.into_values() {
        *counts.entry(labels(action, outcome)).or_default() += 1;
    }
    counts
}

/// Whether a return code looks like NAVER's documented ones, or is missing.
fn is_code(text: &str) -> bool {
    text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firing_counts_once_and_under_its_gravest_outcome() {
        let line = |firing, outcome: Option<Outcome>| EndedOutcome {
            firing,
            action: "stop".to_owned(),
            outcome: outcome.map(|outcome| outcome.as_str().to_owned()),
        };
        let ended = [
            line(1, Some(Outcome::Stopped)),
            line(1, Some(Outcome::Refused)),
            line(1, Some(Outcome::Skipped)),
            line(2, Some(Outcome::Skipped)),
            line(2, Some(Outcome::Stopped)),
            line(3, None),
            line(4, Some(Outcome::Missed)),
        ];
        let expected =
            [Outcome::Missed, Outcome::NothingMatched, Outcome::Refused, Outcome::Stopped];
        let expected = expected.map(|outcome| (labels("stop", outcome), 1));
        assert_eq!(gravest(&ended), BTreeMap::from(expected));
    }

    #[test]
    fn a_cloud_that_makes_up_codes_is_told_apart_only_so_far() {
        let mut counts = Counts::registered_in(&mut Registry::default());
        let answered = |code: &str| AnswerCount {
            action: "stop".to_owned(),
            result: "refused".to_owned(),
            http_status: Some(400),
            return_code: Some(code.to_owned()),
            requests: 1,
        };
        let mut seen = BTreeSet::new();
        for code in 0..1_000 {
            seen.insert(counts.request_labels(&answered(&code.to_string())).return_code);
        }
        assert_eq!(seen.len(), MOST_CODES + 1, "those, and `other`");
        assert_eq!(counts.request_labels(&answered("7")).return_code, "7");
        assert_eq!(counts.request_labels(&answered("<b>")).return_code, "other");
    }
}
