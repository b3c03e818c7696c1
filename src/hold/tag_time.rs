//! Times as people and scripts write them into a tag, in English or Korean.
//!
//! Owns the forms only. `tag` decides what a value changes.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::time::zone::Zone;

/// Abbreviations that may follow a local time, with their names in the IANA database.
const ZONES: [(&str, &str); 2] = [("KST", "Asia/Seoul"), ("UTC", "UTC")];

/// The Korean word for "until", which follows the end of a span.
const UNTIL: &str = "까지";

const DATES: [&str; 3] = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"];

/// Reads RFC 3339, or a local date with or without a time: `2026-11-24 02:00`, `2026-11-24T02:00`,
/// `2026년 11월 24일 오전 2시 30분까지`. `KST` or `UTC` may follow. A date alone means the end of that day.
/// `None` for any other text.
pub fn parse(text: &str, zone: Zone) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let text = text.strip_suffix(UNTIL).unwrap_or(text).trim_end();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return is_known(at.year()).then(|| at.to_utc());
    }
    let (text, zone) = split_zone(text).unwrap_or((text, zone));
    let local = korean(text).or_else(|| western(text))?;
    is_known(local.year()).then(|| zone.instant(local))
}

/// Zones are known for these years only.
fn is_known(year: i32) -> bool {
    (1971..=2199).contains(&year)
}

fn split_zone(text: &str) -> Option<(&str, Zone)> {
    ZONES.iter().find_map(|(short, name)| {
        let (rest, last) = text.split_at_checked(text.len().checked_sub(short.len())?)?;
        let is_meant = last.eq_ignore_ascii_case(short);
        is_meant.then(|| Some((rest.trim_end(), name.parse().ok()?)))?
    })
}

fn western(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date, Some(time.trim_start())),
        None => (text, None),
    };
    let has_century = |date: &&str| date.find(|c: char| !c.is_ascii_digit()) == Some(4);
    let date = Some(date).filter(has_century)?;
    let date = DATES.iter().find_map(|form| NaiveDate::parse_from_str(date, form).ok())?;
    let Some(time) = time else { return end_of(date) };
    if let Ok(time) = NaiveTime::parse_from_str(time, "%H:%M:%S") {
        return Some(date.and_time(time));
    }
    let (hour, minute) = time.split_once(':')?;
    at(date, number(hour)?, number(minute)?)
}

/// `2026년 11월 24일`, alone or with `오후 2시`, `02시 30분`.
fn korean(text: &str) -> Option<NaiveDateTime> {
    let mut rest = text;
    let [year, month, day] =
        [before(&mut rest, '년')?, before(&mut rest, '월')?, before(&mut rest, '일')?];
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    rest = rest.trim();
    if rest.is_empty() {
        return end_of(date);
    }
    let half = [("오전", 0), ("오후", 12)]
        .into_iter()
        .find_map(|(half, first)| Some((rest.strip_prefix(half)?, first)));
    rest = half.map_or(rest, |(rest, _)| rest);
    let hour = before(&mut rest, '시')?;
    let hour = match half {
        Some((_, first)) if (1..=12).contains(&hour) => hour % 12 + first,
        Some(_) => return None,
        None => hour,
    };
    let minute = if rest.trim().is_empty() { 0 } else { before(&mut rest, '분')? };
    rest.trim().is_empty().then(|| at(date, hour, minute))?
}

/// Takes a number and its unit off the beginning of a text.
fn before(rest: &mut &str, unit: char) -> Option<u32> {
    let (digits, behind) = rest.split_once(unit)?;
    *rest = behind;
    number(digits.trim())
}

