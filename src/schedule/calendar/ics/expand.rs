//! Expands rules day by day. The times of a day are counted, not listed.
//!
//! `expand/days` finds the days, and `expand/times` the times. `series` owns the events.

mod days;
mod series;
mod times;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use series::Part;

use self::days::number;
use self::times::{Times, time};
use super::marks::{LAST, Stop, Work};
use super::rule::{Every, Numbers, Rule, from_monday};

pub(super) use series::{Except, Found, Series, Span};

impl<'r> Series<'r> {
    pub(super) fn of_days(
        rule: &'r Rule,
        start: NaiveDateTime,
        until: Option<NaiveDateTime>,
    ) -> Self {
        let times = Times([vec![0], vec![0], vec![0]]);
        Self::new(rule, start, until, times)
    }

    pub(super) fn of_times(
        rule: &'r Rule,
        start: NaiveDateTime,
        until: Option<NaiveDateTime>,
    ) -> Self {
        let part = |list: &Numbers, of_start: u32| {
            if list.is_empty() {
                return vec![of_start];
            }
            list.iter().filter_map(|part| u32::try_from(*part).ok()).collect()
        };
        let at = start.time();
        let times = Times([
            part(&rule.hours, at.hour()),
            part(&rule.minutes, at.minute()),
            part(&rule.seconds, at.second()),
        ]);
        Self::new(rule, start, until, times)
    }

    fn new(
        rule: &'r Rule,
        start: NaiveDateTime,
        until: Option<NaiveDateTime>,
        times: Times,
    ) -> Self {
        let end = LAST.and_time(NaiveTime::MIN) + TimeDelta::days(1) - TimeDelta::seconds(1);
        let mut series = Self {
            rule,
            start,
            until: until.map_or(end, |until| until.min(end)),
            times,
            months: rule.months.clone(),
            days_of_month: rule.days_of_month.clone(),
            weekdays: rule.weekdays.clone(),
        };
        let day = start.date();
        let is_open = rule.days_of_year.is_empty()
            && rule.days_of_month.is_empty()
            && rule.weekdays.is_empty();
        match rule.every {
            Every::Year if is_open && !rule.weeks.is_empty() => {
                series.weekdays.insert((0, from_monday(day.weekday())));
            }
            Every::Year if is_open => {
                if rule.months.is_empty() {
                    series.months.insert(number(day.month()));
                }
                series.days_of_month.insert(number(day.day()));
            }
            Every::Month if is_open => {
                series.days_of_month.insert(number(day.day()));
            }
            Every::Week if is_open => {
                series.weekdays.insert((0, from_monday(day.weekday())));
            }
            _ => {}
        }
        series
    }

    /// Whether the rule names days that some months or years do not have.
    pub(super) fn can_miss_a_day(&self) -> bool {
        let least = |month: i32| if month == 2 { 28 } else { 30 + (month + month / 8) % 2 };
        let months =
            || (1..=12).filter(|month| self.months.is_empty() || self.months.contains(month));
        let is_missed = |day: &i32| months().any(|month| day.abs() > least(month));
        self.rule.every >= Every::Month
            && (self.days_of_month.iter().any(is_missed)
                || self.rule.days_of_year.iter().any(|day| day.abs() == 366))
    }

    /// Passes on all days of the series, each with its times.
    ///
    /// # Errors
    /// The work is too much, or `found` fails.
    pub(super) fn expand(
        &self,
        except: &mut dyn Except,
        work: &mut Work,
        found: &mut Found<'_>,
    ) -> Result<(), Stop> {
        let mut left = self.rule.count.unwrap_or(u64::MAX);
        if self.rule.every < Every::Day {
            return self.within_days(left, except, work, found);
        }
        let (mut days, mut parts) = (Vec::new(), Vec::new());
        let mut period = Some(self.first_period());
        while let Some(begins) = period.filter(|begins| *begins <= self.until.date()) {
            days.clear();
            self.candidates(begins, &mut days);
            // Counting the weeks of a year takes longer than counting its days.
            let each = if self.rule.weeks.is_empty() { 1 } else { 8 };
            work.take(1 + each * days.len())?;
            days.retain(|day| self.matches(*day));
            days.sort_unstable();
            days.dedup();
            self.parts(&days, &mut parts);
            work.take(parts.len())?;
            for part in &parts {
                let part = self.within(*part, left);
                left -= (part.to - part.from) as u64;
                if let Some(span) = self.span(part, except, work)? {
                    found(work, span)?;
                }
                if left == 0 {
                    return Ok(());
                }
            }
            period = self.period_after(begins);
        }
        Ok(())
    }

