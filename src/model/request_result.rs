//! The results of requests, for people: what the cloud answered.

use super::language::Language;

/// The log's word, English, Korean.
const WORDS: [(&str, [&str; 2]); 7] = [
    ("accepted", ["accepted", "수락됨"]),
    ("refused", ["refused", "거부됨"]),
    ("denied", ["denied", "인증 거부됨"]),
    ("throttled", ["throttled", "요청 제한됨"]),
    ("not_sent", ["not sent", "보내지 못함"]),
    ("unanswered", ["unanswered", "응답 없음"]),
    ("unreadable", ["unreadable", "읽을 수 없는 응답"]),
];

/// The result of a request; any other word of the log as it is.
pub fn in_language(result: &str, language: Language) -> &str {
    let known = WORDS.iter().find(|(known, _)| *known == result);
    known.map_or(result, |(_, shown)| language.either(*shown))
}
