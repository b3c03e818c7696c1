//! Turns windows into instants: finds the beginnings and ends of the off-time, at jumps of the
//! clocks too.

use std::iter::successors;
use std::mem::replace;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::Window;
use super::hours::{end_of_tail, minute_of};
use crate::model::instance::Action;
use crate::schedule::cron::Occurrence;
use crate::schedule::overrides::{Override, Overrides};
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
        overrides: &Overrides,
        (action, zone): (Action, Zone),
        after: DateTime<Utc>,
    ) -> Option<Occurrence> {
        if !Occurrence::can_follow(after) {
            return None;
        }
        let day = zone.local(after).date().checked_sub_days(LONGEST_JUMP)?;
        let first = day.max(NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1)?);
        let turns = self.turns_from(overrides, first);
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

    /// The override that makes a firing what it is: one that replaces the hours which begin there,
    /// or without which nothing would fire at that instant.
    pub fn changed_by<'o>(
        &self,
        overrides: &'o Overrides,
        (action, zone): (Action, Zone),
        firing: &Occurrence,
    ) -> Option<&'o Override> {
        let day = firing.day(zone);
        let (before, on) = (overrides.before(day), overrides.on(day));
        if action == Action::Stop && on.is_some() {
            return on;
        }
        let end = before.map_or(0, |it| end_of_tail(self.hours_of(Some(it))));
        let is_of_day_before = minute_of(firing.local(zone).time()) <= end;
        let changed = if is_of_day_before { before.or(on) } else { on.or(before) }?;
        let just_before = firing.at - TimeDelta::milliseconds(1);
        let usual = self.next_after(&Overrides::NONE, (action, zone), just_before);
        usual.is_none_or(|usual| usual.at != firing.at).then_some(changed)
    }

    /// The local times, from a day on, at which the off-time begins (`true`) or ends.
    fn turns_from<'w>(
        &'w self,
        overrides: &'w Overrides,
        first: NaiveDate,
    ) -> impl Iterator<Item = (NaiveDateTime, bool)> + 'w {
        let before = first.pred_opt();
        let before = before.and_then(|day| self.turns_of(overrides, day).last().copied());
        let mut was_off = before.is_some_and(|turn| turn.is_off);
        let turns = self.days_from(overrides, first).flat_map(move |day| {
            let turns = self.turns_of(overrides, day);
            (0..turns.len()).map(move |at| (day.and_time(turns[at].time()), turns[at].is_off))
        });
        turns.filter(move |(_, is_off)| replace(&mut was_off, *is_off) != *is_off)
    }

    /// The days from one on that can have a turn, and perhaps others. If only whole days are off,
    /// these are few: a walk through all days up to the last year would take long.
    pub(super) fn days_from<'w>(
        &'w self,
        overrides: &'w Overrides,
        first: NaiveDate,
    ) -> impl Iterator<Item = NaiveDate> + 'w {
        let next = move |day: &NaiveDate| {
            let next = day.succ_opt()?;
            let stays_on = self.hours.are_none() && !self.days.contain(*day);
            if !stays_on {
                return Some(next);
            }
            [self.days.first_from(next), overrides.first_touched(next)].into_iter().flatten().min()
        };
        successors(Some(first), next).take_while(|day| day.year() <= LAST_YEAR)
    }
}
