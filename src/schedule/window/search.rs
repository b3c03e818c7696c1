//! From windows to instants: where the off-time begins and ends, also where clocks jump.

use std::iter::successors;
use std::mem::replace;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Utc};

use super::Window;
use crate::model::instance::Action;
use crate::schedule::cron::Occurrence;
use crate::time::zone::Zone;

const FIRST_YEAR: i32 = 1970;
const LAST_YEAR: i32 = 2199;

/// No jump of the clocks goes over more days than this.
const LONGEST_JUMP: Days = Days::new(2);

impl Window {
    /// The first time after `after`, from 1970 to 2199, at which it stops, because the off-time
    /// begins, or starts, because it ends; `None` when there is none.
    ///
    /// Each local time counts once, at the first instant at which clocks have reached it, as
    /// that of a cron expression with fixed times does. Where that brings an end and a beginning
    /// to one instant, nothing happens there.
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

    /// The local times from a day on at which the off-time begins (`true`) and ends.
    fn turns_from(&self, first: NaiveDate) -> impl Iterator<Item = (NaiveDateTime, bool)> + '_ {
        let before = first.pred_opt().and_then(|day| self.turns_of(day).last());
        let mut was_off = before.is_some_and(|turn| turn.is_off);
        let turns = self.days_from(first).flat_map(|day| {
            let turns = self.turns_of(day).iter();
            turns.map(move |turn| (day.and_time(turn.time()), turn.is_off))
        });
        turns.filter(move |(_, is_off)| replace(&mut was_off, *is_off) != *is_off)
    }

    /// The days from one on on which anything can turn, and perhaps others. Where whole days
    /// alone are off, these are few: going through all days up to the last year takes long.
    pub(super) fn days_from(&self, first: NaiveDate) -> impl Iterator<Item = NaiveDate> + '_ {
        let next = |day: &NaiveDate| {
            let next = day.succ_opt()?;
            let stays_on = self.hours.are_none() && !self.days.contain(*day);
            if stays_on { self.days.first_from(next) } else { Some(next) }
        };
        successors(Some(first), next).take_while(|day| day.year() <= LAST_YEAR)
    }
}
