//! Reads the English sentences that a log keeps as texts, and says them in Korean.
//!
//! Old logs have them, so they stay texts. A sentence that no phrase has stays as it is: those are
//! the words of a cloud, of a system or of a person.

use super::Reason;
use crate::model::language::Language;
use crate::model::outcome::Outcome;

/// English, Korean. In English `{}` is a text and `{+}` a sentence that is said in Korean, too;
/// Korean names them by their place.
const PHRASES: &[[&str; 2]] = &[
    // What a person or the file did to a request.
    ["{+}; not asked again: {+}", "{1}; 다시 요청하지 않음: {2}"],
    ["{+}; still {+}", "{1}; 아직 {2}"],
    ["asked once; {+}", "한 번 요청함; {1}"],
    ["asked twice; {+}", "두 번 요청함; {1}"],
    ["asked {} times; {+}", "{1}번 요청함; {2}"],
    ["asked once, with others; {+}", "다른 서버와 함께 한 번 요청함; {1}"],
    ["asked twice, with others; {+}", "다른 서버와 함께 두 번 요청함; {1}"],
    ["asked {} times, with others; {+}", "다른 서버와 함께 {1}번 요청함; {2}"],
    ["asked by firing {}", "실행 {1}에서 요청함"],
    ["asked, and no longer in the server list", "요청했으나 서버 목록에 더 이상 없음"],
    ["accepted, and then its state could not be read", "수락된 뒤 상태를 읽을 수 없었음"],
    ["accepted, and still {+}", "수락되었으나 아직 {1}"],
    ["taken up, and still {+}", "진행되는 것이 확인되었으나 아직 {1}"],
    ["no answer, and its state could not be read", "응답이 없고 상태도 읽을 수 없었음"],
    ["no answer, and then still {+}", "응답이 없고 아직 {1}"],
    ["no answer, and then seen stopped", "응답은 없었으나 정지가 확인됨"],
    ["no answer, and then seen started", "응답은 없었으나 시작이 확인됨"],
    ["its state could not be read: {+}", "상태를 읽을 수 없었음: {1}"],
    ["refused", "거부됨"],
    ["{}, operation {}", "{1}, 작업 {2}"],
    // The rule that comes first, and the program that is asked.
    ["it has not fired", "아직 실행되지 않았음"],
    ["it was not over", "아직 끝나지 않았음"],
    ["{} not seen running", "{1} 실행이 확인되지 않음"],
    ["it ended with {+}", "끝난 결과: {1}"],
    ["exit status: {}", "종료 코드 {1}"],
    ["signal: {}", "시그널 {1}"],
    ["no answer within {} s", "{1}초 안에 응답 없음"],
    ["it could not be run: {+}", "실행할 수 없었음: {1}"],
    // A cloud.
    ["the gateway could not be reached: {+}", "게이트웨이에 연결할 수 없음: {1}"],
    ["no answer: {+}", "응답 없음: {1}"],
    ["throttled: {+}", "요청 제한됨: {1}"],
    ["the keys were refused: {+}", "키가 거부됨: {1}"],
    [
        "this machine's clock is {} s ahead of the cloud's: {+}",
        "이 컴퓨터의 시계가 클라우드보다 {1}초 빠름: {2}",
    ],
    [
        "this machine's clock is {} s behind the cloud's: {+}",
        "이 컴퓨터의 시계가 클라우드보다 {1}초 느림: {2}",
    ],
    [
        "the keys lack the right to call `{}`, which `{}` grants: {+}",
        "키에 `{1}` 호출 권한이 없음(`{2}` 정책에 포함됨): {3}",
    ],
    ["the keys lack the right to call `{}`: {+}", "키에 `{1}` 호출 권한이 없음: {2}"],
    ["the answer cannot be read: {+}", "응답을 읽을 수 없음: {1}"],
    ["HTTP {}, return code {}", "HTTP {1}, 응답 코드 {2}"],
    ["no answer within {}", "{1} 안에 응답 없음"],
    // A firing.
    ["firing {} was still being followed", "실행 {1}의 확인이 아직 끝나지 않았음"],
    ["its patience is over", "대기 한도가 지남"],
    [
        "the servers of the deferred action are not there any more",
        "밀린 작업의 대상 서버가 더 이상 없음",
    ],
    ["what was to be made up is not there any more", "밀린 작업의 대상 서버가 더 이상 없음"],
    ["could not be listed: {+}", "서버 목록을 읽을 수 없었음: {1}"],
    ["its tags could not be read: {+}", "태그를 읽을 수 없었음: {1}"],
    [
        "its process died, and it could not be carried on",
        "프로세스가 중단되어 이어서 처리할 수 없었음",
    ],
    ["nothing in the log says who stopped it", "누가 정지했는지 로그에 없음"],
    ["{} instances, max_instances = {}", "서버 {1}대, max_instances = {2}"],
    ["{} instances, {} at most in its last firings", "서버 {1}대, 최근 실행에서는 최대 {2}대"],
    ["{+}; earlier firings are not listed", "{1}; 이전 실행은 표시하지 않음"],
    [
        "deferred; its rule was not in force, or it was learnt of too late",
        "밀린 작업; 규칙이 적용되고 있지 않았거나 너무 늦게 확인됨",
    ],
    ["deferred; {+}", "밀린 작업; {1}"],
    ["to be made up; {+}", "밀린 작업; {1}"],
    [
        "daemon away, asleep or without its log {}",
        "데몬이 없었거나 절전 상태였거나 로그를 쓰지 못했음: {1}",
    ],
    ["daemon away {}", "데몬이 없었음: {1}"],
    ["daemon away", "데몬이 없었음"],
    ["calendar `{}` cannot be read: {+}", "`{1}` 달력을 읽을 수 없음: {2}"],
    // The stop budget.
    ["{+}; unknown time is not counted", "{1}; 알 수 없는 시간은 세지 않음"],
    [
        "it was off for at least {} of {} days {+} (unconfirmed limit), and would be for {} until its next start {}",
        "{3} 한도 {2}일 중 최소 {1}일 정지, 다음 시작({5})까지는 {4}일이 됨(확인되지 않은 한도)",
    ],
    [
        "it was off for {} of {} days {+} (unconfirmed limit), and would be for {} until its next start {}",
        "{3} 한도 {2}일 중 {1}일 정지, 다음 시작({5})까지는 {4}일이 됨(확인되지 않은 한도)",
    ],
    [
        "it was off for at least {} of {} days {+} (unconfirmed limit), and would be for {} a day from now, no start of it being known",
        "{3} 한도 {2}일 중 최소 {1}일 정지, 예정된 시작이 없어 하루 뒤에는 {4}일이 됨(확인되지 않은 한도)",
    ],
    [
        "it was off for {} of {} days {+} (unconfirmed limit), and would be for {} a day from now, no start of it being known",
        "{3} 한도 {2}일 중 {1}일 정지, 예정된 시작이 없어 하루 뒤에는 {4}일이 됨(확인되지 않은 한도)",
    ],
    ["it was off for at least {} of {} days {+}", "{3} 한도 {2}일 중 최소 {1}일 정지"],
    ["it was off for {} of {} days {+}", "{3} 한도 {2}일 중 {1}일 정지"],
    ["in a row", "연속"],
    ["in 12 months", "최근 12개월"],
    // Sources that cannot be read, and what they need.
    [
        "its tags cannot be read from the Resource Manager (rules without tags go on): {+}",
        "Resource Manager에서 태그를 읽을 수 없음(태그를 쓰지 않는 규칙은 계속 실행됨): {1}",
    ],
    [
        "its tags cannot be read from the Resource Manager: {+}",
        "Resource Manager에서 태그를 읽을 수 없음: {1}",
    ],
    ["region {}: {+}; region {+}", "리전 {1}: {2}; 리전 {3}"],
    ["region {}: {+}", "리전 {1}: {2}"],
    ["its keys have the right to read tags", "키에 태그를 읽을 권한이 있어야 함"],
    ["its Resource Manager answers", "Resource Manager가 응답해야 함"],
    ["its gateway can be reached", "게이트웨이에 연결되어야 함"],
    ["its gateway answers", "게이트웨이가 응답해야 함"],
    ["its gateway takes requests", "게이트웨이가 요청을 받아야 함"],
    ["its keys are accepted", "유효한 키가 있어야 함"],
    [
        "its keys are accepted (changed keys are read at SIGHUP)",
        "유효한 키가 있어야 함(바뀐 키는 SIGHUP을 받으면 읽음)",
    ],
    ["its keys have that right", "키에 그 권한이 있어야 함"],
    ["the clock of this machine is right", "이 컴퓨터의 시계가 맞아야 함"],
    ["its servers can be listed", "서버 목록을 읽을 수 있어야 함"],
    ["its file can be read", "파일을 읽을 수 있어야 함"],
    ["it is listed", "목록을 읽을 수 있어야 함"],
    // Entries of selectors.
    ["{+} and {} more", "{1} 외 {2}개"],
    ["matches nothing: {+}", "일치하는 것이 없음: {1}"],
    ["`{}` of `{}`: {}", "`{2}`의 `{1}`: {3}"],
    ["a row of {} has no number", "번호가 없는 {1}의 행"],
    ["{} more like it", "같은 종류 {1}건"],
    // The log.
    [
        "indexes were damaged, and have been made anew; `lightsout audit verify` says whether all is well, and the disk may be failing",
        "손상된 색인을 다시 만듦. 문제가 없는지 `lightsout audit verify`로 확인하십시오. 디스크가 고장 나고 있을 수 있음",
    ],
    ["it is damaged: {+}", "손상됨: {1}"],
    ["the audit log could not be read or written: {+}", "감사 로그를 읽거나 쓸 수 없음: {1}"],
    ["could not open the audit log {}: {+}", "{1}의 감사 로그를 열 수 없음: {2}"],
    [
        "could not bring the audit log {} up to date: {+}",
        "{1}의 감사 로그를 현재 버전의 형식으로 바꿀 수 없음: {2}",
    ],
    ["there is no audit log at {}", "{1}에 감사 로그가 없음"],
    [
        "the audit log {} was written by an older version of lightsout",
        "{1}의 감사 로그는 이전 버전의 lightsout이 기록했음",
    ],
    [
        "the variable `{}` with the address of the shared log is not set",
        "공유 로그의 주소를 담는 환경 변수가 설정되지 않음: `{1}`",
    ],
    ["the address of the shared log cannot be used: {+}", "공유 로그의 주소를 사용할 수 없음: {1}"],
    ["{} is not an audit log of lightsout", "lightsout의 감사 로그가 아닌 파일: {1}"],
    [
        "the audit log {} was written by a newer version of lightsout",
        "{1}의 감사 로그는 더 새로운 버전의 lightsout이 기록했음",
    ],
    ["the audit log {} was deleted or replaced", "{1}의 감사 로그가 삭제되었거나 다른 파일로 바뀜"],
    [
        "row {} of the table `{}` in the audit log cannot be read: damaged",
        "감사 로그의 표 `{2}`에서 {1}번 행을 읽을 수 없음: 손상됨",
    ],
    ["the audit log was pruned while it was read", "읽는 동안 감사 로그의 오래된 항목이 정리됨"],
    [
        "this machine's copy and the shared log have different entries {}: nothing more is written from here, and the copy stays as it is",
        "이 컴퓨터의 사본과 공유 로그의 {1}번 항목이 서로 다름: 여기서는 더 이상 기록하지 않으며 사본은 그대로 둠",
    ],
    [
        "entry {} of the kind `{}` was written by a newer version of lightsout",
        "`{2}` 종류의 {1}번 항목은 더 새로운 버전의 lightsout이 기록했음",
    ],
    ["the shared log at {} cannot be reached: {+}", "{1}의 공유 로그에 연결할 수 없음: {2}"],
    [
        "the shared log at {} does not answer within {} s",
        "{1}의 공유 로그가 {2}초 안에 응답하지 않음",
    ],
    ["the connection to the shared log at {} broke: {+}", "{1}의 공유 로그와 연결이 끊어짐: {2}"],
    ["the shared log at {} refuses: {+}", "{1}의 공유 로그가 거부함: {2}"],
    [
        "the server at {} only follows another one and cannot be written: name the primary",
        "{1}의 서버는 다른 서버를 복제만 하므로 쓸 수 없음: 주 서버(primary)를 지정하십시오",
    ],
    [
        "there is no shared log at {} yet: `lightsout audit share` makes it",
        "{1}에 아직 공유 로그가 없음: `lightsout audit share`로 만들 수 있음",
    ],
    [
        "the shared log was written by others all the time",
        "다른 컴퓨터가 공유 로그를 계속 쓰고 있었음",
    ],
    // SQLite's words and the system's, as far as a log meets them.
    ["error returned from database: {+}", "데이터베이스 오류: {1}"],
    ["error communicating with database: {+}", "데이터베이스와 통신할 수 없음: {1}"],
    ["(code: {}) {+}", "{2}(코드 {1})"],
    ["database or disk is full", "데이터베이스나 디스크가 가득 참"],
    ["disk I/O error", "디스크 입출력 오류"],
    ["attempt to write a readonly database", "쓸 수 없는 데이터베이스에 쓰려고 함"],
    ["unable to open database file", "데이터베이스 파일을 열 수 없음"],
    ["database is locked", "데이터베이스가 잠겨 있음"],
    ["database disk image is malformed", "데이터베이스 파일이 손상됨"],
    ["file is not a database", "데이터베이스 파일이 아님"],
    ["No space left on device (os error 28)", "디스크에 남은 공간이 없음"],
    ["Permission denied (os error 13)", "권한이 없음"],
    ["Read-only file system (os error 30)", "읽기 전용 파일 시스템"],
    ["No such file or directory (os error 2)", "그런 파일이나 폴더가 없음"],
    ["Too many open files (os error 24)", "열린 파일이 너무 많음"],
    ["Connection refused (os error 111)", "연결이 거부됨"],
];

