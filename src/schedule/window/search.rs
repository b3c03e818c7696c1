//! Turns windows into instants: finds the beginnings and ends of the off-time, at jumps of the
//! clocks too.

use std::iter::successors;
use std::mem::replace;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Utc};

use super::Window;
use crate::model::instance::Action;
use crate::schedule::cron::Occurrence;
use crate::time::zone::Zone;

const FIRST_YEAR: i32 = 1970;
const LAST_YEAR: i32 = 2199;

/// The longest jump of clocks.
const LONGEST_JUMP: Days = Days::new(2);

impl Window {
    /// The first firing after `after`, from 1970 to 2199: a stop at a beginning of the off-time, or
    /// a start at its end. `None` if there is none.
    ///
    /// Each local time counts once, at the first instant at which the clocks have reached it, as
    /// with a cron expression that names its times. If an end and a beginning fall on one instant,
    /// nothing happens there.
    pub fn next_after(
        &self,
        action: Action,
        zone: Zone,
        after: DateTime<Utc>,
    ) -> Option<Occurrence> {
        if !Occurrence::can_follow(after) {
            return None;
        }
        let day = zone.local(after).date().checked_sub_days(LONGEST_JUMP)?;
        let turns = self.turns_from(day.max(NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1)?));
        let mut turns =
            turns.map(|(local, is_off)| (is_off, Occurrence::once(zone, local))).peekable();
        while let Some((is_off, occurrence)) = turns.next() {
            let mut turns_it = true;
            while turns.next_if(|(_, other)| other.at == occurrence.at).is_some() {
                turns_it = !turns_it;
            }
            if turns_it && occurrence.at > after && is_off == (action == Action::Stop) {
                return Some(occurrence);
            }
        }
        None
    }

    /// The local times, from a day on, at which the off-time begins (`true`) or ends.
    fn turns_from(&self, first: NaiveDate) -> impl Iterator<Item = (NaiveDateTime, bool)> + '_ {
        let before = first.pred_opt().and_then(|day| self.turns_of(day).last());
        let mut was_off = before.is_some_and(|turn| turn.is_off);
        let turns = self.days_from(first).flat_map(|day| {
            let turns = self.turns_of(day).iter();
            turns.map(move |turn| (day.and_time(turn.time()), turn.is_off))
        });
        turns.filter(move |(_, is_off)| replace(&mut was_off, *is_off) != *is_off)
    }

    /// The days from one on that can have a turn, and perhaps others. If only whole days are off,
    /// these are few: a walk through all days up to the last year would take long.
    pub(super) fn days_from(&self, first: NaiveDate) -> impl Iterator<Item = NaiveDate> + '_ {
        let next = |day: &NaiveDate| {
            let next = day.succ_opt()?;
            let stays_on = self.hours.are_none() && !self.days.contain(*day);
            if stays_on { self.days.first_from(next) } else { Some(next) }
        };
        successors(Some(first), next).take_while(|day| day.year() <= LAST_YEAR)
    }
}
