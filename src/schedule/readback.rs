//! Describes a rule in one line: its action, its times, and its servers. The author sees the
//! meaning of the file, which may differ from the intention.

use chrono::NaiveTime;

use super::cron::Cron;
use super::diff::{days_in_words, overrides_in_words, selector_in_words};
use super::rule::RuleEntry;
use super::times::{Pattern, Times};
use super::window::{WEEK, Window};
use crate::model::instance::Action;
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
    let fields: Vec<&str> = match cron.as_str().trim().to_ascii_lowercase().as_str() {
        "@daily" | "@midnight" => vec!["0", "0", "*", "*", "*"],
        _ => cron.as_str().split_whitespace().collect(),
    };
    let fields = match fields.as_slice() {
        ["0", rest @ ..] if rest.len() == 5 => rest,
        fields => fields,
    };
    plainly(fields).unwrap_or_else(|| match cron.describe() {
        Some(words) => {
            let words = words.trim_end_matches('.');
            format!("{}{}", words[..1].to_lowercase(), &words[1..])
        }
        None => format!("by `{cron}`"),
    })
}

/// `at 00:22 on Fridays (in the small hours)`.
fn plainly(fields: &[&str]) -> Option<String> {
    let [minute, hour, day, "*", weekday] = fields else { return None };
    let times: Vec<(u8, u8)> = numbers(hour)?
        .into_iter()
        .flat_map(|hour| numbers(minute).unwrap_or_default().into_iter().map(move |it| (hour, it)))
        .collect();
    if times.is_empty() || times.len() > MOST_TIMES {
        return None;
    }
    let days = match (*day, *weekday) {
        ("*" | "?", "*" | "?") => "every day".to_owned(),
        ("*" | "?", weekday) => weekdays(weekday)?,
        (day, "*" | "?") => {
            let days: Vec<String> = numbers(day)?.iter().map(ToString::to_string).collect();
            format!("on day {} of each month", listed(&days))
        }
        _ => return None,
    };
    let are_small = times.iter().all(|(hour, _)| *hour < 5);
    let mark = if are_small { " (in the small hours)" } else { "" };
    let times: Vec<String> =
        times.iter().map(|(hour, minute)| format!("{hour:02}:{minute:02}")).collect();
    Some(format!("at {} {days}{mark}", listed(&times)))
}

fn numbers(field: &str) -> Option<Vec<u8>> {
    field.split(',').map(|number| number.parse().ok()).collect()
}

/// `on Fridays`, `from Monday to Friday`, `on Mondays and Wednesdays`.
fn weekdays(field: &str) -> Option<String> {
    const NAMES: [&str; 8] =
        ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let day = |text: &str| {
        let named = WEEK.iter().position(|(name, _)| name.eq_ignore_ascii_case(text));
        let number = || text.parse::<usize>().ok();
        NAMES.get(named.or_else(number)?).copied()
    };
    if let Some((first, last)) = field.split_once('-') {
        return Some(format!("from {} to {}", day(first)?, day(last)?));
    }
    let days: Vec<String> =
        field.split(',').map(|text| Some(format!("{}s", day(text)?))).collect::<Option<_>>()?;
    Some(format!("on {}", listed(&days)))
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
            assert_eq!(
                read_back(file.entries().next().unwrap()),
                format!("rule `r` (night shift) {does} {expected}, Asia/Seoul: names `dev-*`"),
            );
        }
    }
}