/// The words in Korean, or as they are.
pub(super) fn korean(words: &str) -> String {
    let said = |[english, korean]: &[&str; 2]| Some(filled(korean, &held(english, words)?));
    let outcome = || Some(words.parse::<Outcome>().ok()?.in_language(Language::Korean).to_owned());
    PHRASES.iter().find_map(said).or_else(outcome).unwrap_or_else(|| words.to_owned())
}

/// The texts at the places of a phrase; `None` where the words are others.
fn held(phrase: &str, words: &str) -> Option<Vec<String>> {
    let mut pieces = phrase.split('{');
    let mut rest = words.strip_prefix(pieces.next()?)?;
    let mut held = Vec::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        let (kind, after) = piece.split_once('}')?;
        let end = match pieces.peek() {
            Some(_) => rest.find(after)?,
            None => rest.strip_suffix(after)?.len(),
        };
        let text = rest.get(..end).filter(|text| !text.is_empty())?;
        rest = rest.get(end + after.len()..)?;
        held.push(match kind {
            "+" => Reason::from(text.to_owned()).in_language(Language::Korean),
            _ => text.to_owned(),
        });
    }
    rest.is_empty().then_some(held)
}

/// A Korean phrase with its texts.
fn filled(phrase: &str, held: &[String]) -> String {
    let (mut said, mut rest) = (String::new(), phrase);
    while let Some((before, after)) = rest.split_once('{') {
        let (place, after) = after.split_once('}').unwrap_or_default();
        let place: usize = place.parse().unwrap_or_default();
        said.push_str(before);
        said.push_str(held.get(place.wrapping_sub(1)).map_or("", String::as_str));
        rest = after;
    }
    said + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::language::unsuited;

    #[test]
    fn every_place_of_a_phrase_is_said() {
        for [english, korean] in PHRASES {
            let places = english.matches('{').count();
            for place in 1..=places {
                assert!(korean.contains(&format!("{{{place}}}")), "{korean}");
            }
            assert_eq!(korean.matches('{').count(), places, "{korean}");
            assert_eq!(unsuited(korean), None, "{korean}");
        }
    }

    #[test]
    fn sentences_are_said_to_their_ends_and_other_words_stay() {
        for (english, korean) in [
            (
                "the audit log could not be read or written: error returned from database: \
                 (code: 13) database or disk is full",
                "감사 로그를 읽거나 쓸 수 없음: 데이터베이스 오류: 데이터베이스나 디스크가 가득 \
                 참(코드 13)",
            ),
            (
                "asked 9 times; HTTP 400, return code 25014 (서버 상태를 확인하십시오); not asked \
                 again: its rule is gone",
                "9번 요청함; HTTP 400, 응답 코드 25014 (서버 상태를 확인하십시오); 다시 요청하지 \
                 않음: 규칙이 없어짐",
            ),
            (
                "asked once; the keys lack the right to call `stopServerInstances`, which \
                 `NCP_VPC_SERVER_MANAGER` grants: HTTP 401, return code 210 (Permission Denied)",
                "한 번 요청함; 키에 `stopServerInstances` 호출 권한이 \
                 없음(`NCP_VPC_SERVER_MANAGER` 정책에 포함됨): HTTP 401, 응답 코드 210 \
                 (Permission Denied)",
            ),
            ("accepted, and still RUN, operation SHTDN", "수락되었으나 아직 RUN, 작업 SHTDN"),
            (
                "it was off for at least 1.8 of 2 days in 12 months (unconfirmed limit), and would \
                 be for 2.3 until its next start 2024-11-28 07:00+09:00; unknown time is not \
                 counted",
                "최근 12개월 한도 2일 중 최소 1.8일 정지, 다음 시작(2024-11-28 07:00+09:00)까지는 \
                 2.3일이 됨(확인되지 않은 한도); 알 수 없는 시간은 세지 않음",
            ),
            ("Permission Denied", "Permission Denied"),
            ("파일이 없습니다", "파일이 없습니다"),
        ] {
            assert_eq!(super::korean(english), korean);
        }
    }

    /// A log of every kind of trouble has no sentence of ours that is not said in Korean.
    #[test]
    fn every_reason_of_old_logs_is_said_in_korean() {
        let said = include_str!("../../../tests/old_log/said.jsonl");
        let mut reasons = std::collections::BTreeSet::new();
        for part in said.split("\"reason\":\"").skip(1) {
            let whole = format!("\"{part}");
            let text = serde_json::Deserializer::from_str(&whole).into_iter::<String>().next();
            reasons.extend(text.and_then(Result::ok));
        }
        assert!(reasons.len() > 50, "{}", reasons.len());
        for reason in reasons {
            let korean = Reason::from(reason).in_language(Language::Korean);
            // A cloud's own message stands in parentheses.
            let (ours, _) = korean.split_once(" (").unwrap_or((&korean, ""));
            let is_word = |word: &&str| {
                word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase() || c == ',')
            };
            let english: Vec<&str> = ours.split(' ').filter(is_word).collect();
            assert!(english.len() < 2, "{korean}");
        }
    }
}
