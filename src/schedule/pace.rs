//! Owns the pace of a rule: what its firings wait for, what they ask first, and their pauses.
//!
//! The engine keeps to it.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::instance::RuleName;
use crate::model::language::Language;
use crate::text::sanitize::harmless;
use crate::time::duration::{in_language, written};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// `after`: the rule whose servers must be seen running first. Only of a start.
    pub after: Option<RuleName>,
    /// `jitter`: the longest delay of a firing on schedule.
    pub jitter: Duration,
    /// `stagger`: the shortest time between two requests of a firing.
    pub stagger: Duration,
    /// `ask`: the program that is asked before each request. Only of a stop.
    pub ask: Option<AskCommand>,
    /// `[limits] grace`: a server that is younger is left alone. Zero for a start.
    pub grace: Duration,
}

/// `ask`, with its time and its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskCommand {
    /// A path with a slash is relative to the folder of schedules.toml already.
    pub program: PathBuf,
    pub arguments: Vec<String>,
    /// The folder of schedules.toml, in which the program runs.
    pub folder: PathBuf,
    /// `ask_timeout`.
    pub timeout: Duration,
    /// `ask_silence`.
    pub silence: AskSilence,
}

/// What follows when the program gives no answer.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum AskSilence {
    /// The servers are stopped.
    #[default]
    Go,
    /// The servers are left alone.
    Skip,
}

impl AskCommand {
    /// The name of the program, without its folder.
    pub fn name(&self) -> String {
        let name = self.program.file_name().unwrap_or(self.program.as_os_str());
        name.to_string_lossy().into_owned()
    }
}

impl AskSilence {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Skip => "skip",
        }
    }
}

impl Pace {
    /// Whether firings begin at once.
    pub fn is_prompt(&self) -> bool {
        self.after.is_none() && self.jitter.is_zero()
    }

    /// How firings go about their work, for people, such as `30s between requests`.
    pub fn in_language(&self, language: Language) -> Vec<String> {
        let after = self.after.as_ref().map(|rule| {
            language.either([format!("after `{rule}`"), format!("`{rule}` 규칙 다음에 실행")])
        });
        let said = |length| in_language(&written(length), language);
        let jitter = Some(said(self.jitter)).filter(|_| !self.jitter.is_zero()).map(|most| {
            language
                .either([format!("begins up to {most} later"), format!("최대 {most} 늦게 실행")])
        });
        let stagger = Some(said(self.stagger)).filter(|_| !self.stagger.is_zero()).map(|pause| {
            language.either([format!("{pause} between requests"), format!("요청 간격 {pause}")])
        });
        let ask = self.ask.as_ref().map(|ask| {
            let program = harmless(&ask.name());
            language.either([format!("asks `{program}` first"), format!("먼저 `{program}`에 확인")])
        });
        [after, jitter, stagger, ask].into_iter().flatten().collect()
    }

    /// The delay of the firing of a rule that is due then: the same for whoever asks, in whole
    /// seconds, evenly spread up to `jitter`.
    pub fn delay(&self, rule: &RuleName, due_at: DateTime<Utc>) -> Duration {
        let longest = self.jitter.as_secs();
        let digest = Sha256::digest(format!("{rule} {}", due_at.timestamp()));
        let drawn = digest.iter().take(8).fold(0, |drawn, byte| drawn << 8 | u64::from(*byte));
        Duration::from_secs(longest.checked_add(1).map_or(0, |choices| drawn % choices))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_stays_the_same_and_within_its_bound_and_uses_all_of_it() {
        let rule = RuleName::new("night").expect("letters");
        let pace = |secs| Pace { jitter: Duration::from_secs(secs), ..Pace::default() };
        let delay =
            |secs, at| pace(secs).delay(&rule, DateTime::UNIX_EPOCH + Duration::from_secs(at));
        assert_eq!(delay(0, 7), Duration::ZERO);
        let delays: Vec<u64> = (0..2_000).map(|day| delay(9, day * 86_400).as_secs()).collect();
        assert_eq!(delays[3], delay(9, 3 * 86_400).as_secs());
        for choice in 0..=9 {
            let chosen = delays.iter().filter(|delay| **delay == choice).count();
            assert!((100..=300).contains(&chosen), "{choice}: {chosen}");
        }
        assert!(delays.iter().all(|delay| *delay <= 9));
    }
}
