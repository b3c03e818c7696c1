//! For whom an answer is: the language of its words, the zone and the form of its times.

use chrono::{DateTime, Utc};

use crate::model::language::Language;
use crate::time::near::Near;
use crate::time::zone::Zone;

/// Stands before and after a time in a text whose times are [`Times::Marked`].
pub const MARK: char = '\u{0}';

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audience {
    pub language: Language,
    pub zone: Zone,
    pub times: Times,
}

/// The form of times in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// With date and seconds; in English, with the offset.
    Full,
    /// As people say them at this time.
    Near(DateTime<Utc>),
    /// In milliseconds since 1970 between two [`MARK`]s. Whoever shows the text puts the time in.
    Marked,
}

impl Audience {
    /// A time as these people read it.
    pub fn shown(self, at: DateTime<Utc>) -> String {
        match self.times {
            Times::Full => self.full(at),
            Times::Near(now) => Near { zone: self.zone, now }.minute(at, self.language),
            Times::Marked => format!("{MARK}{}{MARK}", at.timestamp_millis()),
        }
    }

    /// A time in full.
    pub fn full(self, at: DateTime<Utc>) -> String {
        let form = self.language.either(["%F %H:%M:%S%:z", "%F %H:%M:%S"]);
        self.zone.show(at).format(form).to_string()
    }

    /// The words in English, or in Korean.
    pub(super) fn either(self, words: [String; 2]) -> String {
        self.language.either(words)
    }
}
