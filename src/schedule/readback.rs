//! Describes a rule in one line: its action, its times, and its servers. The author sees the
//! meaning of the file, which may differ from the intention.

use std::sync::Arc;

use chrono::NaiveTime;

use super::calendar::{Calendar, Days};
use super::cron::Cron;
use super::diff::{days_in_words, overrides_in_words, selector_in_korean, selector_in_words};
use super::rule::{Rule, RuleEntry};
use super::times::{Pattern, Times};
use super::window::{WEEK, Window};
use crate::model::instance::Action;
use crate::model::language::Language;
use crate::text::sanitize::harmless;

/// The most times of a day that are named one by one.
const MOST_TIMES: usize = 4;

/// An entry of `[[rules]]` in one line.
pub fn read_back(entry: &RuleEntry) -> String {
    let rule = &entry[0];
    let about = rule.about.as_ref().map(|about| format!(" ({})", harmless(about)));
    let does: Vec<&str> = entry
        .iter()
        .map(|rule| match rule.action {
            Action::Stop => "stops",
            Action::Start => "starts",
        })
        .collect();
    let days = days_in_words(&rule.times.days);
    let overrides = overrides_in_words(&rule.times.overrides);
    let except = match selector_in_words(&rule.except) {
        except if except.is_empty() => String::new(),
        except => format!(", except {except}"),
    };
    let kept = match (rule.enabled, rule.dry_run) {
        (false, _) => "; disabled",
        (true, true) => "; a dry run",
        (true, false) => "",
    };
    format!(
        "rule `{}`{} {} {}{days}{overrides}, {}: {}{except}{kept}",
        rule.name,
        about.unwrap_or_default(),
        does.join(" and "),
        when(&rule.times),
        rule.timezone,
        harmless(&selector_in_words(&rule.select)),
    )
}

/// The hours of an entry of `[[rules]]`, without its overrides: `off 20:00-08:00 and on weekends`,
/// or `stops at 20:00 every day`.
pub fn hours_in_words(entry: &RuleEntry, language: Language) -> String {
    let times = &entry[0].times;
    match (language, &times.pattern) {
        (Language::English, Pattern::Window(..)) => when(times) + &days_in_words(&times.days),
        (Language::English, Pattern::Cron(_)) => {
            let does = if entry[0].action == Action::Stop { "stops" } else { "starts" };
            format!("{does} {}{}", when(times), days_in_words(&times.days))
        }
        (Language::Korean, Pattern::Window(window, _)) => window.in_korean(),
        (Language::Korean, Pattern::Cron(cron)) => {
            let does = if entry[0].action == Action::Stop { "정지" } else { "시작" };
            let at = plain(cron).map_or_else(|| format!("`{cron}`"), |plain| plain.korean());
            format!("{at} {does}{}", days_in_korean(&times.days))
        }
    }
}

/// The days of a rule that calendars choose.
fn days_in_korean(days: &Days) -> String {
    let names = |calendars: &[Arc<Calendar>]| {
        calendars.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join("·")
    };
    let skip = (!days.skip_on.is_empty()).then(|| format!(", {} 휴일 제외", names(&days.skip_on)));
    let only = (!days.only_on.is_empty()).then(|| format!(", {} 날짜에만", names(&days.only_on)));
    let on = days.on.as_ref().map(|_| ", 근무일에만".to_owned());
    skip.into_iter().chain(only).chain(on).collect()
}

/// Whom a rule means: ``names `dev-*`, except names `dev-db` ``.
pub fn selection_in_words(rule: &Rule, language: Language) -> String {
    let [select, except] = [&rule.select, &rule.except].map(|it| {
        harmless(&match language {
            Language::English => selector_in_words(it),
            Language::Korean => selector_in_korean(it),
        })
    });
    if except.is_empty() {
        return select;
    }
    language.either([format!("{select}, except {except}"), format!("{select}. 제외: {except}")])
}

fn when(times: &Times) -> String {
    match &times.pattern {
        Pattern::Cron(cron) => of_cron(cron),
        Pattern::Window(window, _) => of_window(window),
    }
}

