//! The gaps in the data of a report.

use chrono::{DateTime, Utc};

use crate::model::language::Language;
use crate::time::zone::Zone;

/// What a report cannot know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The log was pruned up to this time.
    PrunedBefore(DateTime<Utc>),
    /// The log begins at this time.
    BeginsAt(DateTime<Utc>),
    /// So many texts of schedules.toml cannot be read any more.
    UnreadableTexts(u64),
}

impl Gap {
    /// A part of a sentence, without a full stop.
    pub fn in_language(self, zone: Zone, language: Language) -> String {
        let show = |at: DateTime<Utc>| zone.show(at).format("%F %H:%M%:z");
        language.either(match self {
            Self::PrunedBefore(at) => [
                format!("most of what was before {}: it was pruned", show(at)),
                format!("{} 이전의 기록 대부분(정리되어 없음)", show(at)),
            ],
            Self::BeginsAt(at) => [
                format!("what was before {}: the log begins then", show(at)),
                format!("{} 이전(로그가 그때 시작됨)", show(at)),
            ],
            Self::UnreadableTexts(count) => {
                let texts = if count == 1 { "text" } else { "texts" };
                [
                    format!("what {count} {texts} of schedules.toml promised, unreadable by now"),
                    format!("지금은 읽을 수 없는 이전 schedules.toml {count}개에 있던 예정"),
                ]
            }
        })
    }
}
