//! For whom an answer is: the language of its words, and the zone of its times.

use chrono::{DateTime, Utc};

use crate::model::language::Language;
use crate::time::zone::Zone;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audience {
    pub language: Language,
    pub zone: Zone,
}

impl Audience {
    /// A time as these people read it. English has the offset.
    pub fn shown(self, at: DateTime<Utc>) -> String {
        let form = self.language.either(["%F %H:%M:%S%:z", "%F %H:%M:%S"]);
        self.zone.show(at).format(form).to_string()
    }

    /// The words in English, or in Korean.
    pub(super) fn either(self, words: [String; 2]) -> String {
        self.language.either(words)
    }
}
