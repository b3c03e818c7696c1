//! Owns the end of a hold: reads `--until` and its like, checks `[limits] max_hold`, and finds
//! the end of tonight.
//!
//! Times without a hold's limits are read by `time::time_input`.

use chrono::{DateTime, NaiveTime, TimeDelta, Timelike, Utc};

use crate::model::instance::Action;
use crate::model::known_instance::Directory;
use crate::model::subject::Subject;
use crate::schedule::{Rule, Schedules};
use crate::time::duration::{parse_duration, written};
use crate::time::time_input::{self, NoTime, Side};
use crate::time::zone::Zone;

const DAY: TimeDelta = TimeDelta::days(1);

/// The hour at which a night ends if no rule starts the server.
const MORNING: u32 = 8;

/// Until this hour people still say "tonight" for the night that has begun.
const END_OF_NIGHT: u32 = 6;

/// The reasons why a text gives no end of a hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UntilError {
    #[error(transparent)]
    NoTime(#[from] NoTime),
    #[error("{0} has passed: nothing would be held")]
    Passed(String),
    /// The end is beyond `[limits] max_hold`.
    #[error("{until} is too far away to be held until")]
    TooFar {
        until: String,
        /// The longest hold, as the file writes it.
        longest: String,
        /// The latest end of a hold that begins now.
        end: String,
    },
}

impl UntilError {
    pub fn hint(&self) -> String {
        match self {
            Self::NoTime(_) => "write 02:00, \"tomorrow 08:00\", \"2026-11-24 02:00\", \
                 2026-11-24T02:00:00+09:00, or a time from now such as 90m"
                .to_owned(),
            Self::Passed(_) => "name a time to come, such as 02:00 or 90m".to_owned(),
            Self::TooFar { longest, end, .. } => format!(
                "a hold lasts {longest} at most, now until {end}; `[limits] max_hold` says so"
            ),
        }
    }
}

