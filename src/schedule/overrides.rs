//! Owns `[[overrides]]`: the days on which rules have other times, and these times.
//!
//! `check::overrides` makes them. `window` and `times` follow them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::calendar::FiringDays;
use super::cron::Cron;
use super::window::Hours;
use crate::model::language::Language;
use crate::text::sanitize::harmless;
use crate::time::zone::Zone;

/// Local days of a rule's zone, and what is different on them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Override {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    pub change: Change,
    pub because: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// Nothing that begins on these days takes place.
    Skip,
    /// The hours off that begin on these days, in the place of those of a window.
    Off(Hours),
    /// The times of these days, in the place of those of a cron expression.
    Cron(Cron),
}

impl Override {
    pub fn contains(&self, day: NaiveDate) -> bool {
        (self.from..=self.until).contains(&day)
    }

    /// Whether its first day has come in a zone, and something of it is left.
    pub fn is_in_force(&self, zone: Zone, now: DateTime<Utc>) -> bool {
        self.from <= zone.local(now).date() && !self.is_over(zone, now)
    }

    /// Whether nothing of it is left to come in a zone. Hours off that begin on its last day may
    /// end on the next.
    fn is_over(&self, zone: Zone, now: DateTime<Utc>) -> bool {
        let end = match &self.change {
            Change::Off(hours) => hours.end_on_next_day(),
            Change::Skip | Change::Cron(_) => NaiveTime::MIN,
        };
        self.until.succ_opt().is_some_and(|day| zone.local(now) >= day.and_time(end))
    }
}

impl Change {
    /// `off 23:00-08:00`.
    pub fn in_language(&self, language: Language) -> String {
        language.either(match self {
            Self::Skip => ["skipped".to_owned(), "건너뜀".to_owned()],
            Self::Off(hours) => [format!("off {hours}"), format!("{hours} 꺼짐")],
            Self::Cron(cron) => [format!("at `{cron}`"), format!("`{cron}`")],
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

impl Override {
    /// `off 23:00-08:00 from 2026-12-07 until 2026-12-11 (release week)`.
    pub fn in_language(&self, language: Language) -> String {
        let (from, until) = (self.from, self.until);
        let days = if from == until {
            language.either([format!(" on {from}"), format!("{from} ")])
        } else {
            language.either([format!(" from {from} until {until}"), format!("{from} ~ {until} ")])
        };
        let what = self.change.in_language(language);
        let because = self.because.as_deref().map(harmless);
        match (language, because) {
            (Language::English, None) => what + &days,
            (Language::English, Some(because)) => format!("{what}{days} ({because})"),
            (Language::Korean, None) => days + &what,
            (Language::Korean, Some(because)) => format!("{days}{what}({because})"),
        }
    }
}

impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

/// The overrides of a rule in the order of their days. No day has two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Overrides(Vec<Arc<Override>>);

impl Overrides {
    pub const NONE: Self = Self(Vec::new());

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Override>> {
        self.0.iter()
    }

    /// The override of a day.
    pub fn on(&self, day: NaiveDate) -> Option<&Override> {
        let begun = self.0.partition_point(|it| it.from <= day);
        self.0[..begun].last().map(AsRef::as_ref).filter(|it| day <= it.until)
    }

    /// The override of the day before.
    pub(super) fn before(&self, day: NaiveDate) -> Option<&Override> {
        self.on(day.pred_opt()?)
    }

    /// The first day from `day` on that has an override, or follows one.
    pub(super) fn first_touched(&self, day: NaiveDate) -> Option<NaiveDate> {
        let next = self.0.partition_point(|it| it.until.succ_opt().is_some_and(|end| end < day));
        self.0.get(next).map(|it| it.from.max(day))
    }

    /// Adds an override, or returns the one that has some of its days.
    pub(super) fn add(&mut self, new: Arc<Override>) -> Result<(), Arc<Override>> {
        let place = self.0.partition_point(|it| it.until < new.from);
        if let Some(next) = self.0.get(place)
            && next.from <= new.until
        {
            return Err(Arc::clone(next));
        }
        self.0.insert(place, new);
        Ok(())
    }
}

/// The days of a rule without those of its overrides.
#[derive(Clone, Copy)]
pub(super) struct Outside<'o, D>(pub(super) &'o D, pub(super) &'o Overrides);

/// The days of a rule from one to another, both included.
#[derive(Clone, Copy)]
pub(super) struct Within<'o, D>(pub(super) &'o D, pub(super) NaiveDate, pub(super) NaiveDate);

impl<D: FiringDays> FiringDays for Outside<'_, D> {
    fn contain(&self, day: NaiveDate) -> bool {
        self.1.on(day).is_none() && self.0.contain(day)
    }

    fn first_from(&self, mut day: NaiveDate) -> Option<NaiveDate> {
        loop {
            day = self.0.first_from(day)?;
            let Some(overridden) = self.1.on(day) else { return Some(day) };
            day = overridden.until.succ_opt()?;
        }
    }
}

impl<D: FiringDays> FiringDays for Within<'_, D> {
    fn contain(&self, day: NaiveDate) -> bool {
        (self.1..=self.2).contains(&day) && self.0.contain(day)
    }

    fn first_from(&self, day: NaiveDate) -> Option<NaiveDate> {
        let day = day.max(self.1);
        if day > self.2 {
            return None;
        }
        self.0.first_from(day).filter(|day| *day <= self.2)
    }
}

/// An entry of `[[overrides]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverrideEntry {
    pub(super) entry: Arc<Override>,
    /// The bytes of the file that say it.
    pub(super) place: Range<usize>,
    /// The zones of its rules.
    pub(super) zones: Vec<Zone>,
}

impl OverrideEntry {
    pub(super) fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.zones.iter().all(|zone| self.entry.is_over(*zone, now))
    }
}
