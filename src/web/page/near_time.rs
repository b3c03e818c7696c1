//! Draws times as people say them, with the full time in `datetime` and in the title.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::frame::Look;
use super::parts::Text;
use crate::time::near::Near;

impl Look {
    /// `today 20:00` and `tomorrow 08:00`; otherwise as [`Self::near`] says it.
    pub(super) fn near_day(self, at: DateTime<Utc>) -> Markup {
        let (local, today) = (self.zone.local(at), self.zone.local(self.now).date());
        let time = local.format("%H:%M").to_string();
        if local.date() == today {
            self.shown(at, &self.words.today_at(&time))
        } else if Some(local.date()) == today.succ_opt() {
            self.shown(at, &self.words.tomorrow_at(&time))
        } else {
            self.near(at)
        }
    }

    /// `20:00` today, `Wed 25 20:00` within a week, `2026-11-25 20:00` otherwise.
    pub(super) fn near(self, at: DateTime<Utc>) -> Markup {
        self.shown(at, &self.seen_from().minute(at, self.words.0))
    }

    /// The same to the second: `20:00:05`.
    fn near_second(self, at: DateTime<Utc>) -> Markup {
        self.shown(at, &self.seen_from().second(at, self.words.0))
    }

    /// The time of a day, where the day stands beside it.
    pub(super) fn hour(self, at: DateTime<Utc>) -> Markup {
        self.shown(at, &self.zone.show(at).format("%H:%M").to_string())
    }

    /// A time of the log.
    pub(super) fn time(self, at: &str) -> Markup {
        read(at, |at| self.near(at))
    }

    /// A time of the log to the second.
    pub(super) fn second(self, at: &str) -> Markup {
        read(at, |at| self.near_second(at))
    }

    fn seen_from(self) -> Near {
        Near { zone: self.zone, now: self.now }
    }

    /// A time in these words.
    fn shown(self, at: DateTime<Utc>, words: &str) -> Markup {
        let full = self.zone.show(at);
        html! {
            time datetime=(full.to_rfc3339()) title=(full.format("%Y-%m-%d %H:%M:%S%:z")) { (words) }
        }
    }
}

/// A time of the log, or its text if that is no time.
fn read(at: &str, draw: impl FnOnce(DateTime<Utc>) -> Markup) -> Markup {
    at.parse::<DateTime<Utc>>().map_or_else(|_| html! { (Text(at)) }, draw)
}

/// A sentence with a time in the place of its one NUL.
pub(super) fn in_words(sentence: &str, time: &Markup) -> Markup {
    let (before, after) = sentence.split_once('\u{0}').unwrap_or((sentence, ""));
    html! { (before) (time) (after) }
}
