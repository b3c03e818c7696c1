//! Finds the expression that a wrong text probably means: one that `parse` takes, or none.
//!
//! A hint must lead exactly to the meaning of its author. So a text with two meanings gets no
//! repair. `fields` reads texts with fields, `words` those without, and `elsewhere` the forms of
//! other schedulers.

mod common;
mod elsewhere;
mod fields;
mod words;

use common::{is_good, of_week};

use self::elsewhere::foreign;
use self::fields::{closed_up, in_fields, without_remark};
use self::words::in_words;
use super::form::NICKNAMES;
use crate::time::spoken::{Clock, days, either_half, plain, span};
use crate::time::zone::Zone;

pub(super) use common::Repair;
pub(in crate::schedule) use elsewhere::{from_sunday, from_zero};

/// Prefixes that name the zone, from crontab files and other schedulers.
const ZONES: [&str; 2] = ["CRON_TZ=", "TZ="];

/// Zones in expressions that no database of zones has.
const SHORT_ZONES: [&str; 4] = ["KST", "JST", "SGT", "Z"];

/// Words for every night, without a time.
const NIGHTLY: [&str; 8] =
    ["@nightly", "nightly", "@night", "night", "every night", "매일밤", "매일 밤", "밤마다"];

/// The zone and the expression in one text. The zone is as written.
pub fn with_zone(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let prefix = ZONES.iter().find(|prefix| {
        text.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
    });
    let Some(prefix) = prefix else { return zone_last(text) };
    let (zone, rest) = text[prefix.len()..].split_once(char::is_whitespace)?;
    Some((zone, rest.trim()))
}

/// `0 20 * * MON-FRI Asia/Seoul`
fn zone_last(text: &str) -> Option<(&str, &str)> {
    let (rest, last) = text.rsplit_once(char::is_whitespace)?;
    let zone = last.trim_matches(['(', ')']);
    let is_short = || SHORT_ZONES.iter().any(|known| known.eq_ignore_ascii_case(zone));
    let is_place = zone.len() > 2 && zone.parse::<Zone>().is_ok();
    (is_place || is_short()).then_some((zone, rest.trim()))
}

/// The meaning of a text that is no expression.
pub(super) fn repair(text: &str) -> Option<Repair> {
    let plain = plain(text);
    let bare = plain.trim().trim_matches(['"', '\'', '`']).trim();
    let bare = bare.strip_prefix("OnCalendar=").unwrap_or(bare);
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
    if are_several(bare) {
        let words = "a rule has one expression: make a rule of each".to_owned();
        return Some(Repair::Say(words));
    }
    let fields = closed_up(inner.unwrap_or(bare));
    let readings = [nickname(bare), in_fields(&fields), without_remark(&fields), in_words(bare)];
    let meant = readings.into_iter().flatten().find(|meant| is_good(meant));
    meant.map(Repair::Write).or_else(|| choices(bare).map(Repair::Say))
}

/// Whether a text has several expressions.
fn are_several(text: &str) -> bool {
    [";", "|", "\n", ", "].iter().any(|joint| {
        let parts: Vec<&str> = text.split(joint).map(str::trim).collect();
        parts.len() > 1 && parts.iter().all(|part| is_good(part))
    })
}

/// The choices if a time is missing, or could be in either half of the day.
fn choices(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    if NIGHTLY.contains(&&*lower) {
        return Some("say at which time: every day is `MINUTE HOUR * * *`".to_owned());
    }
    if let Some(groups) = days(text) {
        let days = of_week(&groups);
        return Some(format!("say at which time: these days are `MINUTE HOUR * * {days}`"));
    }
    let [early, late] = either_half(text)?;
    let written = |clock: Clock| format!("`{} {} * * *`", clock.minute, clock.hour);
    Some(format!("say which half of the day: {} or {}", written(early), written(late)))
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
        "midnite" => Some("@midnight".to_owned()),
        "noon" | "midday" => Some("0 12 * * *".to_owned()),
        "hour" => Some("@hourly".to_owned()),
        "weekday" | "weekdays" | "workday" | "workdays" if text.starts_with('@') => {
            Some("0 0 * * MON-FRI".to_owned())
        }
        "weekend" | "weekends" if text.starts_with('@') => Some("0 0 * * SAT,SUN".to_owned()),
        name => known(name).filter(|_| !text.starts_with('@')).map(|(nick, _)| (*nick).to_owned()),
    }
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
            ("every night at 10pm", Some("0 22 * * *")),
            ("매월 1일 20시", Some("0 20 1 * *")),
            ("Mon..Fri *-*-* 20:00:00", Some("0 20 * * MON-FRI")),
            ("0 8 PM * * *", Some("0 20 * * *")),
            ("0분 오후 8시 * * *", Some("0 20 * * *")),
            ("0 20 * * [1-5]", Some("0 20 * * 1-5")),
            ("0 20 * * MON & WED", Some("0 20 * * MON,WED")),
            ("0;20;*;*;*", Some("0 20 * * *")),
            ("@midnite", Some("@midnight")),
            // These get only words, or nothing.
            ("0 0 20 * * 2-6 *", None),
            ("0 20 ? * MON-FRI 2027", None),
            ("CRON_TZ=Asia/Seoul 0 20 * * *", None),
            ("20:00-08:00", None),
            ("0 24 * * MON", None),
            ("every 1h", None),
            ("1h", None),
            ("8시", None),
            ("0 20 * *", None),
            ("0 20 * * 1-5 weekdays", None),
            ("0 20 * * MON-FRI !holiday", None),
            ("0 20 * * 1-5 (not on holidays)", None),
            ("0 20 * * MON-FRI KST", None),
            ("0 20 * * MON; 0 22 * * SAT", None),
            ("MON-FRI", None),
            ("@nightly", None),
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
