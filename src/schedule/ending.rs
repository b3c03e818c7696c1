//! Calendars that know too little of the days to come.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::calendar::{BUILTIN, Calendar, Entry};
use super::problem::{Problem, Source};
use super::rule::Schedules;

/// How far ahead a calendar should reach.
const AHEAD: TimeDelta = TimeDelta::days(60);

impl Schedules {
    /// A warning for each calendar that ends within 60 days of `now`, or has ended: a day that it
    /// does not know is worked.
    #[must_use]
    pub fn ending_calendars(&self, now: DateTime<Utc>) -> Vec<Problem> {
        let today = self.timezone.local(now).date();
        let source = Source::new(&self.path, &self.text);
        let warning = |entry: &Entry| {
            let message = match entry.calendar.known_until {
                Some(end) if end >= today + AHEAD => return None,
                Some(end) => message(&entry.calendar, end, today),
                None => format!("calendar `{}` has no day", entry.calendar.name),
            };
            Some(source.warning(entry.place.clone(), message, hint(&entry.calendar)))
        };
        self.calendars.entries().iter().filter_map(warning).collect()
    }
}

fn message(calendar: &Calendar, end: NaiveDate, today: NaiveDate) -> String {
    let name = &calendar.name;
    match (end - today).num_days() {
        0 => format!("calendar `{name}` ends today, {end}: it knows no holiday after that"),
        1 => format!("calendar `{name}` ends on {end}, tomorrow: it knows no holiday after that"),
        days if days < 0 => format!("calendar `{name}` ended on {end}: it knows no holiday since"),
        days => {
            format!(
                "calendar `{name}` ends on {end}, in {days} days: it knows no holiday after that"
            )
        }
    }
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

    #[test]
    fn a_calendar_is_doubted_from_60_days_before_its_last_day_on() {
        let (file, _) = Schedules::parse(Path::new("s.toml"), FILE).unwrap();
        let said = |now: &str| {
            let problems = file.ending_calendars(now.parse().unwrap());
            problems.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let none: [&str; 0] = [];
        let at = "s.toml:3:12: calendar `off`";
        for (now, expected) in [
            ("2026-10-26T14:59:00Z", none.map(str::to_owned).to_vec()),
            (
                "2026-10-27T15:00:00Z",
                vec![format!(
                    "{at} ends on 2026-12-26, in 59 days: it knows no holiday after that"
                )],
            ),
            (
                "2026-12-26T14:59:00Z",
                vec![format!("{at} ends today, 2026-12-26: it knows no holiday after that")],
            ),
            (
                "2026-12-26T15:00:00Z",
                vec![format!("{at} ended on 2026-12-26: it knows no holiday since")],
            ),
            (
                "2029-01-01T00:00:00Z",
                vec![
                    format!("{at} ended on 2026-12-26: it knows no holiday since"),
                    "s.toml:6:12: calendar `kr` ended on 2028-12-31: it knows no holiday since"
                        .to_owned(),
                ],
            ),
        ] {
            assert_eq!(said(now), expected, "{now}");
        }
    }
}
