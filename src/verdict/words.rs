//! The words of the three lines, in each language. `sentence` puts them together.

use crate::model::language::words;

words! { pub(crate) struct Words:
    last_night: "Last night", "지난밤";
    tonight: "Tonight", "오늘 밤";
    this_month: "This month", "이번 달";

    no_stop_due: "no stop was planned", "예정된 정지가 없었음";
    no_stop_yet: "no stop was planned so far", "지금까지 예정된 정지가 없었음";
    still_to_come(count: &str, at: &str): {
        if count == "1" { format!("1 stop is still to come, at {at}") }
        else { format!("{count} stops are still to come, from {at}") }
    }, {
        if count == "1" { format!("{at}에 정지 1건 남음") } else { format!("{at}부터 정지 {count}건 남음") }
    };
    no_server_meant: "no server was to be stopped", "정지할 서버가 없었음";
    off_of(off: &str, all: &str): "{off} of {all} servers off", "서버 {all}대 중 {off}대 정지";
    off_so_far(off: &str, all: &str): {
        match (off, all) {
            ("1", "1") => "1 server off so far".to_owned(),
            (off, all) if off == all => format!("{off} servers off so far"),
            (off, all) => format!("{off} of {all} servers off so far"),
        }
    }, {
        if off == all { format!("지금까지 서버 {off}대 정지") }
        else { format!("지금까지 서버 {all}대 중 {off}대 정지") }
    };
    searching(count: &str): {
        if count == "1" { "1 stop is still looking for its servers".to_owned() }
        else { format!("{count} stops are still looking for their servers") }
    }, { format!("아직 서버를 찾고 있는 정지 {count}건") };
    so_far(sum: &str): "so far {sum}", "지금까지 {sum}";
    under_way(sum: &str): "stopping now: {sum}", "정지하는 중: {sum}";
    under_way_well(sum: &str):
        "stopping now, no trouble so far: {sum}", "정지하는 중, 지금까지 문제 없음: {sum}";
    waiting(count: &str): "{count} in progress", "진행 중 {count}대";
    did_not_stop(count: &str, names: &str):
        "{count} did not stop: {names}", "정지되지 않은 서버 {count}대: {names}";
    failed(names: &str): "failed as a whole: {names}", "전체가 실패한 실행: {names}";
    one(name: &str, outcome: &str): "{name} ({outcome})", "{name}({outcome})";
    more_servers(names: &str, more: &str): "{names} and {more} more", "{names} 외 {more}대";
    more_firings(names: &str, more: &str): "{names} and {more} more", "{names} 외 {more}건";
    held_back: "held back", "안전장치로 중단";

    no_stop_comes: "no stop is to come", "예정된 정지 없음";
    stops_from(count: &str, at: &str): {
        if count == "1" { format!("1 stop at {at}") } else { format!("{count} stops from {at}") }
    }, {
        if count == "1" { format!("{at}에 정지 1건") } else { format!("{at}부터 정지 {count}건") }
    };
    stops_cannot_run(count: &str, at: &str): {
        if count == "1" { format!("the stop at {at} cannot run") }
        else { format!("{count} stops from {at} cannot run") }
    }, {
        if count == "1" { format!("{at}에 예정된 정지 1건 실행 불가") }
        else { format!("{at}부터 예정된 정지 {count}건 실행 불가") }
    };
    more_stops(count: &str, at: &str): {
        let stops = if count == "1" { "stop" } else { "stops" };
        format!("{count} more {stops} from {at}")
    }, { format!("{at}부터 정지 {count}건 더") };
    about_servers(count: &str): {
        let servers = if count == "1" { "server" } else { "servers" };
        format!("about {count} {servers}")
    }, { format!("서버 약 {count}대") };
    ready(stops: &str): "ready: {stops}", "준비 완료: {stops}";
    ready_first(stops: &str): "ready for the first night: {stops}", "첫 실행 준비 완료: {stops}";
    first_night(stops: &str): "first night: {stops}", "첫 실행: {stops}";
    first_servers: "to see which servers: `lightsout plan`", "대상 서버 확인: `lightsout plan`";
    no_servers: "no server was found before", "지금까지 찾은 서버 없음";
    untried(count: &str): {
        let rules = if count == "1" { "rule" } else { "rules" };
        format!("{count} {rules} not tried yet")
    }, { format!("실행된 적 없는 규칙 {count}개") };
    held(count: &str): "{count} held", "보류 {count}대";
    tried_again(count: u64, all: u64): {
        match (count, all) {
            (1, 1) => "it is tried again tonight".to_owned(),
            (count, all) if count == all => "they are tried again tonight".to_owned(),
            (1, _) => "1 of them is tried again tonight".to_owned(),
            (count, _) => format!("{count} of them are tried again tonight"),
        }
    }, {
        if count == all { "오늘 밤 다시 시도".to_owned() }
        else { format!("그중 {count}대 오늘 밤 다시 시도") }
    };
    read_at(accounts: u64, at: &str): {
        match accounts {
            1 => format!("account read at {at}"),
            2 => format!("both accounts read at {at}"),
            n => format!("all {n} accounts read at {at}"),
        }
    }, {
        if accounts == 1 { format!("{at}에 계정 확인") } else { format!("{at}에 계정 {accounts}개 확인") }
    };
    not_read_yet: "accounts not read yet", "계정을 아직 읽지 못함";
    no_log: "nothing will stop or start: no daemon has ever run here",
        "여기서 데몬이 실행된 적이 없어 아무것도 정지되거나 시작되지 않음";
    no_daemon: "nothing will stop or start: no daemon is alive",
        "실행 중인 데몬이 없어 아무것도 정지되거나 시작되지 않음";
    silent: "nothing will stop or start: the daemon cannot write its log",
        "데몬이 로그를 쓰지 못해 아무것도 정지되거나 시작되지 않음";
    no_file: "nothing is known to come: schedules.toml cannot be used",
        "schedules.toml을 사용할 수 없어 예정을 알 수 없음";
    account_lost(account: &str): "nothing will stop or start in account {account}",
        "{account} 계정에서는 아무것도 정지되거나 시작되지 않음";
    blocked: "Nothing of this runs until the trouble above is fixed",
        "위의 문제를 해결하기 전에는 아래 예정이 실행되지 않습니다";
    blocked_in(account: &str):
        "Nothing of this runs in account {account} until the trouble above is fixed",
        "위의 문제를 해결하기 전에는 {account} 계정의 아래 예정이 실행되지 않습니다";

    saved(amount: &str): "{amount} saved", "{amount} 절약";
    saved_at_least(amount: &str): "at least {amount} saved", "최소 {amount} 절약";
    hours_off(hours: &str): "{hours} server-hours off", "서버가 꺼진 시간 합계 {hours}시간";
    savings_unknown: "savings unknown", "절약 금액 알 수 없음";
    prices_unread: "savings unknown while schedules.toml cannot be used",
        "schedules.toml을 사용할 수 없는 동안 절약 금액 알 수 없음";
    unpriced(count: &str): {
        let servers = if count == "1" { "server has" } else { "servers have" };
        format!("{count} {servers} no price: write it under [prices] in schedules.toml")
    }, { format!("요금이 없는 서버 {count}대: schedules.toml의 [prices]에 적으십시오") };
    no_hours_yet: "nothing saved yet", "아직 절약한 금액 없음";
    month_unknown: "not reckoned yet", "아직 계산하지 않음";
}
