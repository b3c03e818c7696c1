//! The words of what comes, in each language.

use chrono::TimeDelta;

use super::coming::{ComingFiring, LastTime, NamedServer};
use crate::model::instance::Action;
use crate::model::language::words;
use crate::text::sanitize::harmless;

words! { pub(crate) struct ComingWords:
    now: "now", "지금";
    in_minutes(minutes: i64): "in {minutes} min", "{minutes}분 뒤";
    in_hours(hours: i64): "in {hours} h", "{hours}시간 뒤";
    in_hours_and(hours: i64, minutes: i64): "in {hours} h {minutes} min", "{hours}시간 {minutes}분 뒤";
    in_days(days: i64, hours: i64): "in {days} d {hours} h", "{days}일 {hours}시간 뒤";

    last_time: "Last time", "지난번";
    servers_last_time(count: u64): {
        if count == 1 { "1 server last time".to_owned() } else { format!("{count} servers last time") }
    }, { format!("지난번 {count}대") };
    servers(count: u64): {
        if count == 1 { "1 server".to_owned() } else { format!("{count} servers") }
    }, { format!("{count}대") };
    not_stopped(servers: &str, failed: u64): "{servers}, {failed} did not stop",
        "{servers}, {failed}대는 정지되지 않음";
    not_started(servers: &str, failed: u64): "{servers}, {failed} did not start",
        "{servers}, {failed}대는 시작되지 않음";
    first_time(count: u64): {
        if count == 1 { "first time, 1 server".to_owned() } else { format!("first time, {count} servers") }
    }, { format!("첫 실행, {count}대") };
    not_tried: "not tried yet", "아직 실행된 적 없음";
    never_found: "no server so far", "대상이었던 서버 없음";
    more_firings(count: usize): "then {count} more within a day", "하루 안에 {count}번 더";
    many_firings(count: usize): "then at least {count} more within a day", "하루 안에 {count}번 이상 더";

    deferred_stop(names: &str): "stops {names}, deferred", "미뤄진 정지: {names}";
    deferred_start(names: &str): "starts {names}, deferred", "미뤄진 시작: {names}";
    budget_start(name: &str): "starts {name} before its days off in a row are over",
        "연속 정지 한도를 넘기 전에 {name} 시작";
    hold_ends(name: &str): "the hold on {name} ends", "{name} 보류 종료";
    names_and_more(names: &str, more: usize): "{names} and {more} more", "{names} 외 {more}대";

    within_a_day: "Within 24 hours", "24시간 이내";
    later: "Later", "그 뒤";
    nothing_within_a_day: "Nothing comes within 24 hours.", "24시간 이내에 예정된 작업이 없습니다.";
}

impl ComingWords {
    /// The most servers that are named.
    pub(crate) const MOST_NAMED: usize = 3;

    /// `in 1 h 12 min`.
    pub(crate) fn in_time(self, ahead: TimeDelta) -> String {
        let minutes = ahead.num_minutes();
        match (minutes / (24 * 60), minutes / 60, minutes % 60) {
            (_, hours, minutes) if hours <= 0 && minutes <= 0 => self.now().to_owned(),
            (0, 0, minutes) => self.in_minutes(minutes),
            (0, hours, 0) => self.in_hours(hours),
            (0, hours, minutes) => self.in_hours_and(hours, minutes),
            (days, hours, _) => self.in_days(days, hours % 24),
        }
    }

    /// The further firings of a rule within the day; empty when each has its own line.
    pub(crate) fn more(self, firing: &ComingFiring) -> Option<String> {
        match firing.more {
            0 => None,
            more if firing.has_more_than_counted() => Some(self.many_firings(more)),
            more => Some(self.more_firings(more)),
        }
    }

    pub(crate) fn deferred(self, action: Action, names: &str) -> String {
        match action {
            Action::Stop => self.deferred_stop(names),
            Action::Start => self.deferred_start(names),
        }
    }

    pub(crate) fn last_of(self, firing: &ComingFiring) -> String {
        match firing.last_time {
            LastTime::Meant { servers, failed } => {
                self.and_failed(self.servers_last_time(servers), failed, firing.rule.action)
            }
            other => self.last_servers(other, firing.rule.action),
        }
    }

    /// The same below a head that says that it is about the last time.
    pub(crate) fn last_servers(self, last: LastTime, action: Action) -> String {
        match last {
            LastTime::Meant { servers, failed } => {
                self.and_failed(self.servers(servers), failed, action)
            }
            LastTime::Stopped(count) => self.first_time(count),
            LastTime::NeverFound => self.never_found().to_owned(),
            LastTime::NotTried => self.not_tried().to_owned(),
        }
    }

    fn and_failed(self, servers: String, failed: u64, action: Action) -> String {
        match (failed, action) {
            (0, _) => servers,
            (failed, Action::Stop) => self.not_stopped(&servers, failed),
            (failed, Action::Start) => self.not_started(&servers, failed),
        }
    }

    /// The first few names, and the number of the others.
    pub(crate) fn names(self, servers: &[NamedServer]) -> String {
        let names: Vec<String> =
            servers.iter().take(Self::MOST_NAMED).map(|it| harmless(&it.name)).collect();
        let (names, more) = (names.join(", "), servers.len().saturating_sub(Self::MOST_NAMED));
        if more == 0 { names } else { self.names_and_more(&names, more) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::language::{Language, assert_both_say_the_same};

    #[test]
    fn a_time_ahead_is_said_to_the_minute_within_a_day() {
        for (seconds, english, korean) in [
            (-5, "now", "지금"),
            (59, "now", "지금"),
            (60, "in 1 min", "1분 뒤"),
            (3_600, "in 1 h", "1시간 뒤"),
            (4_320, "in 1 h 12 min", "1시간 12분 뒤"),
            (86_399, "in 23 h 59 min", "23시간 59분 뒤"),
            (183_600, "in 2 d 3 h", "2일 3시간 뒤"),
        ] {
            let ahead = TimeDelta::seconds(seconds);
            assert_eq!(ComingWords(Language::English).in_time(ahead), english);
            assert_eq!(ComingWords(Language::Korean).in_time(ahead), korean);
        }
    }

    #[test]
    fn both_languages_say_the_same() {
        assert_both_say_the_same(ComingWords::SOURCES);
    }
}
