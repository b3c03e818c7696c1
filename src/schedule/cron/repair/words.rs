//! Reads expressions without fields: `8pm`, `weekdays at 20:00`, `매일 오후 8시`.

use super::of_week;
use crate::time::spoken::{days, time};

const FILLERS: [&str; 6] = ["at", "on", "the", "에", "매주", "*-*-*"];

/// Words for every day beside a time.
const DAILY: [&str; 5] = ["day", "night", "nightly", "evening", "morning"];

/// Words that turn a time into a length of time, unless days stand beside it.
const EVERY: [&str; 2] = ["every", "마다"];

/// `8pm`, `weekdays at 20:00`, `매일 오후 8시`.
pub(super) fn in_words(text: &str) -> Option<String> {
    let text = text.to_lowercase().replace(',', " , ");
    let is_weekly =
        text.contains("매주") || text.contains("weekly") || text.contains("every week ");
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
            let days = match rest.trim_matches([' ', ',']) {
                "" if is_every || is_weekly => return None,
                "" => "* * *".to_owned(),
                rest if DAILY.contains(&rest) => "* * *".to_owned(),
                rest => match day_of_month(rest) {
                    Some(day) => format!("{day} * *"),
                    None => format!("* * {}", of_week(&days(rest)?)),
                },
            };
            Some(format!("{} {} {days}", clock.minute, clock.hour))
        })
        .collect();
    readings.sort_unstable();
    readings.dedup();
    let [only] = readings.as_slice() else { return None };
    Some(only.clone())
}

/// `매월 1일`
fn day_of_month(text: &str) -> Option<u8> {
    let day = text.strip_prefix("매월")?.trim().strip_suffix('일')?;
    day.trim().parse().ok().filter(|day| (1..=31).contains(day))
}
