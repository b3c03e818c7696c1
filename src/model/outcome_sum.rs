//! The sum of a firing by outcome, in words: `56 servers: 52 stopped, 3 timed out, 1 refused`.

use std::collections::BTreeMap;
use std::fmt;

use super::language::{Language, words};
use super::outcome::Outcome;
use super::reason::Reason;

words! { pub(crate) struct SumWords:
    servers(count: &str, parts: &str): {
        let servers = if count == "1" { "server" } else { "servers" };
        format!("{count} {servers}: {parts}")
    }, { format!("서버 {count}대: {parts}") };
    part(count: &str, outcome: &str): "{count} {outcome}", "{outcome} {count}대";
    waiting: "waited for", "대기 중";
}

/// The servers of a firing by outcome, and the outcomes of the firing or of whole regions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutcomeSum {
    servers: BTreeMap<Outcome, u64>,
    /// Servers that the firing still follows.
    waiting: u64,
    whole: BTreeMap<Outcome, u64>,
    has_trouble: bool,
}

impl OutcomeSum {
    /// Adds a server, or with `outcome` alone an outcome of the firing or of a region.
    pub fn add(&mut self, is_server: bool, outcome: Option<Outcome>, reason: Option<&Reason>) {
        match outcome {
            Some(outcome) => {
                let sum = if is_server { &mut self.servers } else { &mut self.whole };
                *sum.entry(outcome).or_default() += 1;
                self.has_trouble |= outcome.concern(reason).is_some();
            }
            None => self.waiting += u64::from(is_server),
        }
    }

    /// Whether somebody is needed.
    pub fn has_trouble(&self) -> bool {
        self.has_trouble
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
        sum.add(true, Some(Outcome::Stopped), None);
        assert_eq!((sum.to_string().as_str(), sum.has_trouble()), ("1 server: 1 stopped", false));
        sum.add(true, Some(Outcome::Skipped), Some(&Reason::Protected));
        sum.add(true, None, None);
        assert!(!sum.has_trouble());
        sum.add(true, Some(Outcome::TimedOut), None);
        sum.add(false, Some(Outcome::CloudFailed), None);
        let english = "4 servers: 1 stopped, 1 skipped, 1 timed out, 1 waited for; cloud failed";
        assert_eq!((sum.to_string().as_str(), sum.has_trouble()), (english, true));
        let korean = "서버 4대: 정지됨 1대, 건너뜀 1대, 시간 초과 1대, 대기 중 1대; 클라우드 오류";
        assert_eq!(sum.in_language(Language::Korean), korean);
    }

    #[test]
    fn both_languages_say_the_same() {
        let of_people =
            SumWords::SOURCES.iter().filter(|[english, _]| !english.contains("{outcome}"));
        assert_both_say_the_same(&of_people.copied().collect::<Vec<_>>());
    }
}
