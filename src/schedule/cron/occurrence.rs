//! Turns local times into instants: owns the behaviour of a rule at jumps of the clocks.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};

use super::Cron;
use crate::model::language::Language;
use crate::schedule::calendar::{Days, FiringDays};
use crate::time::zone::{Gap, Instants, Zone};

/// An instant at which a rule falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    pub at: DateTime<Utc>,
    pub note: Option<Note>,
}

/// The effect of a jump of the clocks on an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The local time falls into a gap. The rule fires at the end of the gap.
    Moved {
        /// The local time that does not exist.
        local: NaiveDateTime,
        gap: Gap,
    },
    /// The local time comes twice. The rule fires the first time only.
    FirstOfTwo { local: NaiveDateTime },
    /// The local time comes twice. The rule follows the clock and fires both times; this is the
    /// second.
    SecondPass { local: NaiveDateTime },
}

impl Occurrence {
    /// The first instant at which the clocks reach a local time: the end of the gap, if they jump
    /// over it.
    pub(in crate::schedule) fn once(zone: Zone, local: NaiveDateTime) -> Self {
        match zone.instants(local) {
            Instants::One(at) => Self { at, note: None },
            Instants::Two { first, .. } => {
                Self { at: first, note: Some(Note::FirstOfTwo { local }) }
            }
            Instants::None(gap) => Self { at: gap.ends_at, note: Some(Note::Moved { local, gap }) },
        }
    }

    /// Whether local time can be computed at `after` and a few days around.
    pub(in crate::schedule) fn can_follow(after: DateTime<Utc>) -> bool {
        (1..=9_999).contains(&after.year())
    }

    /// The local day for which the occurrence was written. A jump of the clocks may have moved it
    /// to another day.
    pub fn day(&self, zone: Zone) -> NaiveDate {
        self.local(zone).date()
    }

    /// The local time for which the occurrence was written.
    pub(in crate::schedule) fn local(&self, zone: Zone) -> NaiveDateTime {
        match self.note {
            Some(Note::Moved { local, .. }) => local,
            _ => zone.local(self.at),
        }
    }
}

impl Cron {
    /// The first occurrence after `after`, from 1970 to 2199; `None` if there is none.
    pub fn next_after(&self, zone: Zone, after: DateTime<Utc>) -> Option<Occurrence> {
        self.next_on(&Days::ALL, zone, after)
    }

    /// The same, among occurrences written for one of `days`. An occurrence that a jump moves to
    /// another day counts for the day for which it was written.
    pub fn next_on(
        &self,
        days: &impl FiringDays,
        zone: Zone,
        after: DateTime<Utc>,
    ) -> Option<Occurrence> {
        if !Occurrence::can_follow(after) {
            return None;
        }
        if self.follows_clock {
            self.next_shown(days, zone, after)
        } else {
            self.next_due(days, zone, after)
        }
    }

    pub fn occurrences(
        &self,
        zone: Zone,
        after: DateTime<Utc>,
    ) -> impl Iterator<Item = Occurrence> + '_ {
        let first = self.next_after(zone, after);
        std::iter::successors(first, move |last| self.next_after(zone, last.at))
    }

    /// The next occurrence of a rule that names its times: each local time once, at the first
    /// instant at which the clocks have reached it. Later local times never have earlier instants.
    fn next_due(
        &self,
        days: &impl FiringDays,
        zone: Zone,
        after: DateTime<Utc>,
    ) -> Option<Occurrence> {
        let reached = match zone.second_pass_at(after) {
            // The clocks have been further than they show now.
            Some(fold) => fold.to - TimeDelta::nanoseconds(1),
            None => zone.local(after),
        };
        Some(Occurrence::once(zone, self.local_after(days, reached)?))
    }

    /// The next occurrence of a rule that follows the clock: every instant at which the clocks show
    /// a matching time.
    fn next_shown(
        &self,
        days: &impl FiringDays,
        zone: Zone,
        after: DateTime<Utc>,
    ) -> Option<Occurrence> {
        let mut from = zone.local(after);
        if let Some(fold) = zone.first_pass_at(after) {
            // First the rest of the first pass, then the whole second pass.
            let local = self.local_after(days, from)?;
            if local < fold.to {
                return shown(zone, local, after);
            }
            let again = self.local_after(days, fold.from - TimeDelta::nanoseconds(1))?;
            if let (true, Instants::Two { second, .. }) = (again < fold.to, zone.instants(again)) {
                return Some(Occurrence {
                    at: second,
                    note: Some(Note::SecondPass { local: again }),
                });
            }
        }
        loop {
            let local = self.local_after(days, from)?;
            match zone.instants(local) {
                Instants::None(gap) => from = gap.to - TimeDelta::nanoseconds(1),
                _ => return shown(zone, local, after),
            }
        }
    }
}

/// The first instant after `after` at which the clocks show `local`. `local` must exist.
fn shown(zone: Zone, local: NaiveDateTime, after: DateTime<Utc>) -> Option<Occurrence> {
    match zone.instants(local) {
        Instants::One(at) => Some(Occurrence { at, note: None }),
        Instants::Two { first, .. } if first > after => Some(Occurrence { at: first, note: None }),
        Instants::Two { second, .. } => {
            Some(Occurrence { at: second, note: Some(Note::SecondPass { local }) })
        }
        Instants::None(_) => None,
    }
}

impl Note {
    pub fn in_language(&self, language: Language) -> String {
        let (Self::Moved { local, .. } | Self::FirstOfTwo { local } | Self::SecondPass { local }) =
            self;
        let (time, day) = (time_of_day(*local), local.date());
        language.either(match self {
            Self::Moved { gap, .. } => {
                let [from, to] = [gap.from, gap.to].map(|time| after_day(day, time));
                [
                    format!(
                        "{time} does not exist on {day}, clocks go from {from} to {to}: fires at \
                         {to}"
                    ),
                    format!("{day}에 없는 시각 {time}(시계 {from} → {to}): {to}에 실행"),
                ]
            }
            Self::FirstOfTwo { .. } => [
                format!("{time} comes twice on {day}: fires the first time only"),
                format!("{day}에 두 번 오는 시각 {time}: 첫 번째에만 실행"),
            ],
            Self::SecondPass { .. } => [
                format!("{time} comes twice on {day}: second pass of a repeated hour"),
                format!("{day}에 두 번 오는 시각 {time}: 반복되는 시간의 두 번째"),
            ],
        })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

/// The time of day, after the date if that is not `day`.
fn after_day(day: NaiveDate, time: NaiveDateTime) -> String {
    let of_day = time_of_day(time);
    if time.date() == day { of_day } else { format!("{} {of_day}", time.date()) }
}

/// The seconds are shown only if they are not 0.
fn time_of_day(time: NaiveDateTime) -> String {
    time.format(if time.second() == 0 { "%H:%M" } else { "%H:%M:%S" }).to_string()
}