fn of_window(window: &Window) -> String {
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    let through_the_day = [10, 12, 15].into_iter().all(|hour| window.is_off_daily(at(hour)));
    let begins_late = !window.is_off_daily(at(23)) && window.is_off_daily(at(5));
    let mark = match () {
        () if through_the_day => " (off through the day)",
        () if begins_late => " (from the small hours on)",
        () => "",
    };
    format!("{window}{mark}")
}

fn of_cron(cron: &Cron) -> String {
    match (plain(cron), cron.describe()) {
        (Some(plain), _) => plain.english(),
        (None, Some(words)) => {
            let words = words.trim_end_matches('.');
            format!("{}{}", words[..1].to_lowercase(), &words[1..])
        }
        (None, None) => format!("by `{cron}`"),
    }
}

fn plain(cron: &Cron) -> Option<Plain> {
    let fields: Vec<&str> = match cron.as_str().trim().to_ascii_lowercase().as_str() {
        "@daily" | "@midnight" => vec!["0", "0", "*", "*", "*"],
        _ => cron.as_str().split_whitespace().collect(),
    };
    plainly(match fields.as_slice() {
        ["0", rest @ ..] if rest.len() == 5 => rest,
        fields => fields,
    })
}

/// Times of a cron expression that are said plainly.
struct Plain {
    /// Hours and minutes.
    times: Vec<(u8, u8)>,
    days: PlainDays,
}

enum PlainDays {
    Every,
    /// Places in [`DAYS`].
    Range(usize, usize),
    Weekdays(Vec<usize>),
    OfMonth(Vec<u8>),
}

/// The days of the week, Sunday first and last: English, Korean.
const DAYS: [[&str; 2]; 8] = [
    ["Sunday", "일"],
    ["Monday", "월"],
    ["Tuesday", "화"],
    ["Wednesday", "수"],
    ["Thursday", "목"],
    ["Friday", "금"],
    ["Saturday", "토"],
    ["Sunday", "일"],
];

fn plainly(fields: &[&str]) -> Option<Plain> {
    let [minute, hour, day, "*", weekday] = fields else { return None };
    let times: Vec<(u8, u8)> = numbers(hour)?
        .into_iter()
        .flat_map(|hour| numbers(minute).unwrap_or_default().into_iter().map(move |it| (hour, it)))
        .collect();
    if times.is_empty() || times.len() > MOST_TIMES {
        return None;
    }
    let days = match (*day, *weekday) {
        ("*" | "?", "*" | "?") => PlainDays::Every,
        ("*" | "?", weekday) => weekdays(weekday)?,
        (day, "*" | "?") => PlainDays::OfMonth(numbers(day)?),
        _ => return None,
    };
    Some(Plain { times, days })
}

fn weekdays(field: &str) -> Option<PlainDays> {
    let day = |text: &str| {
        let named = WEEK.iter().position(|(name, _)| name.eq_ignore_ascii_case(text));
        let place = named.or_else(|| text.parse::<usize>().ok())?;
        (place < DAYS.len()).then_some(place)
    };
    if let Some((first, last)) = field.split_once('-') {
        return Some(PlainDays::Range(day(first)?, day(last)?));
    }
    field.split(',').map(day).collect::<Option<_>>().map(PlainDays::Weekdays)
}

impl Plain {
    fn times(&self) -> Vec<String> {
        self.times.iter().map(|(hour, minute)| format!("{hour:02}:{minute:02}")).collect()
    }

    /// `at 00:22 on Fridays (in the small hours)`.
    fn english(&self) -> String {
        let name = |day: &usize| DAYS[*day][0];
        let days = match &self.days {
            PlainDays::Every => "every day".to_owned(),
            PlainDays::Range(first, last) => format!("from {} to {}", name(first), name(last)),
            PlainDays::Weekdays(days) => {
                let days: Vec<String> = days.iter().map(|day| format!("{}s", name(day))).collect();
                format!("on {}", listed(&days))
            }
            PlainDays::OfMonth(days) => {
                let days: Vec<String> = days.iter().map(ToString::to_string).collect();
                format!("on day {} of each month", listed(&days))
            }
        };
        let are_small = self.times.iter().all(|(hour, _)| *hour < 5);
        let mark = if are_small { " (in the small hours)" } else { "" };
        format!("at {} {days}{mark}", listed(&self.times()))
    }

