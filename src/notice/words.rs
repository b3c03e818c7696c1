//! The words of notices, in each language. [`super::sentence`] and its neighbours choose them.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::model::instance::Action;
use crate::model::language::{Language, words};
use crate::time::duration::{in_language, written};
use crate::time::zone::Zone;

words! { pub(super) struct NoticeWords:
    turned(rule: &str, action: Action, count: usize, wanted: usize): {
        format!("{rule} {} {count} of {wanted}", action.done())
    }, { format!("{rule}: 서버 {wanted}대 중 {count}대 {}", in_korean(action)) };
    rehearsed(rule: &str, action: Action, would: usize, wanted: usize): {
        format!("{rule} would have asked {would} of {wanted} to {action} (dry run)")
    }, { format!("{rule}: 모의 실행, 서버 {wanted}대 중 {} 대상 {would}대", in_korean(action)) };
    turned_none(rule: &str, action: Action): {
        format!("{rule} {} nothing", action.done())
    }, { format!("{rule}: {}한 서버 없음", in_korean(action)) };
    nothing_to_do(rule: &str, action: Action): {
        format!("{rule} had nothing to {action}")
    }, { format!("{rule}: {}할 서버 없음", in_korean(action)) };
    matched_none(rule: &str): "{rule} matched no server", "{rule}: 일치하는 서버 없음";
    servers(count: usize, outcome: &str): "{count} {outcome}", "{outcome} {count}대";
    already(count: usize): "{count} already so", "이미 그 상태 {count}대";
    matches_nothing(what: &str):
        "matches nothing: {what}", "schedules.toml에서 일치하는 것이 없는 항목: {what}";
    more_servers(more: &str): "and {more} more", "외 {more}대";
    more_rules(more: &str): "and {more} more", "외 {more}개";

    missed(count: usize, rules: &str, due: &str): {
        let were = if count == 1 { "firing was" } else { "firings were" };
        format!("{count} {were} missed: {rules}, due {due}; lightsout history --outcome missed")
    }, { format!("놓친 실행 {count}건: {rules}, 예정 시각 {due}; lightsout history --outcome missed") };
    due_at(at: &str): "at {at}", { at.to_owned() };
    due_from(first: &str, last: &str): "from {first} to {last}", { format!("{first} ~ {last}") };

    all_need_somebody(all: &str, account: &str, due: &str, causes: &str):
        "{all} firings of {account}, due {due}, need somebody: {causes}",
        "{account}의 실행 {all}건 확인 필요, 예정 시각 {due}: {causes}";
    some_need_somebody(all: &str, account: &str, due: &str, some: (&str, &str)): {
        let (troubled, causes) = some;
        let need = if troubled == "1" { "needs" } else { "need" };
        format!(
            "{all} firings of {account}, due {due}, have ended, and {troubled} of them {need} \
             somebody: {causes}"
        )
    }, {
        let (troubled, causes) = some;
        format!("{account}의 실행 {all}건 종료, 예정 시각 {due}, 그중 확인 필요 {troubled}건: {causes}")
    };
    all_ended_well(all: &str, account: &str, due: &str):
        "{all} firings of {account}, due {due}, have ended, and none needs somebody",
        "{account}의 실행 {all}건 종료, 예정 시각 {due}, 확인 필요 없음";
    cause(count: &str, outcome: &str, rules: &str):
        "{count} {outcome}: {rules}", "{outcome} {count}건: {rules}";
    other_causes(count: &str): "{count} for other causes", "그 밖의 원인 {count}건";

    restarted(count: usize, rule: &str, servers: &str): {
        let noun = if count == 1 { "server" } else { "servers" };
        format!("somebody started {count} {noun} that {rule} had stopped: {servers}; \
                 lightsout history --changes")
    }, {
        format!("{rule} 규칙으로 정지한 서버 {count}대를 다른 사람이 시작함: {servers}; \
                 lightsout history --changes")
    };
    started_between(name: &str, between: &str): "{name} between {between}", {
        format!("{name}({} 사이)", between.replace(" and ", " ~ "))
    };

    foretold(at: &str, rule: &str, count: usize, servers: &str): {
        let noun = if count == 1 { "server" } else { "servers" };
        format!("at {at} {rule} is to stop {count} {noun}: {servers}")
    }, { format!("{at}에 {rule} 규칙으로 서버 {count}대를 정지할 예정: {servers}") };
    foretold_together(at: &str, rules: usize, count: usize, named: &str): {
        let noun = if count == 1 { "server" } else { "servers" };
        format!("at {at} {rules} rules are to stop {count} {noun}: {named}")
    }, { format!("{at}에 규칙 {rules}개로 서버 {count}대를 정지할 예정: {named}") };
    foretold_nothing_of(rule: &str, why: &str):
        "nothing by {rule}: {why}", "{rule} 규칙으로 정지할 서버 없음: {why}";
    foretold_nothing(at: &str, rule: &str, why: &str):
        "at {at} {rule} would stop nothing: {why}",
        "{at}에 {rule} 규칙으로 정지할 서버 없음: {why}";

    near_limits(count: usize, servers: &str): {
        let are = if count == 1 { "server is" } else { "servers are" };
        format!("{count} {are} near a limit (unconfirmed) beyond which NAVER Cloud may return a \
                 stopped server: {servers}; lightsout report budget")
    }, {
        format!("정지 한도에 가까운 서버 {count}대: {servers}; 이 한도를 넘으면 네이버 클라우드가 \
                 정지된 서버를 반납 처리할 수 있음(확인되지 않은 한도); lightsout report budget")
    };
    was_off(name: &str, spent: f64, allowed: f64, limit: &str):
        "{name} was off for {spent} of {allowed} days {limit}",
        "{name}: {limit} 한도 {allowed}일 중 {spent}일 정지";
    was_off_at_least(name: &str, spent: f64, allowed: f64, limit: &str):
        "{name} was off for at least {spent} of {allowed} days {limit}",
        "{name}: {limit} 한도 {allowed}일 중 최소 {spent}일 정지";

    clock(host: Option<&str>, ahead: &str, until: &str, what: &str): {
        let host = host.map(|host| format!(" of {host}")).unwrap_or_default();
        format!("the clock{host} was {ahead} ahead until {until}; {what}")
    }, {
        let host = host.map(|host| format!("{host}의 ")).unwrap_or_default();
        format!("{host}시계가 {until}까지 {ahead} 빨랐음; {what}")
    };
    not_fired_again:
        "what it fired is not fired again", "그동안 한 실행은 다시 하지 않음";
    fired_once_more(count: usize): {
        match count {
            0 => "nothing was fired too early by it".to_owned(),
            1 => "1 firing that it began too early takes place once more at its time".to_owned(),
            n => format!("{n} firings that it began too early take place once more at their times"),
        }
    }, {
        match count {
            0 => "너무 일찍 시작된 실행은 없음".to_owned(),
            n => format!("너무 일찍 시작된 실행 {n}건은 제시각에 한 번 더 실행됨"),
        }
    };

    test(target: &str):
        "this is a test: lightsout will tell `{target}` of what it asked for",
        "시험 알림: 앞으로 lightsout이 `{target}`에 요청한 소식을 보냄";
    log_useless(why: &str):
        "lightsout does nothing: its audit log cannot be used ({why})",
        "lightsout이 아무것도 하지 않음: 감사 로그를 사용할 수 없음({why})";
    log_doubted(why: &str):
        "the audit log of lightsout may not be whole: {why}",
        "lightsout 감사 로그가 온전하지 않을 수 있음: {why}";
    unmet(count: usize, expectations: &str): {
        let (subject, verb) = match count {
            1 => ("an expectation of it".to_owned(), "does"),
            count => (format!("{count} of its expectations"), "do"),
        };
        format!("schedules.toml was taken into use, and {subject} {verb} not hold: {expectations}")
    }, { format!("schedules.toml을 새로 적용했으나 충족되지 않는 기대 {count}개: {expectations}") };
    on_line(line: usize, message: &str, hint: &str):
        "line {line}: {message} ({hint})", "{line}번째 줄: {message}({hint})";

    report(from: &str, until: &str, sentence: &str):
        "report of {from} to {until}: {sentence}", "{from} ~ {until} 보고서: {sentence}";
    report_is_late(due_at: &str):
        "It is late: it was due at {due_at}, and could not be sent then.",
        "늦은 보고서: {due_at}에 보낼 예정이었으나 그때 보낼 수 없었음.";
    more_troubled_rules(more: usize): {
        let rules = if more == 1 { "rule" } else { "rules" };
        format!("and {more} more {rules} with trouble")
    }, { format!("외 문제가 있는 규칙 {more}개") };
    more_troubled_servers(more: usize): {
        let servers = if more == 1 { "server" } else { "servers" };
        format!("and {more} more {servers} with trouble")
    }, { format!("외 문제가 있는 서버 {more}대") };

    account(name: &str): "account `{name}`", "`{name}` 계정";
    calendar(name: &str): "calendar `{name}`", "`{name}` 달력";
    region(region: &str, account: &str):
        "region {region} of `{account}`", "`{account}` 계정의 {region} 리전";
    lost(what: &str, since: &str, why: &str, means: &str):
        "{what} has been unreadable since {since} ({why}): {means}; lightsout status",
        "{since}부터 {what}을 읽을 수 없음({why}): {means}; lightsout status";
    found(what: &str, since: &str):
        "{what} can be read again; it had been unreadable since {since}",
        "{what}을 다시 읽을 수 있음; {since}부터 읽을 수 없었음";
    rules_rest(rules: &str):
        "these rules do not fire: {rules}", "다음 규칙이 실행되지 않음: {rules}";
    empty_region:
        "no server was ever seen in it, and this is told once",
        "이 리전에서 서버가 확인된 적이 없으므로 한 번만 알림";
}

