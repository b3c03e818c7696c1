//! The entries of the shared log, and what must be true of any of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) seq: i64,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
    pub(crate) session: i64,
    pub(crate) kind: String,
    /// In hexadecimal.
    pub(crate) hash: String,
    pub(crate) body: Value,
}

pub(crate) struct Entries(pub(crate) Vec<Entry>);

impl Entries {
    pub(crate) fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.0.iter().filter(move |entry| entry.kind == kind)
    }

    /// The firings of a rule, and those that were missed, which are take 0.
    pub(crate) fn firings<'a>(&'a self, rule: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.of("firing").filter(move |entry| entry.body["rule"] == rule)
    }

    pub(crate) fn outcomes(&self) -> BTreeMap<String, usize> {
        let mut outcomes = BTreeMap::new();
        for entry in self.of("outcome") {
            *outcomes.entry(entry.body["outcome"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        outcomes
    }

    /// Firings that were claimed twice, or have not ended.
    pub(crate) fn doubled_or_lost(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let ended: Vec<&Value> = self.of("firing_end").map(|it| &it.body["firing"]).collect();
        let mut claimed = BTreeSet::new();
        for Entry { seq, body, .. } in self.of("firing") {
            let claim = ["rule", "action", "account", "scheduled_at", "take"].map(|key| &body[key]);
            if !claimed.insert(format!("{claim:?}")) {
                problems.push(format!("firing {seq} was claimed before: {body}"));
            }
            let ends = ended.iter().filter(|it| ***it == *seq).count();
            if ends != usize::from(body["take"] != 0) {
                problems.push(format!("firing {seq} has {ends} ends"));
            }
        }
        problems
    }

    /// Requests without an answer.
    pub(crate) fn unanswered(&self) -> Vec<i64> {
        let answered: BTreeSet<i64> =
            self.of("answer").filter_map(|it| it.body["request"].as_i64()).collect();
        self.of("request").map(|it| it.seq).filter(|seq| !answered.contains(seq)).collect()
    }
}
