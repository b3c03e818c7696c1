//! The sum of a firing by outcome, in words: `56 servers: 52 stopped, 3 timed out, 1 refused`.

use std::collections::BTreeMap;
use std::fmt;

use super::language::{Language, words};
use super::outcome::Outcome;

words! { pub(crate) struct SumWords:
    servers(count: &str, parts: &str): {
        let servers = if count == "1" { "server" } else { "servers" };
        format!("{count} {servers}: {parts}")
    }, { format!("서버 {count}대: {parts}") };
    part(count: &str, outcome: &str): "{count} {outcome}", "{outcome} {count}대";
    waiting: "in progress", "진행 중";
}

/// The servers of a firing by outcome, and the outcomes of the firing or of whole regions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutcomeSum {
    servers: BTreeMap<Outcome, u64>,
    /// Servers that the firing still follows.
    waiting: u64,
    whole: BTreeMap<Outcome, u64>,
}

impl OutcomeSum {
    /// Adds servers with one outcome; or without a server, an outcome of the firing or of a region.
    /// `None` is the outcome of what the firing still follows.
    pub fn add(&mut self, are_servers: bool, outcome: Option<Outcome>, times: u64) {
        let sum = if are_servers { &mut self.servers } else { &mut self.whole };
        match outcome {
            Some(outcome) => *sum.entry(outcome).or_default() += times,
            None if are_servers => self.waiting += times,
            None => {}
        }
    }

    pub fn in_language(&self, language: Language) -> String {
        let words = SumWords(language);
        let part = |count: u64, word: &str| words.part(&count.to_string(), word);
        let known = self.servers.iter();
        let mut parts: Vec<_> =
            known.map(|(outcome, count)| part(*count, outcome.in_language(language))).collect();
        if self.waiting > 0 {
            parts.push(part(self.waiting, words.waiting()));
        }
        let all = self.servers.values().sum::<u64>() + self.waiting;
        let mut said = Vec::new();
        if all > 0 {
            said.push(words.servers(&all.to_string(), &parts.join(", ")));
        }
        said.extend(self.whole.keys().map(|outcome| outcome.in_language(language).to_owned()));
        said.join("; ")
    }
}

impl fmt::Display for OutcomeSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::language::assert_both_say_the_same;

    #[test]
    fn a_sum_counts_servers_apart_from_what_became_of_the_whole_firing() {
        let mut sum = OutcomeSum::default();
        assert_eq!(sum.to_string(), "");
        sum.add(true, Some(Outcome::Stopped), 1);
        assert_eq!(sum.to_string(), "1 server: 1 stopped");
        sum.add(true, Some(Outcome::Skipped), 1);
        sum.add(true, None, 1);
        sum.add(true, Some(Outcome::TimedOut), 1);
        sum.add(false, Some(Outcome::CloudFailed), 1);
        sum.add(false, None, 1);
        let english = "4 servers: 1 stopped, 1 skipped, 1 timed out, 1 in progress; cloud failed";
        assert_eq!(sum.to_string(), english);
        let korean = "서버 4대: 정지됨 1대, 건너뜀 1대, 시간 초과 1대, 진행 중 1대; 클라우드 오류";
        assert_eq!(sum.in_language(Language::Korean), korean);
    }

    #[test]
    fn both_languages_say_the_same() {
        let of_people =
            SumWords::SOURCES.iter().filter(|[english, _]| !english.contains("{outcome}"));
        assert_both_say_the_same(&of_people.copied().collect::<Vec<_>>());
    }
}