/// Reads a time to come: a length of time from now, or a time in any form that `time_input` reads,
/// of which the next one is meant.
///
/// # Errors
/// The text is no time, or the time is past, or beyond the longest hold.
pub fn parse(
    text: &str,
    schedules: &Schedules,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, UntilError> {
    let until = read(text, schedules.timezone, now)?;
    judge(until, schedules, now)?;
    Ok(until)
}

fn read(text: &str, zone: Zone, now: DateTime<Utc>) -> Result<DateTime<Utc>, NoTime> {
    if let Ok(ahead) = parse_duration(text) {
        return Ok(now + ahead);
    }
    time_input::parse(text, zone, now, Side::Next)
}

/// Checks that a hold may last until then.
///
/// # Errors
/// The time is past, or beyond the longest hold.
pub fn judge(
    until: DateTime<Utc>,
    schedules: &Schedules,
    now: DateTime<Utc>,
) -> Result<(), UntilError> {
    let shown = |at| schedules.timezone.show(at).format("%F %H:%M%:z").to_string();
    let longest = schedules.holds.longest;
    let end = TimeDelta::from_std(longest).ok().and_then(|longest| now.checked_add_signed(longest));
    if until <= now {
        return Err(UntilError::Passed(shown(until)));
    }
    match end.filter(|end| until > *end) {
        Some(end) => Err(UntilError::TooFar {
            until: shown(until),
            longest: written(longest),
            end: shown(end),
        }),
        None => Ok(()),
    }
}

/// The end of tonight, and the reason for it.
///
/// 1. The evening is the next stop of the subject, if that comes within a day. Otherwise, and before
///    06:00, the evening is `now`.
/// 2. The night ends with the first start after the evening, if that comes within a day.
/// 3. Otherwise the night ends at 08:00.
pub fn tonight(
    subject: &Subject,
    schedules: &Schedules,
    known: &Directory,
    now: DateTime<Utc>,
) -> (DateTime<Utc>, String) {
    let mut stops = known.rules_about(subject, schedules);
    stops.retain(|rule| rule.action == Action::Stop);
    let local = schedules.timezone.local(now);
    let is_night = is_small_hours(schedules.timezone, now);
    let night = if is_night { "this night" } else { "tonight" };
    let stop = first(&stops, now).filter(|(at, _)| !is_night && *at <= now + DAY);
    let evening = stop.map_or(now, |(at, _)| at);
    let starts = known.starts_of(subject, schedules);
    if let Some((at, rule)) = first(&starts, evening).filter(|(at, _)| *at <= evening + DAY) {
        return (at, format!("{night} ends when `{}` starts it", rule.name));
    }
    let day = if is_night { local.date() } else { local.date() + DAY };
    let morning = NaiveTime::from_hms_opt(MORNING, 0, 0).expect("08:00 is a time");
    let why = format!("{night} ends at 08:00: no rule starts it within a day");
    (schedules.timezone.instant(day.and_time(morning)), why)
}

/// Whether the night of [`tonight`] has begun the evening before.
pub fn is_small_hours(zone: Zone, now: DateTime<Utc>) -> bool {
    zone.local(now).hour() < END_OF_NIGHT
}

/// The first firing of any of these rules after a time, with its rule.
fn first<'r>(rules: &[&'r Rule], after: DateTime<Utc>) -> Option<(DateTime<Utc>, &'r Rule)> {
    let firings = rules.iter().filter_map(|rule| Some((rule.next_after(after)?.at, *rule)));
    firings.min_by_key(|(at, _)| *at)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_of_day_is_the_next_one_and_a_duration_is_ahead() {
        let seoul: Zone = "Asia/Seoul".parse().unwrap();
        let now = at("2026-11-23T11:00:00Z"); // 20:00 there
        for (text, expected) in [
            ("02:00", Some("2026-11-23T17:00:00Z")),
            ("20:00", Some("2026-11-24T11:00:00Z")),
            ("20:01", Some("2026-11-23T11:01:00Z")),
            ("90m", Some("2026-11-23T12:30:00Z")),
            ("2026-11-24 02:00", Some("2026-11-23T17:00:00Z")),
            ("2026-11-24", Some("2026-11-23T15:00:00Z")),
            ("2026-11-24T02:00:00+09:00", Some("2026-11-23T17:00:00Z")),
            ("tomorrow", Some("2026-11-23T15:00:00Z")),
            ("tomorrow 02:00", Some("2026-11-23T17:00:00Z")),
            ("tue 08:30", Some("2026-11-23T23:30:00Z")),
            ("someday", None),
            ("25:00", None),
        ] {
            assert_eq!(read(text, seoul, now).ok(), expected.map(at), "{text}");
        }
    }

    #[test]
    fn tonight_ends_when_something_starts_it_or_in_the_morning() {
        let rule = |name: &str, action: &str, cron: &str| {
            format!(
                "[[rules]]\nname = \"{name}\"\naction = \"{action}\"\ncron = \"{cron}\"\n\
                 select = {{ names = [\"dev-*\"] }}\n"
            )
        };
        let night = rule("night", "stop", "0 20 * * MON-FRI");
        let morning = rule("morning", "start", "30 8 * * MON-FRI");
        for (rules, now, expected) in [
            // Monday evening, morning and the small hours.
            (vec![&night, &morning], "2026-11-23 19:00", "2026-11-24 08:30"),
            (vec![&night, &morning], "2026-11-23 07:00", "2026-11-24 08:30"),
            (vec![&night, &morning], "2026-11-24 01:00", "2026-11-24 08:30"),
            (vec![&night], "2026-11-23 19:00", "2026-11-24 08:00"),
            (vec![], "2026-11-23 05:00", "2026-11-23 08:00"),
            // Friday: the next start is on Monday.
            (vec![&night, &morning], "2026-11-27 19:00", "2026-11-28 08:00"),
        ] {
            let head = "timezone = \"Asia/Seoul\"\naccounts.main.platform = \"vpc\"\n";
            let rules: String = rules.into_iter().map(String::as_str).collect();
            let text = format!("{head}{rules}");
            let (schedules, _) = Schedules::parse(Path::new("s.toml"), &text).unwrap();
            let epoch = DateTime::UNIX_EPOCH;
            let local = |text: &str| {
                time_input::parse(text, schedules.timezone, epoch, Side::Next).unwrap()
            };
            let instance = Subject::Instance("dev-a".to_owned());
            for subject in [instance, Subject::Rule("night".to_owned())] {
                let (ends, _) = tonight(&subject, &schedules, &Directory::default(), local(now));
                assert_eq!(ends, local(expected), "{subject} at {now}");
            }
        }
    }
}