    /// `월~금 20:00`.
    fn korean(&self) -> String {
        let name = |day: &usize| DAYS[*day][1];
        let days = match &self.days {
            PlainDays::Every => "매일".to_owned(),
            PlainDays::Range(first, last) => format!("{}~{}", name(first), name(last)),
            PlainDays::Weekdays(days) => days.iter().map(name).collect::<Vec<_>>().join("·"),
            PlainDays::OfMonth(days) => {
                let days: Vec<String> = days.iter().map(ToString::to_string).collect();
                format!("매월 {}일", days.join("·"))
            }
        };
        format!("{days} {}", self.times().join(", "))
    }
}

fn numbers(field: &str) -> Option<Vec<u8>> {
    field.split(',').map(|number| number.parse().ok()).collect()
}

/// `a, b and c`.
fn listed(words: &[String]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        words => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::schedule::Schedules;

    #[test]
    fn a_rule_is_read_back_with_odd_hours_marked() {
        for (times, expected) in [
            ("cron = '22 0 * * FRI'", "at 00:22 on Fridays (in the small hours)"),
            ("cron = '0 20 * * 1-5'", "at 20:00 from Monday to Friday"),
            ("cron = '0 20,22 * * MON,WED'", "at 20:00 and 22:00 on Mondays and Wednesdays"),
            ("cron = '0 30 20 * * *'", "at 20:30 every day"),
            ("cron = '@daily'", "at 00:00 every day (in the small hours)"),
            ("cron = '0 20 1,15 * *'", "at 20:00 on day 1 and 15 of each month"),
            ("cron = '0 20 L * *'", "at 20:00, on the last day of the month"),
            ("off = '20:00-08:00'", "off 20:00-08:00"),
            ("off = '08:00-20:00'", "off 08:00-20:00 (off through the day)"),
            ("off = '02:00-08:00'", "off 02:00-08:00 (from the small hours on)"),
        ] {
            let action = if times.starts_with("cron") { "action = 'stop'" } else { "" };
            let text = format!(
                "timezone = 'Asia/Seoul'\naccounts.main.platform = 'vpc'\n[[rules]]\nname = 'r'\n\
                 about = 'night shift'\n{action}\n{times}\nselect.names = ['dev-*']\n"
            );
            let (file, _) = Schedules::parse(Path::new("s.toml"), &text).unwrap();
            let does = if action.is_empty() { "stops and starts" } else { "stops" };
            let entry = file.entries().next().unwrap();
            let hours = hours_in_words(entry, Language::English);
            assert_eq!(hours.trim_start_matches("stops "), expected);
            assert_eq!(
                read_back(file.entries().next().unwrap()),
                format!("rule `r` (night shift) {does} {expected}, Asia/Seoul: names `dev-*`"),
            );
        }
    }

    #[test]
    fn hours_and_servers_are_said_in_korean() {
        for (times, expected) in [
            ("cron = '0 20 * * 1-5'", "월~금 20:00 정지"),
            ("cron = '0 20,22 * * MON,WED'", "월·수 20:00, 22:00 정지"),
            ("cron = '@daily'", "매일 00:00 정지"),
            ("cron = '0 20 1,15 * *'", "매월 1·15일 20:00 정지"),
            ("cron = '0 20 L * *'", "`0 20 L * *` 정지"),
            ("off = '20:00-08:00'", "매일 20:00-08:00 꺼짐"),
            ("off_days = ['FRI', 'weekends']", "금·주말 종일 꺼짐"),
            ("off = '20:00-08:00'\noff_days = ['weekends']", "매일 20:00-08:00, 주말 종일 꺼짐"),
        ] {
            let action = if times.starts_with("cron") { "action = 'stop'" } else { "" };
            let text = format!(
                "timezone = 'Asia/Seoul'\naccounts.main.platform = 'vpc'\n[[rules]]\nname = 'r'\n\
                 {action}\n{times}\nselect.names = ['dev-*']\nexcept.tags = {{ a = 'b' }}\n"
            );
            let (file, _) = Schedules::parse(Path::new("s.toml"), &text).unwrap();
            let entry = file.entries().next().unwrap();
            assert_eq!(hours_in_words(entry, Language::Korean), expected);
            let servers = selection_in_words(&entry[0], Language::Korean);
            assert_eq!(servers, "이름 `dev-*`. 제외: 태그 `a=b`");
        }
    }
}