impl NoticeWords {
    /// A remark behind a word.
    pub(super) fn beside(self, word: &str, remark: &str) -> String {
        match (self.0, remark) {
            (_, "") => word.to_owned(),
            (Language::English, remark) => format!("{word} ({remark})"),
            (Language::Korean, remark) => format!("{word}({remark})"),
        }
    }

    /// The first of some names, and the number of the others.
    pub(super) fn and_more(self, names: &str, between: &str, more: &str) -> String {
        match (self.0, names) {
            (_, "") => more.to_owned(),
            (Language::English, names) => format!("{names}{between}{more}"),
            (Language::Korean, names) => format!("{names} {more}"),
        }
    }

    pub(super) fn time(self, zone: Zone, at: DateTime<Utc>) -> String {
        match self.0 {
            Language::English => zone.show(at).to_rfc3339(),
            Language::Korean => zone.show(at).format("%F %H:%M").to_string(),
        }
    }

    pub(super) fn length(self, length: Duration) -> String {
        in_language(&written(length), self.0)
    }

    /// The words for `in_a_row` or `in_12_months`.
    pub(super) fn limit(self, word: &str) -> String {
        match (self.0, word) {
            (Language::Korean, "in_a_row") => "연속".to_owned(),
            (Language::Korean, "in_12_months") => "최근 12개월".to_owned(),
            (_, word) => word.replace('_', " "),
        }
    }
}

fn in_korean(action: Action) -> &'static str {
    action.in_language(Language::Korean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::language::assert_both_say_the_same;

    #[test]
    fn both_languages_say_the_same() {
        let of_people =
            NoticeWords::SOURCES.iter().filter(|[_, korean]| korean.contains(is_korean));
        assert_both_say_the_same(&of_people.copied().collect::<Vec<_>>());
    }

    fn is_korean(c: char) -> bool {
        ('\u{ac00}'..='\u{d7a3}').contains(&c)
    }

    #[test]
    fn a_length_is_said_in_the_units_of_the_language() {
        for (language, said) in [(Language::English, "1h5m"), (Language::Korean, "1시간 5분")] {
            assert_eq!(NoticeWords(language).length(Duration::from_secs(3_900)), said);
        }
    }
}
