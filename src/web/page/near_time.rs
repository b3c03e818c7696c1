//! Draws times as people say them, with the full time in `datetime` and in the title.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use maud::{Markup, html};

use super::frame::Look;

/// Within so many days a day is said by its weekday.
const NEAR: TimeDelta = TimeDelta::days(7);

impl Look {
    /// `20:00` today, `Wed 25, 20:00` within a week, `2026-11-25, 20:00` otherwise.
    pub(super) fn near(self, at: DateTime<Utc>, now: DateTime<Utc>) -> Markup {
        let (local, today) = (self.zone.local(at), self.zone.local(now).date());
        let (day, time) = (local.date(), local.format("%H:%M"));
        let shown = if day == today {
            time.to_string()
        } else if (day - today).abs() < NEAR {
            let day = self.words.near_day(day.weekday(), day.day());
            format!("{day}, {time}")
        } else {
            format!("{day}, {time}")
        };
        let full = self.zone.show(at);
        html! {
            time datetime=(full.to_rfc3339()) title=(full.format("%Y-%m-%d %H:%M:%S%:z")) { (shown) }
        }
    }
}