    /// The days of a period with their times. If the rule counts positions within a period, only
    /// the days at those positions.
    fn parts(&self, days: &[NaiveDate], parts: &mut Vec<Part>) {
        parts.clear();
        let many = self.times.count();
        if self.rule.positions.is_empty() {
            parts.extend(days.iter().map(|day| Part { day: *day, from: 0, to: many }));
            return;
        }
        let all = days.len() * many;
        let at = |place: &i32| match usize::try_from(*place) {
            Ok(from_begin) => from_begin.checked_sub(1).filter(|at| *at < all),
            Err(_) => all.checked_sub(place.unsigned_abs() as usize),
        };
        let meant: BTreeSet<usize> = self.rule.positions.iter().filter_map(at).collect();
        parts.extend(meant.into_iter().map(|at| {
            let from = at % many;
            Part { day: days[at / many], from, to: from + 1 }
        }));
    }

    /// The part after the start, before the end, and within the count.
    fn within(&self, Part { day, from, to }: Part, left: u64) -> Part {
        let from = match day.cmp(&self.start.date()) {
            Ordering::Less => to,
            Ordering::Equal => from.max(self.times.before(self.start.time())),
            Ordering::Greater => from,
        };
        let to = match day.cmp(&self.until.date()) {
            Ordering::Less => to,
            Ordering::Equal => to.min(self.times.up_to(self.until.time())),
            Ordering::Greater => from,
        };
        let most = usize::try_from(left).unwrap_or(usize::MAX);
        Part { day, from, to: from + to.saturating_sub(from).min(most) }
    }

    /// The times of a day, without the removed ones.
    fn span(
        &self,
        Part { day, from, to }: Part,
        except: &mut dyn Except,
        work: &mut Work,
    ) -> Result<Option<Span>, Stop> {
        let at = |place: usize| day.and_time(self.times.at(place));
        if from >= to {
            return Ok(None);
        }
        if !except.concerns(day) {
            return Ok(Some(Span { first: at(from), last: at(to - 1) }));
        }
        work.take(to - from)?;
        let mut span: Option<Span> = None;
        for at in (from..to).map(at) {
            if !except.takes(at) {
                span = Some(Span { first: span.map_or(at, |span| span.first), last: at });
            }
        }
        Ok(span)
    }

    /// The occurrences of a rule that repeats within a day.
    fn within_days(
        &self,
        mut left: u64,
        except: &mut dyn Except,
        work: &mut Work,
        found: &mut Found<'_>,
    ) -> Result<(), Stop> {
        let unit = match self.rule.every {
            Every::Hour => 3600,
            Every::Minute => 60,
            _ => 1,
        };
        let step = TimeDelta::seconds(self.rule.interval * unit);
        let has = |list: &Numbers, part: u32| list.is_empty() || list.contains(&number(part));
        let mut at = Some(self.start);
        while let Some(now) = at.filter(|now| *now <= self.until && left > 0) {
            work.take(1)?;
            let rule = self.rule;
            let is_time = has(&rule.hours, now.hour())
                && (rule.every == Every::Hour || has(&rule.minutes, now.minute()))
                && (rule.every != Every::Second || has(&rule.seconds, now.second()));
            if is_time && self.matches(now.date()) {
                // Lists give the units below the step, if there are any.
                let (minute, second) = ([now.minute()], [now.second()]);
                let [_, minutes, seconds] = &self.times.0;
                let minutes: &[u32] = if rule.every == Every::Hour { minutes } else { &minute };
                let seconds: &[u32] = if rule.every == Every::Second { &second } else { seconds };
                for (minute, second) in minutes
                    .iter()
                    .flat_map(|minute| seconds.iter().map(move |second| (minute, second)))
                {
                    work.take(1)?;
                    let time = now.date().and_time(time(now.hour(), *minute, *second));
                    if time < self.start || time > self.until || left == 0 {
                        continue;
                    }
                    left -= 1;
                    if !except.takes(time) {
                        found(work, Span { first: time, last: time })?;
                    }
                }
            }
            at = now.checked_add_signed(step);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
