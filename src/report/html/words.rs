//! The words of the HTML report, in each language. Sums and trouble have theirs in
//! [`crate::report::summary`].

use crate::model::language::words;

words! { pub(super) struct HtmlWords:
    heading: "lightsout report", "lightsout 보고서";
    title(period: &str): "lightsout report, {period}", "lightsout 보고서, {period}";

    when_off: "When servers were off", "서버가 꺼져 있던 때";
    when_off_long:
        "When servers were off, by hour of the week", "서버가 꺼져 있던 때: 요일과 시간대별";
    share_by_hour(zone: &str):
        "Share of all servers’ time that was off, by hour of the week in {zone}.",
        "모든 서버의 시간 가운데 꺼져 있던 비율을 요일과 시간대별로 나타냅니다({zone}).";
    share_off: "Share of servers’ time that was off", "꺼져 있던 시간의 비율";
    in_numbers: "The same in numbers", "숫자로 보기";
    hour: "Hour", "시간대";
    unknown: "unknown", "알 수 없음";
    most_and_least(most: &str, most_at: &str, least: &str, least_at: &str):
        "Most was off in the hour from {most_at}, {most}; least in the hour from {least_at}, {least}. All numbers are in the table below.",
        "가장 많이 꺼져 있던 때는 {most_at}부터 한 시간({most}), 가장 적게 꺼져 있던 때는 {least_at}부터 한 시간({least})입니다. 모든 숫자는 아래 표에 있습니다.";
    no_hour_known: "Of no hour is it known.", "상태를 아는 시간대가 없습니다.";

    saved_by_week(currency: &str): "Saved by week, in {currency}", "주별 절약 금액({currency})";
    off_by_week: "Server-hours off by week", "주별로 서버가 꺼진 시간";
    whose_bars:
        "Filled: by lightsout. Outlined: by others. A week begins on Monday.",
        "채워진 부분은 lightsout이, 테두리만 있는 부분은 다른 사람이 정지한 시간입니다. 한 주는 월요일에 시작합니다.";
    striped: "Striped: a part of a week.", "빗금은 일부만 포함된 주입니다.";
    unpriced_missing:
        "What is off at an unknown price is missing.", "요금을 모르는 서버는 빠져 있습니다.";
    week_from: "Week from", "주 시작일";
    part_of_week_from: "Part of the week from", "일부만 포함된 주, 시작일";
    hours_off: "Hours off", "꺼진 시간";
    by_lightsout: "by lightsout", "lightsout이 정지";
    saved_in(currency: &str): "Saved, {currency}", "절약({currency})";
    hours_of_weeks: "Server-hours of each week", "주별 서버 시간";
    weeks_in_short(most: &str, most_at: &str, least: &str, least_at: &str):
        "Most in the week from {most_at}, {most}; least in the week from {least_at}, {least}. All numbers are in the table below.",
        "가장 많은 주는 {most_at}에 시작한 주({most}), 가장 적은 주는 {least_at}에 시작한 주({least})입니다. 모든 숫자는 아래 표에 있습니다.";
    no_week: "There is no week.", "표시할 주가 없습니다.";

    rules: "Rules", "규칙";
    rule: "Rule", "규칙";
    due: "Due", "예정";
    came_true: "Came true", "성공";
    did_not: "Did not", "성공하지 못함";
    besides: "Besides", "그 밖";
    servers: "Servers", "서버";
    no_rule:
        "No rule had anything to do in this time.", "이 기간에 할 일이 있던 규칙이 없습니다.";
    firings_of_rules:
        "Firings of each rule, and what became of servers in them",
        "규칙별 실행과 서버의 결과";

    no_server: "No server was seen in this time.", "이 기간에 확인된 서버가 없습니다.";
    servers_meant:
        "Servers that rules were about, those with trouble first",
        "규칙의 대상인 서버, 문제가 있는 서버부터";
    servers_besides: "Servers that no rule was about", "규칙의 대상이 아닌 서버";
    caption_saved(caption: &str, currency: &str):
        "{caption}; saved in {currency}", "{caption}; 절약 금액의 단위는 {currency}";
    server: "Server", "서버";
    trouble: "Trouble", "문제";
    nights_off: "Nights off", "꺼진 밤";
    share: "Share off", "꺼진 비율";
    hours_unknown: "Hours unknown", "알 수 없는 시간";
    saved: "Saved", "절약";
    of_all(part: &str, all: &str): "{part} of {all}", "{all}건 중 {part}건";

    not_known: "What could not be known", "알 수 없었던 것";
    all_known:
        "Nothing: every server was watched all the time, and every price is known.",
        "없습니다. 모든 서버를 내내 확인했고 요금도 모두 알고 있습니다.";
    state_not_known(hours: &str, share: &str):
        "In which state servers were for {hours} server-hours, {share} of all: nobody looked, or what was seen does not prove it.",
        "서버 시간 {hours}시간(전체의 {share}) 동안의 상태: 확인하지 않았거나 확인한 내용만으로는 알 수 없습니다.";
    without_prices:
        "What was saved: schedules.toml has no prices.",
        "절약한 금액: schedules.toml에 요금이 없습니다.";
    unpriced(servers: &str, hours: &str): {
        let noun = if servers == "1" { "server" } else { "servers" };
        format!("What {servers} {noun} saved in {hours} server-hours off: schedules.toml has no \
                 price for the product or spec, or the log does not know either.")
    }, {
        format!("서버 {servers}대가 꺼져 있던 {hours}시간 동안 절약한 금액: schedules.toml에 그 상품이나 \
                 사양의 요금이 없거나, 로그에 상품과 사양이 없습니다.")
    };

    how_counted: "How it was counted", "계산 방법";
    meaning_of_came_true:
        "A firing came true when every server that it meant, and might act on, was seen where it should be.",
        "실행의 대상이며 바꿀 수 있었던 모든 서버가 원하는 상태로 확인되면 그 실행은 성공한 것입니다.";
    meaning_of_night(longest: i64):
        "A night of a server begins when a stop that means it falls due, and ends when its next start, or the same rule’s next stop, falls due. The server ran through it if it was running at its end and never off. What was left alone by choice has no nights, nor has what lasts longer than {longest} days.",
        "서버의 밤은 그 서버를 정지할 시각에 시작해 다음 시작 시각이나 같은 규칙의 다음 정지 시각에 끝납니다. 한 번도 꺼지지 않고 끝날 때 켜져 있었으면 밤새 켜진 것입니다. 일부러 그대로 둔 서버의 밤과 {longest}일보다 긴 밤은 세지 않습니다.";
    meaning_of_saved:
        "Saved is what the server would have cost while it was off, less what being stopped costs, by the prices in schedules.toml.",
        "절약한 금액은 꺼져 있던 동안의 요금에서 정지된 서버의 요금을 뺀 것이며, schedules.toml의 요금으로 계산합니다.";
    meaning_of_unknown:
        "What nobody saw is counted as unknown, and never guessed.",
        "확인하지 않은 것은 짐작하지 않고 ‘알 수 없음’으로 셉니다.";
    made(at: &str, version: &str, log: &str):
        "Made at {at} by lightsout {version} from the log {log}.",
        "{at}에 lightsout {version} 버전이 {log} 로그를 바탕으로 만들었습니다.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::language::assert_both_say_the_same;

    #[test]
    fn both_languages_say_the_same() {
        assert_both_say_the_same(HtmlWords::SOURCES);
    }
}
