//! The words of the pages about rules, the week, the nights and the history's chips.

use chrono::NaiveDate;

use crate::model::language::{Language, words};
use crate::time::near::weekday;

words! { pub(crate) struct RuleWords:
    filter: "Filter", "필터";
    questions: "Quick filters", "빠른 필터";
    last_night: "Last night", "지난밤";
    trouble: "Trouble", "문제";
    trouble_in_days(days: i64): "Trouble, last {days} days", "최근 {days}일의 문제";
    held: "Held", "보류됨";
    all: "all", "전체";
    no_server_is_so: "No server is so now.", "지금 해당하는 서버가 없습니다.";

    went_well(count: usize): {
        if count == 1 { "1 went well".to_owned() } else { format!("{count} went well") }
    }, { format!("잘 끝난 실행 {count}건") };
    all_well(count: usize): {
        if count == 1 { "1 firing, all well".to_owned() }
        else { format!("{count} firings, all well") }
    }, { format!("실행 {count}건, 모두 정상") };
    some_open(count: usize, open: usize): {
        let firings = if count == 1 { "firing" } else { "firings" };
        format!("{count} {firings}, {open} in progress")
    }, { format!("실행 {count}건, 진행 중 {open}건") };
    to_look_at(count: usize): {
        if count == 1 { "1 firing needs somebody".to_owned() }
        else { format!("{count} firings need somebody") }
    }, { format!("확인이 필요한 실행 {count}건") };
    more_firings(count: usize): "{count} more", "외 {count}건";
    legend:
        "■ stop, ▲ start, … in progress, ✓ done, ! needs somebody, · nothing was to be done",
        "■ 정지, ▲ 시작, … 진행 중, ✓ 완료, ! 확인 필요, · 할 일 없었음";

    rules: "Rules", "규칙 목록";
    week: "Week", "주간 일정";
    more_rows(more: usize, command: &str): "and {more} more: {command}", "외 {more}건: {command}";
    no_rule: "schedules.toml has no rule yet: lightsout add writes one.",
        "schedules.toml에 아직 규칙이 없습니다. lightsout add로 추가할 수 있습니다.";
    hours: "Hours", "시간표";
    purpose: "What for", "용도";
    overrides: "Overrides", "예외 기간";
    selects: "Selects", "대상";
    action: "Action", "동작";
    enabled: "enabled", "활성";
    does_not_fire: "disabled: does not fire", "비활성: 실행되지 않음";
    last_result: "Last result", "최근 결과";
    last_results: "The last results", "최근 결과";
    all_results: "All of its history", "이 규칙의 전체 기록";
    as_week: "Its hours as a week", "주간 일정으로 보기";
    not_in_file:
        "The rules in use do not have this one. This is what the log knows of it.",
        "현재 사용 중인 규칙에는 없습니다. 로그에 남은 내용만 표시합니다.";
    next_days: "The next seven days", "앞으로 7일";
    nothing_fires: "nothing fires", "실행 없음";
    skipped(why: &str): "skipped: {why}", "건너뜀: {why}";
    overridden(what: &str): "override: {what}", "예외 기간: {what}";
    holiday_of(calendar: &str): "holiday of {calendar}", "휴일: {calendar}";
    held_from_to(from: &str, until: &str): "held {from}–{until}", "보류 {from}–{until}";
    servers_last: "Servers last time", "지난번 대상 서버";
    servers_count(count: usize): {
        if count == 1 { "1 server".to_owned() } else { format!("{count} servers") }
    }, { format!("서버 {count}대") };
    never_found: "It has never found a server.", "지금까지 대상이 된 서버가 없습니다.";
    never_fired: "It has never fired.", "아직 실행된 적이 없습니다.";
    in_the_file: "In schedules.toml", "schedules.toml의 내용";
    servers_of: "The servers that this rule had last:", "이 규칙의 지난번 대상 서버:";
    day_choice: "Days", "날짜 선택";
    off_at(hours: &str): "off {hours}", "{hours} 꺼짐";
    off_all_day: "off all day", "종일 꺼짐";
    not_off: "not off", "꺼지지 않음";
    week_legend:
        "Bars run from 0 to 24 o'clock; the red frame is now. Of a rule with cron only its firings are known: ■ stop, ▲ start.",
        "막대는 0시부터 24시까지이고, 빨간 테두리는 현재 시각입니다. cron 규칙은 실행 시각만 표시합니다. ■ 정지, ▲ 시작.";
}

impl RuleWords {
    /// `Wed 25`.
    pub(crate) fn day(self, day: NaiveDate) -> String {
        weekday(day, self.0)
    }

    pub(crate) fn of(language: Language) -> Self {
        Self(language)
    }
}
