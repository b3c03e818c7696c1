//! Says times as people do, as seen from now: `20:00` today, `Wed 25 20:00` within a week, and
//! `2026-11-25 20:00` otherwise. The zone is said by whoever shows the time.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};

use super::zone::Zone;
use crate::model::language::Language;

/// Within so many days a day is said by its weekday.
const NEAR: TimeDelta = TimeDelta::days(7);

/// Whence times are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near {
    pub zone: Zone,
    pub now: DateTime<Utc>,
}

impl Near {
    /// To the minute: `Wed 25 20:00`.
    pub fn minute(self, at: DateTime<Utc>, language: Language) -> String {
        self.in_form(at, "%H:%M", language)
    }

    /// To the second: `Wed 25 20:00:05`.
    pub fn second(self, at: DateTime<Utc>, language: Language) -> String {
        self.in_form(at, "%H:%M:%S", language)
    }

    /// `Wed 25` within a week, else `2026-11-25`; nothing for today.
    pub fn day(self, day: NaiveDate, language: Language) -> String {
        let today = self.zone.local(self.now).date();
        match (day - today).abs() {
            away if away.is_zero() => String::new(),
            away if away < NEAR => weekday(day, language),
            _ => day.to_string(),
        }
    }

    fn in_form(self, at: DateTime<Utc>, form: &str, language: Language) -> String {
        let local = self.zone.local(at);
        let time = local.format(form);
        match self.day(local.date(), language) {
            today if today.is_empty() => time.to_string(),
            day => format!("{day} {time}"),
        }
    }
}

/// `Wed 25`.
pub(crate) fn weekday(day: NaiveDate, language: Language) -> String {
    let korean = match day.weekday() {
        Weekday::Mon => "월",
        Weekday::Tue => "화",
        Weekday::Wed => "수",
        Weekday::Thu => "목",
        Weekday::Fri => "금",
        Weekday::Sat => "토",
        Weekday::Sun => "일",
    };
    let number = day.day();
    language.either([format!("{} {number}", day.weekday()), format!("{number}일({korean})")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_by_their_distance() {
        let zone: Zone = "Asia/Seoul".parse().expect("a zone");
        let instant = |at: &str| at.parse::<DateTime<Utc>>().expect("a time");
        let near = Near { zone, now: instant("2026-11-25T07:00:00Z") };
        for (at, english, korean) in [
            ("2026-11-25T11:00:00Z", "20:00", "20:00"),
            ("2026-11-24T15:00:00Z", "00:00", "00:00"),
            ("2026-11-24T14:59:00Z", "Tue 24 23:59", "24일(화) 23:59"),
            ("2026-12-01T23:00:00Z", "2026-12-02 08:00", "2026-12-02 08:00"),
            ("2026-11-30T23:00:00Z", "Tue 1 08:00", "1일(화) 08:00"),
            ("2026-11-18T11:00:00.120Z", "2026-11-18 20:00", "2026-11-18 20:00"),
        ] {
            assert_eq!(near.minute(instant(at), Language::English), english);
            assert_eq!(near.minute(instant(at), Language::Korean), korean);
        }
        let at = instant("2026-11-24T14:59:07Z");
        assert_eq!(near.second(at, Language::English), "Tue 24 23:59:07");
    }
}
