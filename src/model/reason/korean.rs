//! Says a reason in Korean. The words of the log stay as they were written, in English.
//!
//! `phrases` says what was written as a text. What a cloud said and a person's own words stay.

use super::{Reason, Unlisted, phrases};
use crate::model::instance::Action;
use crate::model::language::Language;

/// A time of people: to the minute, in the zone of the rule.
const TIME: &str = "%F %H:%M";

impl Reason {
    /// The words for people. In English they are those of the log.
    pub fn in_language(&self, language: Language) -> String {
        match language {
            Language::English => self.to_string(),
            Language::Korean => self.in_korean(),
        }
    }

    /// A sentence that the log keeps as a text, for people.
    pub(crate) fn told(words: &str, language: Language) -> String {
        Self::from(words.to_owned()).in_language(language)
    }

    /// The author of a hold, for people.
    pub(crate) fn author(by: &str, language: Language) -> String {
        language.either([by.to_owned(), author(by)])
    }

    fn in_korean(&self) -> String {
        match self {
            Self::Protected => "보호된 서버".to_owned(),
            Self::ProtectUnread => "태그를 읽을 수 없어 보호함".to_owned(),
            Self::Excepted => "except로 제외됨".to_owned(),
            Self::ExceptUnread => "태그를 읽을 수 없어 제외함".to_owned(),
            Self::SelectUnread => "태그를 읽을 수 없어 대상인지 알 수 없음".to_owned(),
            Self::NoLongerSelected => "더 이상 select와 일치하지 않아 제외됨".to_owned(),
            Self::HoldUnread => "태그를 읽을 수 없어 보류함".to_owned(),
            Self::Held { with_its_rule, until, by } => {
                let with = if *with_its_rule { "규칙과 함께 " } else { "" };
                format!("{with}{}까지 보류됨, 설정: {}", until.format(TIME), author(by))
            }
            Self::Opposed { rule, action, at } => {
                let acts = does(*action);
                format!("늦음: {}에 `{rule}` 규칙이 이 서버를 {acts} 차례였음", at.format(TIME))
            }
            Self::WindowEnded { at } => format!("늦음: 정지 시간대가 {}에 끝남", at.format(TIME)),
            Self::LeftTo { firing, action } => {
                format!("늦음: 뒤이어 예정된 실행 {firing}에서 이 서버를 {} 차례임", does(*action))
            }
            Self::StoppedByOthers { between } => {
                format!("다른 사람이 정지함({})", between.replace(" and ", " ~ "))
            }
            Self::StopNotRecorded => "lightsout이 정지했다는 기록이 로그에 없음".to_owned(),
            Self::StopBudget { story } => format!("정지 한도: {}", phrases::korean(story)),
            Self::Young { until } => {
                format!("새 서버: {}까지 그대로 둠", until.format(TIME))
            }
            Self::After { rule, why } => {
                format!("`{rule}` 규칙 다음 차례: {}", phrases::korean(why))
            }
            Self::SaidBusy { program, why } if why.is_empty() => {
                format!("`{program}`의 응답: 사용 중")
            }
            Self::SaidBusy { program, why } => format!("`{program}`의 응답: 사용 중({why})"),
            Self::AskSilent { program, why } => {
                format!("`{program}`의 응답 없음: {}", phrases::korean(why))
            }
            Self::Guarded { by, why } => {
                format!("{}: {}", by.in_language(Language::Korean), phrases::korean(why))
            }
            Self::Busy { status, operation: None } => format!("사용 중: {status}"),
            Self::Busy { status, operation: Some(operation) } => {
                format!("사용 중: {status}, 작업 {operation}")
            }
            Self::BusyWith { firing, is_over: false } => {
                format!("실행 {firing}의 요청이 이 서버에서 아직 진행 중")
            }
            Self::BusyWith { firing, is_over: true } => {
                format!("실행 {firing}의 요청이 이 서버에서 진행 중이었음")
            }
            Self::FailedState(status) => format!("장애 상태: {status}"),
            Self::UnknownState(code) => format!("lightsout이 모르는 상태: {code}"),
            Self::StateUnread => "요청 전에 상태를 다시 읽을 수 없었음".to_owned(),
            Self::StateOld => "요청할 차례가 될 때마다 읽은 상태가 너무 오래되었음".to_owned(),
            Self::TagsLate => "태그를 제때 읽지 못함".to_owned(),
            Self::Gone => "서버 목록에 더 이상 없음".to_owned(),
            Self::RuleGone => "규칙이 없어짐".to_owned(),
            Self::NotAsked { rule_is_gone: true } => {
                "프로세스가 중단될 때까지 요청하지 못했고 규칙이 없어짐".to_owned()
            }
            Self::NotAsked { rule_is_gone: false } => {
                "프로세스가 중단될 때까지 요청하지 못했고 대기 한도가 지남".to_owned()
            }
            Self::LeftOut(what) => format!("읽을 수 없어 빠진 행: {}", phrases::korean(what)),
            Self::Unmatched { most, servers } => {
                let most = most.map(|most| format!("최근 실행에서는 최대 {most}대"));
                let servers = servers.iter().map(unlisted);
                most.into_iter().chain(servers).collect::<Vec<_>>().join("; ")
            }
            Self::Other(words) => phrases::korean(words),
        }
    }
}

/// The author of a hold: a person's words, somebody on the page, or the tag that holds.
fn author(by: &str) -> String {
    if let Some(address) = by.strip_prefix("page, from ") {
        return format!("페이지, {address}");
    }
    let Some(tag) = by.strip_prefix("tag ") else {
        return by.replacen(" (page, ", " (페이지, ", 1);
    };
    let (tag, value) = tag.split_once(" (").unwrap_or((tag, ""));
    match (value, value.strip_suffix(" is no time)")) {
        ("", _) => format!("{tag} 태그"),
        (_, Some(value)) => format!("{tag} 태그({value}: 시각이 아님)"),
        (value, None) => format!("{tag} 태그({value}"),
    }
}

fn does(action: Action) -> &'static str {
    match action {
        Action::Stop => "정지할",
        Action::Start => "시작할",
    }
}

fn unlisted(servers: &Unlisted) -> String {
    let named: Vec<_> = servers.named.iter().map(ToString::to_string).collect();
    let more = if servers.more > 0 { format!(" 외 {}대", servers.more) } else { String::new() };
    format!("목록에 없는 서버: {}{more}", named.join(", "))
}
