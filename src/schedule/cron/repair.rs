//! What was probably meant by an expression that is none: one that `parse` takes, or nothing.
//!
//! Followed to the letter, a hint must lead to what was written: an expression that can be
//! understood in two ways is left to whoever wrote it.

use super::parse::{NICKNAMES, parse};
use crate::time::spoken::{Group, days, plain, span, time};

/// How an expression begins that names its zone, as crontab files and other schedulers have it.
const ZONES: [&str; 2] = ["CRON_TZ=", "TZ="];

/// Words that say nothing.
const FILLERS: [&str; 4] = ["at", "on", "에", "매주"];

/// Words that make a length of time of what looks like a time, unless days stand beside it.
const EVERY: [&str; 2] = ["every", "마다"];

/// What to say about an expression that is none.
pub(super) enum Repair {
    /// Write this, which means the same.
    Write(String),
    /// Words alone.
    Say(String),
}

/// A zone and an expression that stand in one text; the zone as it is written.
#[must_use]
pub fn with_zone(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let prefix = ZONES.iter().find(|prefix| {
        text.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
    })?;
    let (zone, rest) = text[prefix.len()..].split_once(char::is_whitespace)?;
    Some((zone, rest.trim()))
}

/// What was meant by a text that is no expression.
pub(super) fn repair(text: &str) -> Option<Repair> {
    let plain = plain(text);
    let bare = plain.trim().trim_matches(['"', '\'', '`']).trim();
    if with_zone(bare).is_some() {
        let words = "the zone has a key of its own: `timezone`, beside `cron`";
        return Some(Repair::Say(words.to_owned()));
    }
    if let Some(rate) = bare.strip_prefix("rate(") {
        let words = format!("`rate({rate}` has no times of a day: a rule fires at certain times");
        return Some(Repair::Say(words));
    }
    if let Some(off) = span(bare) {
        let words = format!(
            "from when until when servers are off is a window: `off = \"{off}\"` in the place of \
             `action` and `cron`"
        );
        return Some(Repair::Say(words));
    }
    let inner = bare.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')'));
    if let Some(said) = foreign(inner.unwrap_or(bare), inner.is_some()) {
        return Some(said);
    }
    let fields = closed_up(inner.unwrap_or(bare));
    let readings = [nickname(bare), in_fields(&fields), without_remark(&fields), in_words(bare)];
    readings.into_iter().flatten().find(|meant| is_good(meant)).map(Repair::Write)
}

fn is_good(text: &str) -> bool {
    parse(text).is_ok()
}

/// `daily`, `@day`, `@weekdays`.
fn nickname(text: &str) -> Option<String> {
    let name = text.to_lowercase();
    let name = name.trim_start_matches('@');
    let known = |name: &str| NICKNAMES.iter().find(|(nick, _)| nick[1..] == *name);
    match name {
        "annually" | "year" => Some("@yearly".to_owned()),
        "month" => Some("@monthly".to_owned()),
        "week" => Some("@weekly".to_owned()),
        "day" => Some("@daily".to_owned()),
        "hour" => Some("@hourly".to_owned()),
        "weekday" | "weekdays" | "workday" | "workdays" if text.starts_with('@') => {
            Some("0 0 * * MON-FRI".to_owned())
        }
        "weekend" | "weekends" if text.starts_with('@') => Some("0 0 * * SAT,SUN".to_owned()),
        name => known(name).filter(|_| !text.starts_with('@')).map(|(nick, _)| (*nick).to_owned()),
    }
}

/// Fields, without blanks around what joins the parts of one.
fn closed_up(text: &str) -> Vec<String> {
    let mut text = text.replace("...", "-").replace("..", "-").replace('~', "-");
    for (word, joint) in [(" to ", "-"), (" through ", "-"), (" thru ", "-"), (" and ", ",")] {
        text = replaced_ignoring_case(&text, word, joint);
    }
    for joint in ["-", ","] {
        let blanks = [format!(" {joint} "), format!(" {joint}"), format!("{joint} ")];
        for written in blanks {
            text = text.replace(&written, joint);
        }
    }
    text.split_whitespace().map(ToOwned::to_owned).collect()
}

fn replaced_ignoring_case(text: &str, word: &str, by: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut new = String::new();
    let mut done = 0;
    for (at, _) in lower.match_indices(word) {
        new += &text[done..at];
        new += by;
        done = at + word.len();
    }
    new + &text[done..]
}

