//! Reads expressions with fields that have words, other marks or remarks in the place of numbers.

use super::of_week;
use crate::time::spoken::{days, time};

/// Words of a remark that take days away. A repair must not lose them.
const LEFT_OUT: [&str; 9] =
    ["except", "not", "without", "unless", "holiday", "!", "제외", "빼고", "휴일"];

/// Words before or after an hour of twelve.
const BEFORE: [&str; 6] = ["오전", "오후", "저녁", "아침", "새벽", "밤"];
const BEHIND: [&str; 4] = ["am", "pm", "a.m.", "p.m."];

/// The fields, without blanks around the marks that join parts of a field.
pub(super) fn closed_up(text: &str) -> Vec<String> {
    let mut text = text.replace("...", "-").replace("..", "-").replace('~', "-");
    let joints = [
        (" to ", "-"),
        (" through ", "-"),
        (" thru ", "-"),
        (" and ", ","),
        (" or ", ","),
        (" & ", ","),
        (" + ", ","),
        (" | ", ","),
    ];
    for (word, joint) in joints {
        text = replaced_ignoring_case(&text, word, joint);
    }
    for joint in ["-", ","] {
        let blanks = [format!(" {joint} "), format!(" {joint}"), format!("{joint} ")];
        for written in blanks {
            text = text.replace(&written, joint);
        }
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if let [one] = fields.as_slice()
        && one.contains('*')
    {
        // `0;20;*;*;*`
        let split = [';', ',', '_', '|'].into_iter().find(|it| one.split(*it).count() == 5);
        return split.map_or(vec![(*one).to_owned()], |split| {
            one.split(split).map(ToOwned::to_owned).collect()
        });
    }
    halves_joined(&fields)
}

/// Joins `8 PM` and `오후 8시` into one field.
fn halves_joined(fields: &[&str]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::with_capacity(fields.len());
    let mut begun: Option<&str> = None;
    for field in fields {
        let lower = field.to_lowercase();
        if let Some(half) = begun.take() {
            joined.push(format!("{half}{field}"));
        } else if BEFORE.contains(field) {
            begun = Some(*field);
        } else if let Some(hour) = joined.last_mut().filter(|_| BEHIND.contains(&&*lower)) {
            hour.push_str(&lower);
        } else {
            joined.push((*field).to_owned());
        }
    }
    joined.extend(begun.map(ToOwned::to_owned));
    joined
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

/// Five or six fields, some with words in the place of a number or a name.
pub(super) fn in_fields(fields: &[String]) -> Option<String> {
    let mut fields = fields.to_vec();
    // `20:00 * * MON-FRI`: the time in the place of minute and hour.
    if fields.len() == 4
        && let Some(clock) = time(&fields[0])
    {
        fields.splice(..1, [clock.minute.to_string(), clock.hour.to_string()]);
    }
    let count = fields.len();
    let (5 | 6, [.., minute, hour, day, month, weekday]) = (count, fields.as_mut_slice()) else {
        return None;
    };
    if count == 5 {
        for field in [&mut *minute, &mut *hour, &mut *day, &mut *month, &mut *weekday] {
            *field = field.trim_matches(['(', ')', '[', ']']).to_owned();
            if matches!(field.to_lowercase().as_str(), "any" | "every" | "all") {
                "*".clone_into(field);
            }
        }
    } else if *hour == "*" && days(weekday).is_some() && weekday.len() > 3 {
        // A word after five fields is a remark; after six it is not.
        return None;
    }
    let number = minute.trim_end_matches("min").trim_end_matches(['m', '분']);
    if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) {
        *minute = number.to_owned();
    }
    match time(hour) {
        Some(clock) if clock.minute == 0 => *hour = clock.hour.to_string(),
        // The end of each day is the beginning of the next, if every day is meant.
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

/// The first five or six fields, if a remark or a command follows.
pub(super) fn without_remark(fields: &[String]) -> Option<String> {
    let begins_remark = |field: &String| field.starts_with(['#', '(', '/', ';', '[', '<']);
    // `root /opt/stop.sh`
    let is_command = |at: usize| {
        let is_user = fields[at].bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        is_user && fields.get(at + 1).is_some_and(|next| next.starts_with(['/', '.']))
    };
    let is_remark =
        |at: &usize| fields.get(*at).is_some_and(|field| begins_remark(field) || is_command(*at));
    let at = [5, 6].into_iter().find(is_remark)?;
    let remark = fields[at..].join(" ").to_lowercase();
    let takes_away = LEFT_OUT.iter().any(|word| remark.contains(word));
    in_fields(&fields[..at]).filter(|_| !takes_away)
}
