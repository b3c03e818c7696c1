//! Days of the week in English and Korean: one, several, or a range.

use super::{ends, plain};

const NAMES: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The names of each day, from Sunday on.
const DAYS: [&[&str]; 7] = [
    &["sun", "su", "sunday", "sundays", "일", "일요일", "日"],
    &["mon", "mo", "monday", "mondays", "월", "월요일", "月"],
    &["tue", "tu", "tues", "tuesday", "tuesdays", "화", "화요일", "火"],
    &["wed", "we", "weds", "wednesday", "wednesdays", "수", "수요일", "水"],
    &["thu", "th", "thur", "thurs", "thursday", "thursdays", "목", "목요일", "木"],
    &["fri", "fr", "friday", "fridays", "금", "금요일", "金"],
    &["sat", "sa", "saturday", "saturdays", "토", "토요일", "土"],
];

const EVERY_DAY: [&str; 6] = ["daily", "everyday", "every day", "each day", "매일", "날마다"];
const WORKING_WEEK: [&str; 8] =
    ["weekday", "weekdays", "workday", "workdays", "working days", "business days", "평일", "주중"];
const WEEKEND: [&str; 4] = ["weekend", "weekends", "the weekend", "주말"];

/// One day of the week, or a range in the order of the week. Sunday is 0; as the end of a range it
/// is 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    One(usize),
    Range(usize, usize),
}

impl Group {
    /// `MON` or `MON-FRI`, the form of `cron` and `off_days`.
    pub(crate) fn written(self) -> String {
        match self {
            Self::One(day) => NAMES[day % 7].to_owned(),
            Self::Range(first, last) => format!("{}-{}", NAMES[first % 7], NAMES[last % 7]),
        }
    }
}

/// The days that a text names. A range that passes the end of the week becomes its single days.
pub(crate) fn days(text: &str) -> Option<Vec<Group>> {
    let text = plain(text).to_lowercase();
    let text = text.trim().strip_prefix("on ").unwrap_or(&text).trim();
    if EVERY_DAY.contains(&text) {
        return Some(vec![Group::Range(0, 6)]);
    }
    if WORKING_WEEK.contains(&text) {
        return Some(vec![Group::Range(1, 5)]);
    }
    if WEEKEND.contains(&text) {
        return Some(vec![Group::One(6), Group::One(0)]);
    }
    if let Some(day) = day(text) {
        return Some(vec![Group::One(day)]);
    }
    if let Some((first, last)) = ends(text)
        && let Some((first, last)) = day(first).zip(day(last))
    {
        return Some(range(first, last));
    }
    // `월수금`
    if text.chars().count() > 1 && text.chars().all(|c| DAYS.iter().any(|names| is_in(names, c))) {
        return text.chars().map(|c| Some(Group::One(day(c.encode_utf8(&mut [0; 4]))?))).collect();
    }
    let split =
        [" and ", ",", ";", "/", "|", "&", "+", " "].into_iter().find(|it| text.contains(*it))?;
    let parts = text.split(split).map(str::trim).filter(|part| !part.is_empty());
    let groups: Option<Vec<Vec<Group>>> = parts.map(days).collect();
    Some(groups?.concat())
}

pub(crate) fn range(first: usize, last: usize) -> Vec<Group> {
    let last = if last == 0 { 7 } else { last };
    match last {
        _ if first == last => vec![Group::One(first)],
        _ if first < last => vec![Group::Range(first, last)],
        _ => (first..=last + 7).map(|day| Group::One(day % 7)).collect(),
    }
}

fn day(text: &str) -> Option<usize> {
    let text = text.trim().trim_end_matches('.');
    DAYS.iter().position(|names| names.contains(&text))
}

fn is_in(names: &[&str], c: char) -> bool {
    !c.is_ascii() && names.contains(&&*c.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_understood_in_both_languages() {
        for (text, expected) in [
            ("Monday", Some("MON")),
            ("MON–FRI", Some("MON-FRI")),
            ("Mon. to Fri.", Some("MON-FRI")),
            ("월-금", Some("MON-FRI")),
            ("월요일부터 금요일까지", Some("MON-FRI")),
            ("월~금", Some("MON-FRI")),
            ("월,수,금", Some("MON,WED,FRI")),
            ("월·수·금", Some("MON,WED,FRI")),
            ("월수금", Some("MON,WED,FRI")),
            ("MON/WED", Some("MON,WED")),
            ("MO,TU-TH", Some("MON,TUE-THU")),
            ("fri - mon", Some("FRI,SAT,SUN,MON")),
            ("sat-sun", Some("SAT-SUN")),
            ("평일", Some("MON-FRI")),
            ("weekends", Some("SAT,SUN")),
            ("1-5", None),
            ("12월", None),
            ("soon", None),
            ("", None),
        ] {
            let found = days(text)
                .map(|groups| groups.into_iter().map(Group::written).collect::<Vec<_>>().join(","));
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