/// Five or six fields, some of which say in words what a number or a name would.
fn in_fields(fields: &[String]) -> Option<String> {
    let mut fields = fields.to_vec();
    // `20:00 * * MON-FRI`: the time in the place of minute and hour.
    if fields.len() == 4
        && let Some(clock) = time(&fields[0])
    {
        fields.splice(..1, [clock.minute.to_string(), clock.hour.to_string()]);
    }
    let (5 | 6, [.., hour, day, month, weekday]) = (fields.len(), fields.as_mut_slice()) else {
        return None;
    };
    match time(hour) {
        Some(clock) if clock.minute == 0 => *hour = clock.hour.to_string(),
        // The end of a day is the beginning of the next, where all of them are meant.
        None if hour == "24" && [&*day, &*month, &*weekday].iter().all(|it| *it == "*") => {
            "0".clone_into(hour);
        }
        _ => {}
    }
    for (field, unit) in [(day, "일"), (month, "월")] {
        let digits = field.strip_suffix(unit).filter(|it| it.bytes().all(|b| b.is_ascii_digit()));
        if let Some(number) = digits.map(ToOwned::to_owned) {
            *field = number;
        }
        if *field == format!("매{unit}") {
            "*".clone_into(field);
        }
    }
    if let Some(groups) = days(weekday) {
        *weekday = of_week(&groups);
    }
    let text = fields.join(" ").replace(';', ",").replace("**", "*");
    let text = text.replace(",,", ",").replace(", ", " ");
    Some(text.trim_end_matches(',').to_owned())
}

/// The first five or six fields, where a remark or a command follows them.
fn without_remark(fields: &[String]) -> Option<String> {
    let is_remark = |field: &String| {
        field.starts_with(['#', '(', '/', ';', '[', '<'])
            || field.chars().any(|c| !c.is_ascii_alphanumeric() && !"*,-/?#@".contains(c))
            || field.len() > 3 && field.chars().all(char::is_alphabetic)
    };
    let at = [5, 6].into_iter().find(|at| fields.get(*at).is_some_and(is_remark))?;
    in_fields(&fields[..at])
}

/// `8pm`, `weekdays at 20:00`, `매일 오후 8시`.
fn in_words(text: &str) -> Option<String> {
    let text = text.to_lowercase().replace(',', " , ");
    let mut words: Vec<&str> = text.split_whitespace().filter(|it| !FILLERS.contains(it)).collect();
    let before = words.len();
    words.retain(|word| !EVERY.contains(word));
    let is_every = words.len() < before;
    if words.len() > 10 {
        return None;
    }
    let pairs =
        (0..words.len()).flat_map(|from| (from + 1..=words.len()).map(move |to| (from, to)));
    let mut readings: Vec<String> = pairs
        .filter_map(|(from, to)| {
            let clock = time(&words[from..to].join(" "))?;
            let rest = [&words[..from], &words[to..]].concat().join(" ").replace(" , ", ",");
            let weekdays = match rest.trim_matches([' ', ',']) {
                "" if is_every => return None,
                "" | "day" => "*".to_owned(),
                rest => of_week(&days(rest)?),
            };
            Some(format!("{} {} * * {weekdays}", clock.minute, clock.hour))
        })
        .collect();
    readings.sort_unstable();
    readings.dedup();
    let [only] = readings.as_slice() else { return None };
    Some(only.clone())
}

/// The field of days of the week.
fn of_week(groups: &[Group]) -> String {
    if groups == [Group::Range(0, 6)] {
        return "*".to_owned();
    }
    groups.iter().map(|group| group.written()).collect::<Vec<_>>().join(",")
}

/// How AWS and Quartz write it: with a year at the end, and `1` for Sunday.
fn foreign(text: &str, is_aws: bool) -> Option<Repair> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let (last, rest) = fields.split_last()?;
    let is_year = last.len() == 4 && last.bytes().all(|b| b.is_ascii_digit());
    let counts_from_sunday = rest.contains(&"?");
    let is_theirs = match rest.len() {
        5 => {
            let has_mark = rest[2] == "?" || rest[4] == "?";
            is_year || *last == "*" && (is_aws || has_mark || days(rest[4]).is_some())
        }
        6 => is_year || *last == "*",
        _ => false,
    };
    if !is_theirs {
        return None;
    }
    if is_year {
        let words = format!(
            "a rule has no year and comes every year: leave `{last}` out if that is what you mean"
        );
        return Some(Repair::Say(words));
    }
    let (weekday, others) = rest.split_last()?;
    let has_numbers = weekday.bytes().any(|b| b.is_ascii_digit());
    let weekday = match from_sunday(weekday) {
        Some(names) if has_numbers && (counts_from_sunday || is_aws) => names,
        None if has_numbers && (counts_from_sunday || is_aws) => return Some(theirs(weekday)),
        _ if has_numbers => return Some(theirs(weekday)),
        _ => (*weekday).to_owned(),
    };
    let meant = format!("{} {weekday}", others.join(" ")).replace('?', "*");
    is_good(&meant).then_some(Repair::Write(meant))
}

