//! The spans of nights: from noon to noon. [`crate::report::periods`] has the month.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use crate::model::period::Period;
use crate::time::zone::Zone;

/// Noon, as an hour.
const NOON: u32 = 12;

/// The night that begins at noon of a local day.
fn night(day: NaiveDate, zone: Zone) -> Period {
    let noon = |day: NaiveDate| {
        let noon = NaiveTime::from_hms_opt(NOON, 0, 0).expect("an hour of the clock");
        zone.instant(day.and_time(noon))
    };
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    Period { from: noon(day), until: noon(next) }
}

/// The night that began yesterday at noon, also while it is still night.
pub fn last_night(now: DateTime<Utc>, zone: Zone) -> Period {
    let today = zone.local(now).date();
    night(today.checked_sub_days(Days::new(1)).unwrap_or(today), zone)
}

/// The night that begins or began today at noon.
pub fn tonight(now: DateTime<Utc>, zone: Zone) -> Period {
    night(zone.local(now).date(), zone)
}