fn number(digits: &str) -> Option<u32> {
    let is_number = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// A time of that day. 24:00 is the end of the day.
fn at(date: NaiveDate, hour: u32, minute: u32) -> Option<NaiveDateTime> {
    match (hour, minute) {
        (24, 0) => end_of(date),
        _ => date.and_hms_opt(hour, minute, 0),
    }
}

fn end_of(date: NaiveDate) -> Option<NaiveDateTime> {
    date.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::days(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seoul() -> Zone {
        "Asia/Seoul".parse().unwrap()
    }

    #[test]
    fn a_time_in_a_tag_is_read_as_people_of_the_console_write_it() {
        for (text, at) in [
            ("2026-11-24T02:00:00+09:00", "2026-11-23T17:00:00Z"),
            ("2026-11-23T17:00:00Z", "2026-11-23T17:00:00Z"),
            ("2026-11-24 02:00", "2026-11-23T17:00:00Z"),
            (" 2026-11-24  2:00 ", "2026-11-23T17:00:00Z"),
            ("2026-11-24T02:00", "2026-11-23T17:00:00Z"),
            ("2026-11-24 02:00:30", "2026-11-23T17:00:30Z"),
            ("2026-11-24 02:00 KST", "2026-11-23T17:00:00Z"),
            ("2026-11-24 02:00kst", "2026-11-23T17:00:00Z"),
            ("2026-11-23 17:00 UTC", "2026-11-23T17:00:00Z"),
            ("2026-11-24", "2026-11-24T15:00:00Z"),
            ("2026/11/24", "2026-11-24T15:00:00Z"),
            ("2026.11.24 KST", "2026-11-24T15:00:00Z"),
            ("2026-11-24 UTC", "2026-11-25T00:00:00Z"),
            ("2026-11-24 24:00", "2026-11-24T15:00:00Z"),
            ("2026년 11월 24일 02시", "2026-11-23T17:00:00Z"),
            ("2026년 11월 24일 02시 30분", "2026-11-23T17:30:00Z"),
            ("2026년11월24일2시30분", "2026-11-23T17:30:00Z"),
            ("2026년 11월 24일 오전 2시", "2026-11-23T17:00:00Z"),
            ("2026년 11월 24일 오후 2시 30분까지", "2026-11-24T05:30:00Z"),
            ("2026년 11월 24일 오전 12시", "2026-11-23T15:00:00Z"),
            ("2026년 11월 24일 24시", "2026-11-24T15:00:00Z"),
            ("2026년 11월 24일 02시 KST", "2026-11-23T17:00:00Z"),
            ("2026년 11월 24일까지", "2026-11-24T15:00:00Z"),
        ] {
            assert_eq!(parse(text, seoul()), Some(at.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_time() {
        for text in [
            "",
            "yes",
            "tomorrow",
            "02:00",
            "02시 30분",
            "26-11-24",
            "2026-13-01",
            "2026-11-31",
            "2026-11-24 25:00",
            "2026-11-24 24:01",
            "2026-11-24 +2:00",
            "2026-11-24 02:00 PST",
            "11월 24일 02시",
            "2026년 11월 24일 오후 14시",
            "2026년 11월 24일 02시 30분 쯤",
            "0001-01-01",
            "9999-12-31",
            "9999-12-31T23:59:59Z",
            "KST",
        ] {
            assert_eq!(parse(text, seoul()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[0-9년월일시분 :TZ+-]{0,24}(KST|UTC|까지)?") {
            let read = parse(&text, seoul());
            prop_assert!(read.is_none_or(|at| (1970..=2200).contains(&at.year())));
        }

        #[test]
        fn a_local_time_reads_the_same_in_both_writings(
            minutes in 0..(40_i64 * 365 * 24 * 60)
        ) {
            let begin: NaiveDateTime = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().into();
            let local = begin + TimeDelta::minutes(minutes);
            let western = local.format("%Y-%m-%d %H:%M").to_string();
            let korean = local.format("%Y년 %m월 %d일 %H시 %M분").to_string();
            let expected = Some(seoul().instant(local));
            prop_assert_eq!(parse(&western, seoul()), expected);
            prop_assert_eq!(parse(&korean, seoul()), expected);
        }
    }
}
