//! What a firing comes to for one server, by its outcome: which cause it is, and how it is told.
//!
//! Which of several causes counts is the business of `verdict`.

use chrono::{DateTime, Utc};

use super::cause::Cause;
use super::{Audience, Ending, FiredRule};
use crate::model::language::Language;
use crate::model::outcome::{Effort, Outcome};
use crate::model::reason::Reason;
use crate::schedule::stop_budget::STOP_BUDGET;

impl FiredRule {
    /// Whether it turned the server.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.ending, Ending::Came(outcome) if outcome.is_done())
    }

    /// Whether it looked at any server, and was not only recorded.
    pub(super) fn has_fired(&self) -> bool {
        !matches!(self.ending, Ending::Came(Outcome::Missed | Outcome::Overlapped))
    }

    /// Whether it asked for anything to be done to the server, or still may.
    pub(super) fn was_asked(&self) -> bool {
        match self.ending {
            Ending::Open => true,
            Ending::Without => false,
            Ending::Came(outcome) => outcome.effort() == Effort::Asked,
        }
    }

    /// Why it did not turn the server from where it was; `None` where the server was not there.
    pub(super) fn cause(&self, by: DateTime<Utc>) -> Option<Cause> {
        let outcome = match self.ending {
            Ending::Open => return Some(Cause::InFlight),
            Ending::Without => return Some(Cause::Unmatched),
            Ending::Came(outcome) => outcome,
        };
        Some(match outcome {
            Outcome::NothingMatched => Cause::Unmatched,
            Outcome::Stopped | Outcome::Started => {
                if self.settled_at.is_some_and(|at| at <= by) {
                    Cause::Unexplained
                } else {
                    Cause::InFlight
                }
            }
            Outcome::Already => return None,
            Outcome::DryRun => Cause::DryRun,
            Outcome::Skipped => match &self.reason {
                Some(Reason::Held { .. } | Reason::HoldUnread) => Cause::Held,
                Some(Reason::Protected | Reason::ProtectUnread) => Cause::Protected,
                Some(Reason::Excepted | Reason::ExceptUnread | Reason::NoLongerSelected) => {
                    Cause::Excepted
                }
                Some(Reason::SelectUnread) => Cause::CloudFailed,
                Some(reason) if reason.is_by_choice() => Cause::LeftAlone,
                _ => Cause::Busy,
            },
            Outcome::Refused => Cause::Refused,
            Outcome::TimedOut => Cause::TimedOut,
            Outcome::Unknown => Cause::NoAnswer,
            Outcome::TooMany | Outcome::Drifted => Cause::Guarded,
            Outcome::CloudFailed => Cause::CloudFailed,
            Outcome::Overlapped => Cause::Overlapped,
            Outcome::Missed => Cause::Missed,
        })
    }

    /// What happened, as the reason in a sentence: when it fell due, and when that was recorded.
    pub(super) fn because(&self, at: &str, settled: &str, to: Audience) -> String {
        let Self { firing, rule, action, .. } = self;
        let outcome = match self.ending {
            Ending::Without => {
                return to.either([
                    format!("`{rule}` fired at {at} and did not match it (firing {firing})"),
                    format!(
                        "{at}에 `{rule}` 규칙이 실행되었으나 이 서버는 대상이 아니었음(실행 {firing})"
                    ),
                ]);
            }
            Ending::Open => {
                let does = action.in_language(to.language);
                return to.either([
                    format!(
                        "the {does} by `{rule}`, due at {at}, was still on its way (firing {firing})"
                    ),
                    format!(
                        "{at}에 예정된 `{rule}` 규칙의 {does} 작업이 아직 진행 중이었음(실행 {firing})"
                    ),
                ]);
            }
            Ending::Came(outcome) => outcome,
        };
        let said = match outcome {
            Outcome::Stopped | Outcome::Started => self.turned(at, settled, to),
            outcome => self.left(outcome, at, to),
        };
        to.either([format!("{said} (firing {firing})"), format!("{said}(실행 {firing})")])
    }

    /// It turned the server.
    fn turned(&self, at: &str, settled: &str, to: Audience) -> String {
        let (rule, action) = (&self.rule, self.action);
        let (done, does) = (action.done(), action.in_language(to.language));
        if self.makes_up {
            return to.either([
                format!("the deferred {does} was caught up on: `{rule}` {done} it by {settled}"),
                format!(
                    "밀린 {does} 작업을 뒤늦게 처리함: `{rule}` 규칙으로 {does}됨, {settled} 확인"
                ),
            ]);
        }
        let is_budget = rule == STOP_BUDGET;
        let so = [", so that its days off in a row end", ", 연속 정지를 끊기 위함"];
        let so = if is_budget { to.language.either(so) } else { "" };
        to.either([
            format!("`{rule}`, due at {at}, {done} it by {settled}{so}"),
            format!("{at}에 예정된 `{rule}` 규칙으로 {does}됨, {settled} 확인{so}"),
        ])
    }

    /// It did not turn the server.
    fn left(&self, outcome: Outcome, at: &str, to: Audience) -> String {
        let Self { rule, action, .. } = self;
        let does = action.in_language(to.language);
        let why = self.reason.as_ref().map(|reason| reason.in_language(to.language));
        let unsaid =
            || to.language.either(["no reason was recorded", "기록된 이유 없음"]).to_owned();
        let why = why.unwrap_or_else(unsaid);
        to.either(match outcome {
            Outcome::Already | Outcome::Stopped | Outcome::Started => [
                format!("it was so already when `{rule}` fired at {at}"),
                format!("{at}에 `{rule}` 규칙이 실행될 때 이미 그 상태였음"),
            ],
            Outcome::DryRun => [
                format!("`{rule}` sent nothing at {at}: a dry run"),
                format!("{at}에 `{rule}` 규칙이 모의 실행이라 아무것도 보내지 않음"),
            ],
            Outcome::Skipped => {
                let english = match &self.reason {
                    Some(
                        Reason::StopNotRecorded | Reason::StopBudget { .. } | Reason::Young { .. },
                    ) => {
                        format!("`{rule}` left it alone at {at}: {why}")
                    }
                    Some(
                        Reason::Opposed { .. } | Reason::WindowEnded { .. } | Reason::LeftTo { .. },
                    ) => format!("`{rule}` skipped it at {at}: {why}"),
                    Some(reason) if reason.is_by_choice() => {
                        format!("it was {why} when `{rule}` fired at {at}")
                    }
                    _ => format!("`{rule}` skipped it at {at}: {why}"),
                };
                [english, format!("{at}에 `{rule}` 규칙이 이 서버를 건너뜀: {why}")]
            }
            Outcome::Refused => [
                format!("the cloud refused the {does} of `{rule}` at {at}: {why}"),
                format!("{at}에 클라우드가 `{rule}` 규칙의 {does} 요청을 거부함: {why}"),
            ],
            Outcome::TimedOut => [
                format!(
                    "the {does} that `{rule}` asked for at {at} had not come about when its \
                     patience ended"
                ),
                format!("{at}에 `{rule}` 규칙이 요청한 {does} 작업이 대기 한도 안에 끝나지 않음"),
            ],
            Outcome::Unknown => [
                format!(
                    "nobody knows what became of the {does} that `{rule}` asked for at {at}: {why}"
                ),
                format!(
                    "{at}에 `{rule}` 규칙이 요청한 {does} 작업이 어떻게 되었는지 알 수 없음: {why}"
                ),
            ],
            Outcome::NothingMatched => [
                format!("`{rule}` fired at {at} and matched no server"),
                format!("{at}에 `{rule}` 규칙이 실행되었으나 일치하는 서버가 없었음"),
            ],
            Outcome::TooMany | Outcome::Drifted => [
                format!("`{rule}` sent nothing at {at}: {outcome}, {why}"),
                format!(
                    "{at}에 `{rule}` 규칙이 아무것도 보내지 않음: {}, {why}",
                    outcome.in_language(to.language)
                ),
            ],
            Outcome::CloudFailed => [
                format!("`{rule}` could not read the cloud at {at}: {why}"),
                format!("{at}에 `{rule}` 규칙이 클라우드를 읽지 못함: {why}"),
            ],
            Outcome::Overlapped => [
                format!("`{rule}` was still following its last firing at {at}: {why}"),
                format!("{at}에 `{rule}` 규칙의 이전 실행이 아직 끝나지 않았음: {why}"),
            ],
            Outcome::Missed => [
                format!("`{rule}` missed its firing at {at}: {why}"),
                format!("{at}에 예정된 `{rule}` 규칙의 실행을 놓침: {why}"),
            ],
        })
    }

    /// What became of the server, with the reason.
    pub(super) fn became(&self, language: Language) -> String {
        let word = |outcome: Outcome| match language {
            // As in the log and on the command line.
            Language::English => outcome.as_str(),
            Language::Korean => outcome.in_language(language),
        };
        match (self.ending, &self.reason) {
            (Ending::Came(outcome), Some(reason)) => {
                format!("{}: {}", word(outcome), reason.in_language(language))
            }
            (Ending::Came(outcome), None) => word(outcome).to_owned(),
            (Ending::Open, _) => language.either(["in progress", "진행 중"]).to_owned(),
            (Ending::Without, _) => {
                language.either(["it did not match", "대상이 아니었음"]).to_owned()
            }
        }
    }
}
