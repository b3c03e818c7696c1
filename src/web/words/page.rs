//! The words of the page. [`super`] finds those of outcomes, results and triggers.

use chrono::Weekday;

use crate::model::language::words;

words! { pub(crate) struct Words:
    skip_to_content: "Skip to content", "본문으로 건너뛰기";
    navigation: "Pages", "페이지";
    times_in(zone: &str): "times in {zone}", "시간대 {zone}";
    as_of_time(time: &str): "as of {time}", "{time} 기준";
    language: "Language", "언어";

    tonight: "Tonight", "오늘 밤";
    error: "Error", "오류";

    servers: "Servers", "서버";
    find_server: "Find a server", "서버 찾기";
    find_server_hint: "part of a name", "이름의 일부";
    find: "Find", "찾기";
    servers_found(found: usize, known: usize): {
        let servers = if known == 1 { "server" } else { "servers" };
        if found == known { format!("{known} {servers}") } else { format!("{found} of {known} {servers}") }
    }, {
        if found == known { format!("서버 {known}대") } else { format!("서버 {known}대 중 {found}대") }
    };
    no_server:
        "No server has this in its name. Leave the field empty to see all.",
        "이름에 이 글자가 있는 서버가 없습니다. 칸을 비우면 모든 서버가 나옵니다.";
    no_server_yet:
        "No server has been seen yet. The daemon looks at the accounts: lightsout run.",
        "아직 확인된 서버가 없습니다. lightsout run으로 데몬을 실행하면 계정의 서버를 확인합니다.";
    pages_of_servers: "Pages of the servers", "서버 목록 페이지";
    page_of(page: usize, pages: usize): "Page {page} of {pages}", "{pages}쪽 중 {page}쪽";
    previous: "Previous", "이전";
    next_page: "Next", "다음";
    running: "running", "켜짐";
    off: "off", "꺼짐";
    unknown_state: "unknown", "알 수 없음";
    since_time(at: &str): "since {at}", "{at}부터";
    last_seen_so: "last seen:", "마지막 확인:";
    until_then(at: &str): "until {at}", "{at}까지";
    not_known_yet: "not known yet: its tags are read when a rule fires",
        "아직 모름: 태그는 규칙이 실행될 때 확인";
    no_rule_means_it: "no rule is about it", "해당하는 규칙 없음";
    nothing_to_come: "nothing", "예정 없음";
    next: "Next", "다음";
    held: "Held", "보류 중";
    by_whom(who: &str): "by {who}", "설정: {who}";
    with_rule(rule: &str): "with rule {rule}", "{rule} 규칙 보류";
    next_stop: "Next stop", "다음 정지";
    next_start: "Next start", "다음 시작";

    hold_of(name: &str): "Hold {name}", "{name} 보류";
    how_long: "For how long", "보류 기간";
    for_tonight: "Tonight", "오늘 밤";
    for_this_night: "This night", "이번 밤";
    for_two_hours: "+2 h", "+2시간";
    until_tomorrow: "Until tomorrow 08:00", "내일 08:00까지";
    today_at(time: &str): "today {time}", "오늘 {time}";
    tomorrow_at(time: &str): "tomorrow {time}", "내일 {time}";
    more: "More", "더 보기";
    undo: "Undo", "되돌리기";
    undo_of(subject: &str): "Undo: release {subject}", "되돌리기: {subject} 보류 해제";
    not_held: "Not held now.", "지금은 보류되어 있지 않습니다.";
    no_hold_of_its_own: "It has no hold of its own.", "이 서버에 직접 설정된 보류는 없습니다.";
    its_rule_is_held(rule: &str, until: &str):
        "Its rule {rule} is held until {until}.",
        "이 서버의 {rule} 규칙이 {until}까지 보류 중입니다.";
    is_held(name: &str, until: &str):
        "{name} is held until {until}.",
        "{name}: {until}까지 보류 중입니다.";
    held_by(who: &str): "Held by {who}.", "설정: {who}.";
    held_on_page(address: &str):
        "Held on this page, from {address}.",
        "설정: 이 페이지({address}).";
    held_because(why: &str): "Reason: {why}.", "이유: {why}.";
    then_stop:
        "When it ends, the stop that was held takes place if it is still wanted.",
        "보류가 끝났을 때 아직 필요하면 보류된 정지를 실행합니다.";
    then_start:
        "When it ends, the start that was held takes place if it is still wanted.",
        "보류가 끝났을 때 아직 필요하면 보류된 시작을 실행합니다.";
    then_what_was_held:
        "When it ends, what was held takes place if it is still wanted.",
        "보류가 끝났을 때 아직 필요하면 보류된 작업을 실행합니다.";
    then_nothing: "When it ends, things stay as they are.", "보류가 끝나도 그대로 둡니다.";
    held_already:
        "It was held already, at least as long: nothing new was recorded.",
        "이미 그 시각까지 또는 더 오래 보류되어 있어 새로 기록하지 않았습니다.";
    nothing_recorded: "Nothing was recorded.", "아무것도 기록하지 않았습니다.";
    daemon: "Daemon", "데몬";
    daemon_alive: "alive since", "실행 시작";
    process(pid: i64, version: &str):
        "process {pid}, version {version}",
        "프로세스 {pid}, 버전 {version}";
    file_wrong:
        "schedules.toml cannot be used as it is now.",
        "현재 schedules.toml을 사용할 수 없습니다.";
    log_missing:
        "There is no audit log yet: no daemon has ever written it.",
        "감사 로그가 아직 없습니다. 데몬이 실행된 적이 없습니다.";
    log_unreadable: "The audit log cannot be read.", "감사 로그를 읽을 수 없습니다.";
    log_older:
        "lightsout run or lightsout fire brings it up to date.",
        "lightsout run 또는 lightsout fire를 실행하면 현재 버전의 형식으로 바뀝니다.";
    in_flight: "In progress", "진행 중";
    listing_servers: "listing the servers", "서버 목록을 읽는 중";
    servers_so_far: "So far", "지금까지";
    since_its_begin: "Time", "경과 시간";
    of_patience(spent: &str, most: &str): "{spent} of {most}", "{spent} / 최대 {most}";
    of_minutes(spent: &str, most: &str): "{spent} of {most} min", "{spent} / 최대 {most}(분:초)";
    more_in_flight(more: usize): "and {more} more", "외 {more}건";
    holds: "Holds", "보류";
    subject: "What is held", "보류 대상";
    who: "By", "설정한 사람";
    in_short: "In short", "요약";
    see_why: "See why", "이유 보기";
    comes_next: "What comes next", "다음 예정";
    nothing_comes: "No enabled rule has a time to come.", "앞으로 실행될 활성 규칙이 없습니다.";
    more_rules(more: usize): "and {more} more: lightsout next", "외 {more}건: lightsout next";
    held_until(until: &str): "held until {until}", "{until}까지 보류";
    what_comes: "What", "내용";
    overridden(what: &str): "override: {what}", "예외 기간: {what}";
    skipped_on(day: &str, why: &str): "not on {day} ({why})", "{day} 건너뜀({why})";
    disabled: "Disabled rules", "비활성 규칙";
    disabled_since(day: &str): "since {day}", "{day}부터";
    last_nights: "The last nights", "최근 일주일의 밤";
    no_nights:
        "Nothing has fired in the last seven nights.",
        "최근 일주일의 밤에 실행된 규칙이 없습니다.";
    only_newest(most: u32):
        "Only the newest {most} firings are shown; the history has all.",
        "최근 실행 {most}건만 표시합니다. 전체는 기록에서 볼 수 있습니다.";
    night_of(day: &str, weekday: Weekday): {
        let weekday = match weekday {
            Weekday::Mon => "Monday",
            Weekday::Tue => "Tuesday",
            Weekday::Wed => "Wednesday",
            Weekday::Thu => "Thursday",
            Weekday::Fri => "Friday",
            Weekday::Sat => "Saturday",
            Weekday::Sun => "Sunday",
        };
        format!("Night of {weekday}, {day}")
    }, {
        let weekday = match weekday {
            Weekday::Mon => "월요일",
            Weekday::Tue => "화요일",
            Weekday::Wed => "수요일",
            Weekday::Thu => "목요일",
            Weekday::Fri => "금요일",
            Weekday::Sat => "토요일",
            Weekday::Sun => "일요일",
        };
        format!("{day} {weekday} 밤")
    };

    history: "History", "기록";
    filters: "Filters", "필터";
    show: "Show", "보기";
    clear: "Clear", "초기화";
    instance_hint: "number, or name as it was then", "번호 또는 당시 이름";
    since: "Since", "시작 시각";
    until: "Until", "종료 시각";
    time_hint:
        "2026-11-23, 2026-11-23 20:00, or an age such as 2d",
        "2026-11-23, 2026-11-23 20:00 또는 2d(2일 전)";
    limit: "Lines", "줄 수";
    limit_hint: "1 to 500", "1에서 500까지";
    any: "any", "전체";
    wrong_outcome: "There is no such outcome.", "그런 결과가 없습니다.";
    wrong_time: "That is no time.", "시각으로 읽을 수 없습니다.";
    wrong_limit: "That is no number from 1 to 500.", "1에서 500까지의 숫자가 아닙니다.";
    no_line: "No line matches.", "일치하는 줄이 없습니다.";
    pages: "Pages of the history", "기록 페이지";
    older: "Older", "이전 기록";
    newest: "Newest", "최신 기록";
    as_csv: "As CSV", "CSV 내려받기";
    as_excel: "As CSV for Excel", "엑셀용 CSV 내려받기";
    most_in_a_file(most: u32): "the newest {most} lines at most", "최근 {most}줄까지";

    firing(number: i64): "Firing {number}", "실행 {number}";
    when: "When", "시각";
    rule: "Rule", "규칙";
    note: "Note", "비고";
    result: "Result", "결과";
    request_result: "Result", "수락 여부";
    instance: "Server", "서버";
    region: "Region", "리전";
    whole_region(region: &str): "region {region}", "{region} 리전";
    whole_firing: "the whole firing", "실행 전체";
    status: "Status", "상태 코드";
    outcome: "Outcome", "결과";
    reason: "Reason", "이유";
    account: "Account", "계정";
    trigger: "Trigger", "실행 구분";
    due: "Due", "예정 시각";
    begun: "Begun", "시작 시각";
    ended: "Ended", "종료 시각";
    not_yet: "not yet", "아직 끝나지 않음";
    never_begun: "never", "시작되지 않음";
    dry_run: "dry run", "모의 실행";
    patience: "Patience", "대기 한도";
    seconds(seconds: i64): "{seconds} s", "{seconds}초";
    makes_up_for: "Catches up on", "밀렸던 실행";
    made_up_by: "Caught up by", "뒤늦게 처리한 실행";
    processes: "Processes", "프로세스";
    file: "File, as SHA-256", "파일(SHA-256)";
    instances: "Servers", "서버";
    requests: "Requests and answers", "요청과 응답";
    no_request: "No request was sent.", "보낸 요청이 없습니다.";
    asked: "Asked", "요청 시각";
    answered: "Answered", "응답 시각";
    no_answer: "no answer recorded", "기록된 응답 없음";
    code: "return code", "응답 코드";
    request_id: "Request id", "요청 ID";
    message: "Message", "메시지";

    last_seen: "Last seen", "마지막 확인";
    name: "Name", "이름";
    operation: "Operation", "작업 코드";
    booted: "Booted", "부팅 시각";
    seen: "Seen so since", "이 상태가 확인된 시각";
    never_seen: "No list has shown it so far.", "아직 목록에서 확인된 적이 없습니다.";
    all_of_it: "All of its history", "이 서버의 전체 기록";

    changes: "Changes by others", "다른 사람의 변경";
    changes_hint:
        "Servers that somebody else started or stopped, at the console or otherwise.",
        "다른 사람이 콘솔 등에서 시작하거나 정지한 서버입니다.";
    no_change: "No change by others matches.", "일치하는 변경이 없습니다.";
    found: "Found", "확인 시각";
    seen_before: "Last seen otherwise", "이전 상태의 마지막 확인";

    nothing_held: "Nothing is held.", "설정된 보류가 없습니다.";
    hold: "Hold", "보류";
    until_hint:
        "02:00, 2026-11-24 02:00 or 12h; empty: until the night ends, with the next start or at 08:00",
        "02:00, 2026-11-24 02:00 또는 12h. 비워 두면 밤이 끝날 때(다음 시작 또는 08:00)까지";
    your_name: "Your name", "이름";
    your_name_hint:
        "if you like; your address is recorded with it",
        "선택 사항. 주소도 함께 기록됩니다.";
    recorded_as(user: &str): "recorded as {user}", "{user} 이름으로 기록됩니다.";
    at_its_end: "At its end", "보류가 끝나면";
    do_not_make_up: "When it ends, leave things as they are", "보류가 끝나도 그대로 두기";
    made_up: "caught up on if still wanted", "아직 필요하면 밀린 작업 처리";
    not_made_up: "not caught up on", "밀린 작업을 처리하지 않음";
    release: "Release", "해제";
    release_of(subject: &str): "Release {subject}", "{subject} 보류 해제";
    held_now(hold: i64): "Recorded as hold {hold}.", "{hold}번 보류로 기록했습니다.";
    released_now(name: &str): "{name} is no longer held.", "{name} 보류를 해제했습니다.";
    released_but_held(name: &str):
        "That hold is released. {name} is still held by another one.",
        "이 보류를 해제했습니다. {name}에는 다른 보류가 남아 있습니다.";
    was_over(name: &str): "The hold on {name} was over already.", "{name} 보류는 이미 끝났습니다.";
    wrong_rule: "There is no such rule.", "그런 규칙이 없습니다.";
    wrong_seal:
        "Nothing was recorded: this form lay open for too long, or lightsout was started anew. Send it again.",
        "아무것도 기록하지 않았습니다. 양식을 너무 오래 열어 두었거나 lightsout이 다시 시작되었습니다. 다시 보내십시오.";
    log_not_written:
        "The audit log could not be written; lightsout holds shows what is held.",
        "감사 로그에 쓰지 못했습니다. 현재 보류는 lightsout holds로 확인하십시오.";
    has_passed:
        "That time has passed: nothing would be held.",
        "이미 지난 시각이라 보류할 것이 없습니다.";
    too_far(longest: &str, end: &str):
        "A hold lasts {longest} at most, now until {end}.",
        "보류는 최대 {longest}, 지금은 {end}까지 가능합니다.";
    closed_by_wish:
        "Holds can only be read here: lightsout was started with --web-read-only, or [web] read_only is set.",
        "여기서는 보류를 볼 수만 있습니다. lightsout을 --web-read-only로 시작했거나 [web] read_only를 켰습니다.";
    closed_by_log:
        "Holds can only be read here: this process may not write the audit log or its folder.",
        "여기서는 보류를 볼 수만 있습니다. 이 프로세스는 감사 로그나 그 폴더에 쓸 수 없습니다.";
    closed_by_rules:
        "Nothing can be held while schedules.toml cannot be used: it says for how long.",
        "schedules.toml을 사용할 수 없는 동안에는 보류할 수 없습니다. 보류 한도가 그 파일에 있습니다.";

    why: "Why", "이유";
    why_at: "At what time", "시점";
    ask: "Ask", "알아보기";
    whole_story: "The whole story, and other times", "자세한 내용과 다른 시점";
    never_matched(rules: &str):
        "Rules that ask for tags and have never matched it: {rules}",
        "태그로 고르지만 이 서버가 대상이었던 적이 없는 규칙: {rules}";
    to_come:
        "That time is still to come: the log cannot know it.",
        "아직 오지 않은 시각이라 로그로는 알 수 없습니다.";
    state: "State", "상태";
    happened: "What happened", "있었던 일";
    later: "(later)", "(이후)";
    rules_then: "Rules in use then", "당시의 규칙";
    not_known: "Not known", "알 수 없는 것";

    budget: "Stop budget", "정지 한도";
    in_a_row: "Days off in a row", "연속 정지 일수";
    in_12_months: "Days off in the last 365", "최근 365일 중 정지 일수";
    days_of(days: f64, limit: u32): "{days} of {limit}", "한도 {limit}일 중 {days}일";
    at_least_of(days: f64, limit: u32):
        "unknown, at least {days} of {limit}",
        "알 수 없음, 한도 {limit}일 중 최소 {days}일";
    passes: "Passes a limit", "한도 초과 예상";
    passed: "has passed it", "이미 초과";
    passes_never: "never, under the present rules", "현재 규칙으로는 초과하지 않음";
    passes_unknown: "unknown", "알 수 없음";
    passes_on(day: &str): "on {day}, under the present rules", "{day}(현재 규칙 기준)";
    passes_by(day: &str):
        "on {day} at the latest, under the present rules",
        "늦어도 {day}(현재 규칙 기준)";
    as_of: "As of", "기준 시각";
    unconfirmed: "What the provider allows, and how it counts days, is not confirmed: [budget] \
                  sets it.", "클라우드가 허용하는 한도와 일수를 세는 방법은 확인되지 않았습니다. [budget]에서 정합니다.";

    report: "Report", "보고서";
    usual_times: "Usual times", "자주 보는 기간";
    last_days: "30 days", "최근 30일";
    last_seven_days: "7 days", "최근 7일";
    last_month: "Last month", "지난달";
    wrong_span:
        "That comes after the end, or is more than a year before it: lightsout report tells of longer times.",
        "시작 시각이 종료 시각보다 늦거나 기간이 1년보다 깁니다. 더 긴 기간은 lightsout report로 볼 수 있습니다.";

    not_found: "Not found", "찾을 수 없음";
    not_found_hint:
        "There is no such page, or the log no longer has it.",
        "그런 페이지가 없거나 로그에 더 이상 남아 있지 않습니다.";
    busy:
        "Too many are reading the log just now. Try again in a moment.",
        "지금 로그를 읽는 사람이 너무 많습니다. 잠시 후 다시 시도하십시오.";
    sign_in: "Sign in", "로그인";
    sign_in_hint:
        "The token is in the file that lightsout was started with.",
        "토큰은 lightsout을 시작할 때 지정한 파일에 있습니다.";
    token: "Token", "토큰";
    wrong_token: "That is not the token.", "토큰이 맞지 않습니다.";

    stop: "stop", "정지";
    start: "start", "시작";
    open: "in progress", "진행 중";
    /// Left as it is, though nobody chose that.
    not_free: "skipped, never free", "건너뜀(사용 중)";
}
