//! Warns of calendars that end soon or cannot be read, and of overrides that are over. Names the
//! rules that use a calendar.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::calendar::{BUILTIN, Calendar, CalendarEntry, Reach};
use super::overrides::OverrideEntry;
use super::problem::Problem;
use super::rule::{Rule, RuleEntry, Schedules};
use super::source::Source;

/// The part of the future that a calendar should know.
const AHEAD: TimeDelta = TimeDelta::days(60);

impl Rule {
    /// A calendar of the rule that could not be read. Then the rule does not fire.
    pub fn lacks(&self) -> Option<&Calendar> {
        let mut calendars = self.times.calendars();
        calendars.find(|calendar| calendar.unreadable.is_some()).map(AsRef::as_ref)
    }
}

impl Schedules {
    /// The enabled rules that use a calendar.
    pub fn looking_at(&self, calendar: &str) -> Vec<String> {
        let looks = |entry: &&RuleEntry| {
            entry[0].enabled
                && entry.iter().any(|rule| rule.times.calendars().any(|it| it.name == calendar))
        };
        self.entries().filter(looks).map(|entry| entry[0].name.to_string()).collect()
    }

    /// A warning for each calendar that has ended or ends within 60 days of `now`: unknown days
    /// count as worked.
    pub fn ending_calendars(&self, now: DateTime<Utc>) -> Vec<Problem> {
        let today = self.timezone.local(now).date();
        let source = Source::new(&self.path, &self.text);
        let warning = |entry: &CalendarEntry| {
            let message = match entry.calendar.reach(today) {
                Reach::Endless => return None,
                Reach::Until { end, .. } if end >= today + AHEAD => return None,
                Reach::From(first) => {
                    format!("calendar `{}` knows no holiday before {first}", entry.calendar.name)
                }
                Reach::Until { end, next } => message(&entry.calendar, (end, next), today),
                Reach::Nowhere => format!("calendar `{}` has no day", entry.calendar.name),
            };
            Some(source.warning(entry.place.clone(), message, hint(&entry.calendar)))
        };
        // An unreadable calendar has been reported already.
        let is_read = |entry: &&CalendarEntry| entry.calendar.unreadable.is_none();
        self.calendars.entries().iter().filter(is_read).filter_map(warning).collect()
    }

    /// A warning for each override with nothing left to come.
    pub fn ended_overrides(&self, now: DateTime<Utc>) -> Vec<Problem> {
        let source = Source::new(&self.path, &self.text);
        let ended = self.overrides.iter().filter(|it| it.is_over(now));
        let warning = |it: &OverrideEntry| {
            let message = format!("this override is over: {}", it.entry);
            let place = it.place.start..it.place.start + "[[overrides]]".len();
            source.warning(place, message, "take it out, or give it days to come")
        };
        ended.map(warning).collect()
    }
}

fn message(
    calendar: &Calendar,
    (end, next): (NaiveDate, Option<NaiveDate>),
    today: NaiveDate,
) -> String {
    let name = &calendar.name;
    let when = match (end - today).num_days() {
        0 => format!("ends today, {end}"),
        1 => format!("ends on {end}, tomorrow"),
        days if days < 0 => format!("ended on {end}"),
        days => format!("ends on {end}, in {days} days"),
    };
    let since = match next {
        Some(next) => format!("between that and {next}"),
        None if end < today => "since".to_owned(),
        None => "after that".to_owned(),
    };
    format!("calendar `{name}` {when}: it knows no holiday {since}")
}

fn hint(calendar: &Calendar) -> &'static str {
    if calendar.name.starts_with(BUILTIN) {
        "a newer version knows more years; until then, write their days into `dates` of a calendar"
    } else {
        "add the days to come; a day that no calendar knows is an ordinary day"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const FILE: &str = "timezone = \"Asia/Seoul\"\naccounts.main.platform = \"vpc\"\n\
        [calendars.off]\ndates = [\"2026-12-25\"]\nworkdays = [\"2026-12-26\"]\n\
        [calendars.kr]\nics = \"builtin:kr\"\n";

    fn said(file: &str, now: &str) -> Vec<String> {
        let (file, _) = Schedules::parse(Path::new("s.toml"), file).unwrap();
        let problems = file.ending_calendars(now.parse().unwrap());
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_calendar_is_doubted_from_60_days_before_its_last_day_on() {
        let off = |said: &str| format!("s.toml:3:12: calendar `off` {said}");
        let kr = "s.toml:6:12: calendar `kr` ended on 2028-12-31: it knows no holiday since";
        for (now, expected) in [
            ("2026-10-26T14:59:00Z", vec![]),
            (
                "2026-10-26T15:00:00Z",
                vec![off("ends on 2026-12-25, in 59 days: it knows no holiday after that")],
            ),
            (
                "2026-12-25T14:59:00Z",
                vec![off("ends today, 2026-12-25: it knows no holiday after that")],
            ),
            ("2026-12-25T15:00:00Z", vec![off("ended on 2026-12-25: it knows no holiday since")]),
            (
                "2029-01-01T00:00:00Z",
                vec![off("ended on 2026-12-25: it knows no holiday since"), kr.to_owned()],
            ),
        ] {
            assert_eq!(said(FILE, now), expected, "{now}");
        }
    }

    #[test]
    fn a_day_far_away_does_not_prolong_a_calendar() {
        let ends = "ends on 2026-12-25, in 32 days: it knows no holiday";
        for (written, expected) in [
            (
                "dates = [\"2026-12-25\", \"2030-01-02\"]",
                format!("{ends} between that and 2030-01-02"),
            ),
            (
                "dates = [\"2026-12-25\", \"9999-12-31\"]",
                format!("{ends} between that and 9999-12-31"),
            ),
            ("dates = [\"2026-12-25\"]\nworkdays = [\"2028-01-08\"]", format!("{ends} after that")),
            ("dates = [\"9999-12-31\"]", "knows no holiday before 9999-12-31".to_owned()),
        ] {
            let file = format!(
                "timezone = \"Asia/Seoul\"\naccounts.main.platform = \"vpc\"\n\
                 [calendars.off]\n{written}\n"
            );
            assert_eq!(
                said(&file, "2026-11-23T00:00:00Z"),
                [format!("s.toml:3:12: calendar `off` {expected}")]
            );
        }
    }
}
