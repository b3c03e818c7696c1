//! Adds up hours: from the intervals of a server to its sums, the weeks and the hours of the week.
//!
//! `state_history` makes the intervals; [`super::money`] has the arithmetic of prices.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};

use super::WeekReport;
use super::money::{Money, Saved};
use super::spent::{HoursOfWeek, Spent};
use crate::model::instance::{AccountName, Product};
use crate::model::period::Period;
use crate::schedule::prices::Prices;
use crate::state_history::{By, Interval, State};
use crate::time::zone::Zone;

/// An hour of the wall clock, as far as it lies in the period.
#[derive(Clone, Copy, Debug)]
struct Slot {
    until: DateTime<Utc>,
    week: usize,
    day: usize,
    hour: usize,
}

/// The hours of the period, with the time that servers spent in them.
#[derive(Debug)]
pub(super) struct Clockwork {
    span: Period,
    slots: Vec<Slot>,
    pub(super) weeks: Vec<WeekReport>,
    pub(super) hours: HoursOfWeek,
}

/// The products of a server with the time from which each was sold, in order.
pub(super) type Sold<'p> = [(DateTime<Utc>, &'p Product)];

impl Clockwork {
    pub(super) fn new(span: Period, zone: Zone) -> Self {
        let mut clockwork =
            Self { span, slots: Vec::new(), weeks: Vec::new(), hours: HoursOfWeek::default() };
        let mut at = span.from;
        while at < span.until {
            let local = zone.local(at);
            let into = TimeDelta::minutes(local.minute().into())
                + TimeDelta::seconds(local.second().into())
                + TimeDelta::nanoseconds(local.nanosecond().into());
            at = (at + TimeDelta::hours(1) - into).min(span.until);
            let monday = local.date().week(chrono::Weekday::Mon).first_day();
            let week = clockwork.week(monday);
            clockwork.slots.push(Slot {
                until: at,
                week,
                day: index(local.weekday().num_days_from_monday()),
                hour: index(local.hour()),
            });
        }
        clockwork
    }

    /// The index of a week: the last one, or a new one.
    fn week(&mut self, monday: NaiveDate) -> usize {
        if self.weeks.last().is_none_or(|week| week.monday != monday) {
            let (spent, saved) = (Spent::default(), Saved::default());
            self.weeks.push(WeekReport { monday, spent, saved });
        }
        self.weeks.len() - 1
    }

    /// Adds the intervals of a server, which may begin before the period; returns its sums.
    pub(super) fn take(
        &mut self,
        intervals: &[Interval],
        sold: &Sold<'_>,
        prices: (&AccountName, &Prices),
    ) -> (Spent, Saved) {
        let (mut spent, mut saved) = (Spent::default(), Saved::default());
        let mut slots = self.slots.iter().peekable();
        for interval in intervals.iter().filter(|interval| interval.until > self.span.from) {
            let mut at = interval.from.max(self.span.from);
            while let Some(slot) = slots.peek() {
                let until = slot.until.min(interval.until);
                let its_spent = interval.spent(at, until);
                let its_saved = interval.saved((at, until), sold, prices);
                spent += its_spent;
                saved += its_saved;
                self.weeks[slot.week].spent += its_spent;
                self.weeks[slot.week].saved += its_saved;
                self.hours.0[slot.day][slot.hour] += its_spent;
                at = until;
                if slot.until > interval.until {
                    break;
                }
                slots.next();
            }
        }
        (spent, saved)
    }
}

impl Interval {
    fn is_by_us(&self) -> bool {
        matches!(self.by, Some(By::Us(_)))
    }

    /// The time spent in each state in a part of the period.
    fn spent(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Spent {
        Spent::in_state(self.state, until - from, self.is_by_us())
    }

    /// The money saved by being off in a part of the period, at the price of the product of that
    /// time.
    fn saved(
        &self,
        (begin, end): (DateTime<Utc>, DateTime<Utc>),
        sold: &Sold<'_>,
        (account, prices): (&AccountName, &Prices),
    ) -> Saved {
        let mut saved = Saved::default();
        if self.state != State::Off {
            return saved;
        }
        let changes = sold.iter().map(|(at, _)| *at).filter(|at| begin < *at && *at < end);
        let mut from = begin;
        for until in changes.chain([end]) {
            let product = sold.iter().rev().find(|(at, _)| *at <= from).map(|(_, what)| *what);
            match product.and_then(|product| prices.saved_an_hour(account, product)) {
                Some(an_hour) => saved.amount += Money::of(an_hour, until - from),
                None => saved.unpriced += until - from,
            }
            from = until;
        }
        if self.is_by_us() {
            saved.by_us = saved.amount;
        }
        saved
    }
}

fn index(small: u32) -> usize {
    usize::try_from(small).expect("a weekday or an hour is small")
}
