//! The periods that people mean: whole days of a zone, as far as they are over.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};

use crate::model::period::Period;
use crate::time::zone::Zone;

/// The usual number of whole days in a report.
const USUAL: u64 = 30;

/// The beginning of a report whose reader gives only the end, or nothing.
pub fn usual_beginning(until: DateTime<Utc>, zone: Zone) -> DateTime<Utc> {
    days_before(until, zone, USUAL)
}

/// The last seven whole days, and today up to now.
pub fn last_seven_days(now: DateTime<Utc>, zone: Zone) -> Period {
    Period { from: days_before(now, zone, 7), until: now }
}

/// The local month up to now.
pub fn month(now: DateTime<Utc>, zone: Zone) -> Period {
    Period { from: midnight(first_of_month(now, zone), zone), until: now }
}

pub fn last_month(now: DateTime<Utc>, zone: Zone) -> Period {
    let next = first_of_month(now, zone);
    let first = next.checked_sub_months(Months::new(1)).unwrap_or(next);
    Period { from: midnight(first, zone), until: midnight(next, zone) }
}

fn first_of_month(at: DateTime<Utc>, zone: Zone) -> NaiveDate {
    let day = zone.local(at).date();
    day.with_day(1).unwrap_or(day)
}

/// The midnight with which a day begins that is so many days before that of an instant.
fn days_before(at: DateTime<Utc>, zone: Zone, days: u64) -> DateTime<Utc> {
    let day = zone.local(at).date();
    midnight(day.checked_sub_days(Days::new(days)).unwrap_or(day), zone)
}

/// The beginning of a day.
pub(super) fn midnight(day: NaiveDate, zone: Zone) -> DateTime<Utc> {
    zone.instant(day.and_time(NaiveTime::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_periods_begin_at_local_midnights_whatever_the_clocks_do() {
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        // Clocks went back on the 25th of October.
        let now = at("2026-11-01T22:30:00Z");
        let [october, november] = ["2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"].map(at);
        assert_eq!(usual_beginning(now, zone), at("2026-10-01T22:00:00Z"));
        assert_eq!(usual_beginning(november, zone), at("2026-10-01T22:00:00Z"));
        let week = Period { from: at("2026-10-24T22:00:00Z"), until: now };
        assert_eq!(last_seven_days(now, zone), week);
        assert_eq!(month(now, zone), Period { from: november, until: now });
        assert_eq!(last_month(now, zone), Period { from: october, until: november });
    }
}
