//! Owns the built-in calendars, with the substitute days that the law adds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Deserialize;

use super::{BUILTIN, Calendar};
use crate::model::language::Language;

/// Their names, after `builtin:`.
pub const NAMES: [&str; 1] = ["kr"];

/// The public holidays of Korea. The file names its sources.
const KR: &str = include_str!("kr.toml");

#[derive(Deserialize)]
struct Data {
    /// The last day that is known.
    until: NaiveDate,
    holidays: BTreeMap<NaiveDate, String>,
}

/// The Korean names of the built-in holidays.
const KOREAN: [(&str, &str); 15] = [
    ("New Year's Day", "신정"),
    ("Seollal", "설날"),
    ("Independence Movement Day", "삼일절"),
    ("Labour Day", "노동절"),
    ("Children's Day", "어린이날"),
    ("Buddha's Birthday", "부처님 오신 날"),
    ("local elections", "지방선거일"),
    ("National Assembly election", "국회의원 선거일"),
    ("Memorial Day", "현충일"),
    ("Constitution Day", "제헌절"),
    ("Liberation Day", "광복절"),
    ("Chuseok", "추석"),
    ("National Foundation Day", "개천절"),
    ("Hangeul Day", "한글날"),
    ("Christmas", "성탄절"),
];

/// The name of a built-in holiday in a language; the name of any other day as it is.
pub fn holiday_in_language(name: &str, language: Language) -> String {
    if language == Language::English {
        return name.to_owned();
    }
    let (day, instead) = match name.strip_prefix("substitute for ") {
        Some(day) => (day, " 대체공휴일"),
        None => (name, ""),
    };
    let known = KOREAN.iter().find(|(english, _)| *english == day);
    known.map_or_else(|| name.to_owned(), |(_, korean)| format!("{korean}{instead}"))
}

/// The calendar of this name, without `builtin:`; `None` if there is none.
pub fn builtin(name: &str) -> Option<Calendar> {
    let text = match name {
        "kr" => KR,
        _ => return None,
    };
    let data: Data = toml::from_str(text).expect("a test reads all that is built in");
    let listed = data.holidays.keys().copied().chain([data.until]).collect();
    let holidays = data.holidays.into_iter().map(|(day, name)| (day, Some(name.into())));
    Some(Calendar {
        name: format!("{BUILTIN}{name}"),
        holidays: holidays.collect(),
        workdays: BTreeSet::new(),
        listed,
        unreadable: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Datelike, Days, Weekday};

    const NEVER: [&str; 4] =
        ["New Year's Day", "Memorial Day", "local elections", "National Assembly election"];
    const IN_DAYS: [&str; 2] = ["Seollal", "Chuseok"];

    fn korean() -> BTreeMap<NaiveDate, String> {
        let holidays = builtin("kr").unwrap().holidays;
        holidays.into_iter().map(|(day, name)| (day, name.unwrap().to_string())).collect()
    }

    /// The substitute days for the holidays, by the law as the file states it.
    fn substitutes(holidays: &BTreeMap<NaiveDate, String>) -> BTreeMap<NaiveDate, String> {
        let mut substitutes = BTreeMap::new();
        let is_weekend = |day: NaiveDate| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        for (day, name) in holidays {
            let meets_another = (day.month(), day.day()) == (10, 3) && name == "Chuseok";
            let is_due = match name.as_str() {
                name if NEVER.contains(&name) => false,
                name if IN_DAYS.contains(&name) => day.weekday() == Weekday::Sun || meets_another,
                _ => is_weekend(*day),
            };
            if is_due {
                let mut free = day.succ_opt().unwrap();
                while is_weekend(free)
                    || holidays.contains_key(&free)
                    || substitutes.contains_key(&free)
                {
                    free = free + Days::new(1);
                }
                substitutes.insert(free, format!("substitute for {name}"));
            }
        }
        substitutes
    }

    #[test]
    fn holidays_and_substitutes_follow_the_law() {
        let (written, holidays): (BTreeMap<_, _>, BTreeMap<_, _>) =
            korean().into_iter().partition(|(_, name)| name.starts_with("substitute"));
        assert_eq!(written, substitutes(&holidays));
    }

    #[test]
    fn every_year_has_each_holiday_of_the_law() {
        let fixed = [
            (1, 1, "New Year's Day"),
            (3, 1, "Independence Movement Day"),
            (5, 1, "Labour Day"),
            (5, 5, "Children's Day"),
            (6, 6, "Memorial Day"),
            (7, 17, "Constitution Day"),
            (8, 15, "Liberation Day"),
            (10, 9, "Hangeul Day"),
            (12, 25, "Christmas"),
        ];
        let korean = korean();
        for year in 2026..=2028 {
            for (month, day, name) in fixed {
                let day = NaiveDate::from_ymd_opt(year, month, day).unwrap();
                assert_eq!(korean.get(&day).map(String::as_str), Some(name), "{day}");
            }
            let days = |wanted: &str| {
                let of_year = korean.iter().filter(|(day, _)| day.year() == year);
                of_year.filter(|(_, name)| *name == wanted).map(|(day, _)| *day).collect::<Vec<_>>()
            };
            for name in IN_DAYS {
                let [first, second, third] = days(name)[..] else { panic!("{name} {year}") };
                assert_eq!([second, third], [first + Days::new(1), first + Days::new(2)]);
            }
            assert_eq!(days("Buddha's Birthday").len(), 1, "{year}");
        }
    }

    #[test]
    fn the_data_reach_to_the_end_of_a_year() {
        let calendar = builtin("kr").unwrap();
        let end = calendar.listed.last().unwrap();
        assert_eq!((end.month(), end.day()), (12, 31));
        assert!(calendar.holidays.keys().all(|day| (2026..=end.year()).contains(&day.year())));
    }

    #[test]
    fn every_built_in_holiday_has_a_korean_name() {
        for (_, name) in korean() {
            let said = holiday_in_language(&name, Language::Korean);
            assert!(!said.contains(|c: char| c.is_ascii_alphabetic()), "{name}: {said}");
        }
        assert_eq!(
            holiday_in_language("substitute for Chuseok", Language::Korean),
            "추석 대체공휴일"
        );
        assert_eq!(holiday_in_language("창립기념일", Language::Korean), "창립기념일");
    }

    #[test]
    fn every_name_has_its_calendar() {
        assert!(NAMES.iter().all(|name| builtin(name).is_some()));
        assert!(builtin("jp").is_none());
    }
}
