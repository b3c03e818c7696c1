//! All words of the page in each of its languages, side by side. `page` and `rules` list them.

mod nodes;
mod page;
mod rules;
#[cfg(test)]
mod tests;

use hyper::HeaderMap;

pub(crate) use self::nodes::NodeWords;
pub(crate) use self::page::Words;
pub(crate) use self::rules::RuleWords;
use super::language;
use crate::model::outcome::Outcome;
use crate::model::request_result;
use crate::state_history::State;

/// The triggers of firings: the log's word, English, Korean.
const TRIGGERS: [(&str, [&str; 2]); 3] = [
    ("schedule", ["on schedule", "예정대로"]),
    ("late", ["late", "늦음"]),
    ("manual", ["by hand", "수동"]),
];

/// The writers of the log that are no command: the log's word, English, Korean.
const WRITERS: [(&str, [&str; 2]); 1] = [("daemon", ["daemon", "데몬"])];

impl Words {
    /// The words in the reader's language.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self(language::of(headers))
    }

    /// `stop` or `start` for people; any other word of the log as it is.
    pub(crate) fn action_of(self, action: &str) -> &str {
        match action {
            "stop" => self.stop(),
            "start" => self.start(),
            other => other,
        }
    }

    /// The result of a request, for people.
    pub(crate) fn result_of(self, result: &str) -> &str {
        request_result::in_language(result, self.0)
    }

    /// The trigger of a firing, for people.
    pub(crate) fn trigger_of(self, trigger: &str) -> &str {
        self.known(&TRIGGERS, trigger)
    }

    /// A writer of the log, for people; a command as it is.
    pub(crate) fn writer_of(self, writer: &str) -> &str {
        self.known(&WRITERS, writer)
    }

    pub(crate) fn state_of(self, state: State) -> &'static str {
        match state {
            State::Running => self.running(),
            State::Off => self.off(),
            State::Unknown => self.unknown_state(),
        }
    }

    pub(crate) fn outcome_of(self, outcome: Outcome) -> &'static str {
        outcome.in_language(self.0)
    }

    fn known<'a>(self, words: &'a [(&str, [&'a str; 2])], word: &'a str) -> &'a str {
        let known = words.iter().find(|(known, _)| *known == word);
        known.map_or(word, |(_, shown)| self.0.either(*shown))
    }
}
