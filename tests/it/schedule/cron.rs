//! Cron rules against vectors on which several cron implementations agree.

use chrono::{DateTime, FixedOffset};
use lightsout::schedule::cron::Cron;
use lightsout::schedule::zone::Zone;

const VECTORS: &str = include_str!("../../schedule/cron_vectors.jsonl");

#[derive(serde::Deserialize)]
struct Vector {
    expr: String,
    tz: String,
    after: DateTime<FixedOffset>,
    expected_next: Vec<DateTime<FixedOffset>>,
}

#[test]
fn every_vector_fires_when_it_should() {
    let mut wrong = Vec::new();
    for line in VECTORS.lines() {
        let vector: Vector = serde_json::from_str(line).unwrap();
        let cron: Cron = vector.expr.parse().unwrap();
        let zone: Zone = vector.tz.parse().unwrap();
        let next: Vec<_> = cron
            .occurrences(zone, vector.after.to_utc())
            .take(vector.expected_next.len())
            .map(|occurrence| zone.show(occurrence.at))
            .collect();
        let expected: Vec<_> = vector.expected_next;
        // Offsets are compared too: `==` on a `DateTime` looks at the instant only.
        let texts = |times: &[DateTime<FixedOffset>]| {
            times.iter().map(DateTime::to_rfc3339).collect::<Vec<_>>()
        };
        if texts(&next) != texts(&expected) {
            wrong.push(format!("{line}\n  got {:?}", texts(&next)));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
