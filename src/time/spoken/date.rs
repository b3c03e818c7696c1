//! Days of the calendar, with the year first.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::{ends, plain, time};

/// A day: `2026/12/25`, `2026. 12. 25.`, `2026년 12월 25일`, `20261225`.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let text = plain(text);
    let text = text.trim();
    let is_digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    if is_digits {
        return NaiveDate::parse_from_str(text, "%Y%m%d").ok();
    }
    let is_mark = |c: char| matches!(c, '-' | '/' | '.' | '년' | '월' | '일' | ' ');
    let parts: Vec<&str> = text.split(is_mark).filter(|part| !part.is_empty()).collect();
    let [year, month, day] = parts.as_slice() else { return None };
    if year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// A range of days: `2026-12-25 ~ 2026-12-26` becomes `2026-12-25..2026-12-26`.
pub(crate) fn dates(text: &str) -> Option<String> {
    if let Some(day) = date(text) {
        return Some(day.to_string());
    }
    let text = plain(text);
    let marks = text.match_indices(['~', '-']).map(|(at, mark)| (at, mark.len()));
    let joined = ends(&text).into_iter().chain(marks.map(|(at, length)| {
        let (first, last) = (&text[..at], &text[at + length..]);
        (first, last)
    }));
    let mut ranges = joined.filter_map(|(first, last)| date(first).zip(date(last)));
    let (first, last) = ranges.next()?;
    Some(format!("{}..{}", first.min(last), first.max(last)))
}

/// A day with a time: `2026/12/24 22.05`, `2026-12-24 10pm`.
pub(crate) fn moment(text: &str) -> Option<NaiveDateTime> {
    let text = plain(text);
    text.match_indices([' ', 'T']).find_map(|(at, _)| {
        let day = date(&text[..at])?;
        let clock = time(&text[at + 1..])?;
        let time = NaiveTime::from_hms_opt(clock.hour.into(), clock.minute.into(), 0)?;
        Some(day.and_time(time))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_understood_where_the_year_comes_first() {
        for (text, expected) in [
            ("2026/12/25", Some("2026-12-25")),
            ("2026. 12. 25.", Some("2026-12-25")),
            ("2026년 1월 2일", Some("2026-01-02")),
            ("20261225", Some("2026-12-25")),
            ("2026-12-25 ~ 2026-12-26", Some("2026-12-25..2026-12-26")),
            ("2026-12-25–2026-12-26", Some("2026-12-25..2026-12-26")),
            ("2026-12-25 to 2026-12-26", Some("2026-12-25..2026-12-26")),
            ("2026-02-30", None),
            ("12/25/2026", None),
            ("12-25", None),
            ("soon", None),
        ] {
            assert_eq!(dates(text).as_deref(), expected, "{text}");
        }
        let moment = |text| moment(text).map(|at| at.to_string());
        assert_eq!(moment("2026/12/24 오후 10시 5분").as_deref(), Some("2026-12-24 22:05:00"));
        assert_eq!(moment("2026-12-24"), None);
    }
}