fn theirs(weekday: &str) -> Repair {
    Repair::Say(format!(
        "a rule has no year: 5 fields, or 6 with seconds first. In `{weekday}`, `1` is Monday here \
         and Sunday in Quartz and AWS: names such as `MON` are the same everywhere"
    ))
}

/// Days of the week that count from Sunday as 1, by their names; `None` where there are none, or
/// where it takes a step to say which.
pub(in crate::schedule) fn from_sunday(field: &str) -> Option<String> {
    let names = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    let one = |day: &str| {
        let end = day.find(|c: char| !c.is_ascii_digit()).unwrap_or(day.len());
        let (number, rest) = day.split_at(end);
        if number.is_empty() {
            return Some(day.to_owned());
        }
        let name = names.get(number.parse::<usize>().ok()?.checked_sub(1)?)?;
        Some(format!("{name}{rest}"))
    };
    if field.contains('/') {
        return None;
    }
    let item = |item: &str| match item.split_once('-') {
        Some((first, last)) => Some(format!("{}-{}", one(first)?, one(last)?)),
        None => one(item),
    };
    Some(field.split(',').map(item).collect::<Option<Vec<_>>>()?.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_expression_is_repaired_where_one_thing_only_can_be_meant() {
        for (text, expected) in [
            ("0 20 * * MON–FRI", Some("0 20 * * MON-FRI")),
            ("0 20 * * MON — FRI", Some("0 20 * * MON-FRI")),
            ("0 20 * * mon to fri", Some("0 20 * * MON-FRI")),
            ("0 20 * * 1..5", Some("0 20 * * 1-5")),
            ("0 20 * * 1〜5", Some("0 20 * * 1-5")),
            ("0 20 * * MON, WED", Some("0 20 * * MON,WED")),
            ("0 20 * * Monday", Some("0 20 * * MON")),
            ("0 20 * * weekdays", Some("0 20 * * MON-FRI")),
            ("0 20 * * 월-금", Some("0 20 * * MON-FRI")),
            ("0 20 * * 매일", Some("0 20 * * *")),
            ("0 20 1일 매월 *", Some("0 20 1 * *")),
            ("０ ２０ ＊ ＊ ＊", Some("0 20 * * *")),
            ("0 8pm * * *", Some("0 20 * * *")),
            ("20:00 * * MON-FRI", Some("0 20 * * MON-FRI")),
            ("8pm", Some("0 20 * * *")),
            ("20.00", Some("0 20 * * *")),
            ("오후 8시", Some("0 20 * * *")),
            ("매일 오후 8시 30분", Some("30 20 * * *")),
            ("평일 20:00", Some("0 20 * * MON-FRI")),
            ("every day at 8pm", Some("0 20 * * *")),
            ("MON-FRI 20:00", Some("0 20 * * MON-FRI")),
            ("8pm on Mon, Wed and Fri", Some("0 20 * * MON,WED,FRI")),
            ("0 20 * * 1-5 # weekdays", Some("0 20 * * 1-5")),
            ("0 20 * * MON-FRI root /opt/stop.sh", Some("0 20 * * MON-FRI")),
            ("0 0 20 * * MON # late", Some("0 0 20 * * MON")),
            ("cron(0 20 ? * MON-FRI *)", Some("0 20 * * MON-FRI")),
            ("0 20 ? * 2-6 *", Some("0 20 * * MON-FRI")),
            ("0 20 * * ? *", Some("0 20 * * *")),
            ("0 20 * * MON-FRI *", Some("0 20 * * MON-FRI")),
            ("0 0 20 ? * 6L *", Some("0 0 20 * * FRIL")),
            ("0 0 20 * * MON-FRI *", Some("0 0 20 * * MON-FRI")),
            ("@weekdays", Some("0 0 * * MON-FRI")),
            ("daily", Some("@daily")),
            ("@annually", Some("@yearly")),
            ("0 20 * * *;", Some("0 20 * * *")),
            ("0 20 * * MON-FRI,", Some("0 20 * * MON-FRI")),
            ("0,,30 20 * * *", Some("0,30 20 * * *")),
            ("0 24 * * *", Some("0 0 * * *")),
            ("every Monday at 8pm", Some("0 20 * * MON")),
            // These only get words, or none.
            ("0 0 20 * * 2-6 *", None),
            ("0 20 ? * MON-FRI 2027", None),
            ("CRON_TZ=Asia/Seoul 0 20 * * *", None),
            ("20:00-08:00", None),
            ("0 24 * * MON", None),
            ("every 1h", None),
            ("1h", None),
            ("8시", None),
            ("0 20 * *", None),
            ("@every 1h", None),
            ("soon", None),
        ] {
            let found = match repair(text) {
                Some(Repair::Write(meant)) => Some(meant),
                _ => None,
            };
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
